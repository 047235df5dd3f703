#!/usr/bin/env bash
# `service docker start|stop|restart|status` where the engine is real, as Debian's init script does it:
# DOCKER_OPTS come from /etc/default/docker, and dockerd itself reads /etc/docker/daemon.json.
set -euo pipefail
own=/run/host/engine seconds=60

die() { printf 'service: %s\n' "$1" >&2; exit "${2:-1}"; }
running() { [ -e "$own/pid" ] && [ "$(cat "/proc/$(cat "$own/pid")/comm" 2>/dev/null)" = dockerd ]; }
last_words() { tail -n 5 "$own/log" | sed 's/^time=[^ ]* //' >&2; }

start() {
  if running; then return; fi
  local DOCKER_OPTS='' pid
  # shellcheck source=/dev/null
  if [ -e /etc/default/docker ]; then . /etc/default/docker; fi
  # As a daemon it keeps no file of its starter's open, where a lock may be on it; but the pipe of control-groups.sh.
  # The options that keep this engine apart from the machine's are not in its files, which so begin empty.
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || [ -p "/proc/self/fd/$fd" ] || eval "exec $fd>&-"
    done
    # shellcheck disable=SC2086  # they are words
    exec setsid dockerd --data-root "$own/data" --exec-root "$own/exec" --pidfile "$own/pid" \
      --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(cat "$own/cgroup")" $DOCKER_OPTS
  ) </dev/null >"$own/log" 2>&1 &
  pid=$!
  until docker version >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || { last_words; die "dockerd ended"; }
    [ "$SECONDS" -lt "$seconds" ] || { kill "$pid"; last_words; die "dockerd does not answer"; }
    sleep 0.05
  done
}

stop() {
  if ! running; then return; fi
  local pid
  pid=$(cat "$own/pid")
  kill "$pid"
  timeout "$seconds" tail --pid="$pid" -s 0.02 -f /dev/null || die "dockerd does not end"
}

[ "${1:-}" = docker ] || die "${1:-}: unrecognized service"
case ${2:-} in
start) start ;;
stop) stop ;;
restart) stop; start ;;
status) if running; then echo "docker is running"; else die "docker is not running" 3; fi ;;
*) die "say: service docker start|stop|restart|status" 2 ;;
esac
