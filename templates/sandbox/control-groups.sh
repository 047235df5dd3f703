#!/usr/bin/env bash
# The control groups of a real engine's containers are the one thing of a throw-away host that the kernel keeps.
#   control-groups.sh NAME              remove the group NAME and all below it
#   control-groups.sh NAME COMMAND...   become COMMAND, and remove them when its last process has gone: also if it was killed
set -euo pipefail

sweep() {
  local try state
  for ((try = 0; try < 250; try++)); do
    # What cgroup v1 has frozen (docker pause) does not even die of SIGKILL.
    while read -r state; do echo THAWED >"$state"; done < <(find /sys/fs/cgroup -path "*/$1/*" -name freezer.state)
    find /sys/fs/cgroup -depth -type d '(' -path "*/$1" -o -path "*/$1/*" ')' -exec rmdir {} + && return
    sleep 0.02   # until the kernel has taken the processes out
  done 2>/dev/null
  echo "bridgekit: control groups are left: $(find /sys/fs/cgroup -type d -name "$1" -printf '%p ')" >&2
  return 1
}

if [ $# -gt 1 ]; then
  # Every process of COMMAND has the writing end of this pipe, so its end is theirs.
  exec {alive}> >(trap '' INT TERM HUP; cat >/dev/null; sweep "$1")
  BRIDGEKIT_ALIVE=$alive exec "${@:2}"   # of all descriptors root.py keeps this one
fi
sweep "$1"
