#!/usr/bin/env bash
# `service docker start|stop|restart|status` where no engine is: of all that an engine does at its start, the bridge.
# As a real one it makes docker0 unless another bridge is named, which must be there, and leaves it at its stop;
# and where it used docker0 before, it first makes that once more.
set -euo pipefail
running=/run/host/docker-is-running notes=/run/host/docker-bridge

die() { printf 'service: %s\n' "$1" >&2; exit "${2:-1}"; }

# The bridge that /etc/default/docker or /etc/docker/daemon.json names.
named_bridge() {
  local DOCKER_OPTS='' word
  # shellcheck source=/dev/null
  if [ -e /etc/default/docker ]; then . /etc/default/docker; fi
  # shellcheck disable=SC2086  # they are words
  set -- $DOCKER_OPTS
  for word; do
    case $word in
    -b | --bridge) printf '%s' "${2:-}"; return ;;
    -b=* | --bridge=*) printf '%s' "${word#*=}"; return ;;
    esac
    shift
  done
  [ ! -s /etc/docker/daemon.json ] || "$BRIDGEKIT_PYTHON" -I -S -c '
import json, sys
try:
    print(json.load(open("/etc/docker/daemon.json")).get("bridge", ""))
except (ValueError, AttributeError) as error:
    sys.exit(f"unable to configure the Docker daemon with file /etc/docker/daemon.json: {error}")'
}

make_docker0() {
  ! ip link show dev docker0 >/dev/null 2>&1 || return 0
  ip link add name docker0 type bridge
  ip addr add 172.17.0.1/16 brd 172.17.255.255 dev docker0
  ip link set docker0 up
}

start() {
  local bridge
  [ ! -e "$running" ] || return 0
  bridge=$(named_bridge) || die "dockerd ended"
  if [ -n "$bridge" ]; then
    [ "$bridge" = none ] || ip link show dev "$bridge" >/dev/null 2>&1 || die "dockerd ended: could not find bridge $bridge"
  fi
  if [ -z "$bridge" ] || grep -qsx docker0 "$notes"; then make_docker0; fi
  printf '%s\n' "${bridge:-docker0}" | tee "$notes" >"$running"
}

[ "${1:-}" = docker ] || die "${1:-}: unrecognized service"
case ${2:-} in
start) start ;;
stop) rm -f "$running" ;;
restart) rm -f "$running"; start ;;
status) if [ -e "$running" ]; then echo "docker is running"; else die "docker is not running" 3; fi ;;
*) die "say: service docker start|stop|restart|status" 2 ;;
esac
