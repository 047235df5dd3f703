#!/usr/bin/env bash
# docker and podman, as far as the throw-away host has them: containers are processes of this host, each in
# network, UTS and mount namespaces of its own, without an image and without the right to change its network.
set -euo pipefail
shopt -u patsub_replacement 2>/dev/null || :   # what a label says is not part of a pattern
engine=${0##*/} all=/run/host/containers/${0##*/}

refuse() { printf '%s: %s\n' "$engine" "$1" >&2; exit "${2:-1}"; }
# The folder of the container with this name or the beginning of this id.
find_container() {
  local folder
  for folder in "$all"/*/; do
    if [ -d "$folder" ] && { [ "$(cat "$folder/name")" = "$1" ] || [[ $(basename "$folder") == "$1"* ]]; }; then
      printf '%s' "${folder%/}"
      return
    fi
  done
  refuse "Error: No such object: $1"
}
running() { [ -e "/proc/$(cat "$1/pid")/ns/net" ]; }

run() {
  local name='' net='' hostname='' id folder image labels=()
  while [[ ${1:-} == -* ]]; do
    case $1 in
    -t | -i | -d | -ti | -it | -dt | -td | -di | -id | -dit | -dti | -tid | -itd | -idt | -tdi | --rm) ;;
    --name | -h | --hostname | --net | --network) set -- "$1=${2:?}" "${@:3}"; continue ;;
    --name=*) name=${1#*=} ;;
    -h=* | --hostname=*) hostname=${1#*=} ;;
    --net=* | --network=*) net=${1#*=} ;;
    -l | --label) set -- "--label=${2:?}" "${@:3}"; continue ;;
    --label=*) labels+=("${1#*=}") ;;
    *) refuse "the throw-away host's $engine does not know $1" 125 ;;
    esac
    shift
  done
  [[ $net =~ ^(none|host|container:.+)$ ]] || refuse "the throw-away host's $engine gives no network: say --net=none" 125
  image=${1:?an image}
  shift
  id=$(sed -n 1p /run/host/ids)
  sed -i 1d /run/host/ids
  [ -n "$id" ] || id=$(printf '%s' "$engine $(date +%s%N)" | sha256sum | cut -c1-12)
  name=${name:-$id} hostname=${hostname:-$id}
  for folder in "$all"/*/; do
    [ ! -e "$folder/name" ] || [ "$(cat "$folder/name")" != "$name" ] || refuse "the name $name is in use" 125
  done
  folder=$all/$id
  mkdir "$folder"
  printf '%s\n' "$name" >"$folder/name"
  printf '%s\n' "$image" >"$folder/image"
  printf '%s\n' "$hostname" >"$folder/called"
  printf '%s\0' "$net" "$@" >"$folder/command"
  printf '%s\0' "${labels[@]}" >"$folder/labels"
  start "$folder" "$net" "$@"
  printf '%s\n' "$id"
}

start() {
  local folder=$1 net=() into=() of fd
  cat "$folder/called" >"$folder/hostname"   # each start writes these files anew
  printf '127.0.0.1\tlocalhost\n' >"$folder/hosts"
  cat /etc/resolv.conf >"$folder/resolv.conf" 2>/dev/null || : >"$folder/resolv.conf"
  case $2 in
  none) net=(--net) ;;
  container:*) of=$(find_container "${2#*:}"); into=(nsenter --net="/proc/$(cat "$of/pid")/ns/net") ;;
  esac
  date -u +%FT%T.%NZ >"$folder/started"
  mkfifo "$folder/ready"
  (
    for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done
    exec setsid "${into[@]}" unshare "${net[@]}" --uts --mount "$0" --first-process "$folder" "${@:3}"
  ) </dev/null >/dev/null 2>"$folder/log" &
  printf '%s\n' "$!" >"$folder/pid"
  [ "$(timeout 10 cat "$folder/ready")" = ready ] || refuse "the container did not start: $(cat "$folder/log")" 125
  rm "$folder/ready"
  tell_start "$folder"
  [ $# -gt 2 ] || [ "$(cat "$folder/image")" != httpd ] || await_port_81 "$(cat "$folder/pid")" || refuse "no web server" 125
}

start_again() {
  local folder words=()
  folder=$(find_container "$1")
  mapfile -d '' words <"$folder/command"
  running "$folder" || start "$folder" "${words[@]}"
}

# Events: each start, a line of JSON; beside them, line by line, the second of each.
tell_start() {
  local id name at
  id=$(basename "$1") name=$(cat "$1/name") at=$(date +%s%N)
  case $engine in
  docker) printf '{"Type":"container","Action":"start","Actor":{"ID":"%s","Attributes":{"name":"%s"}},"timeNano":%s}\n' "$id" "$name" "$at" ;;
  podman) printf '{"ID":"%s","Name":"%s","Status":"start","Time":"%s","Type":"container"}\n' "$id" "$name" "$(cat "$1/started")" ;;
  esac >>"$all.events"
  printf '%s\n' "${at%?????????}" >>"$all.seconds"
}
events() {
  local since=0
  while [ $# -gt 0 ]; do
    case $1 in
    --since) since=${2%.*} ;;
    --format | --filter) ;;   # there is nothing but what is always asked for
    *) refuse "the throw-away host's $engine does not know events $1" ;;
    esac
    shift 2
  done
  touch "$all.events" "$all.seconds"
  since=$(awk -v since="$since" '$1 < since { past++ } END { print past + 1 }' "$all.seconds")
  exec tail -n "+$since" -f "$all.events"
}

# A web server may be asked as soon as its container is there.
await_port_81() {
  local try
  for ((try = 0; try < 500; try++)); do
    ! grep -q ':0051 00000000:0000 0A' "/proc/$1/net/tcp" || return 0
    sleep 0.02
  done
  return 1
}

# What the container's first process does: its own names, lo, no right over the network, then wait.
first_process() {
  local folder=$1 file
  hostname "$(cat "$folder/hostname")"
  mount -t tmpfs tmpfs /run/netns   # the host's names of namespaces are none of a container's
  [ /proc/self/ns/net -ef /proc/1/ns/net ] || ip link set lo up
  for file in hosts hostname resolv.conf; do
    [ -e "/etc/$file" ] || { mkdir -p "$(dirname "$(readlink -m "/etc/$file")")" && : >"$(readlink -m "/etc/$file")"; }
    mount --bind "$folder/$file" "/etc/$file"
  done
  echo ready >"$folder/ready"
  shift
  [ $# -gt 0 ] || [ "$(cat "$folder/image")" != httpd ] || set -- "$BRIDGEKIT_PYTHON" -I -S /run/host/httpd.py 80 81
  case ${1:-sh} in
  sh | bash | /bin/sh | /bin/bash) set -- sleep infinity ;;   # a shell without a terminal would end at once
  esac
  exec setpriv --bounding-set=-net_admin,-sys_admin "$@"
}

inspect() {
  local folder name format
  [[ ${1:-} == -f || ${1:-} == --format ]] || refuse "the throw-away host's $engine only does: inspect -f TEMPLATE"
  for name in "${@:3}"; do
    folder=$(find_container "$name")
    inspect_one "$2" "$folder"
  done
}

inspect_one() {
  local format=$1 folder=$2
  format=${format//'{{.State.Pid}}'/$(if running "$folder"; then cat "$folder/pid"; else echo 0; fi)}
  format=${format//'{{.State.Running}}'/$(if running "$folder"; then echo true; else echo false; fi)}
  format=${format//'{{json .State.Pid}}'/$(if running "$folder"; then cat "$folder/pid"; else echo 0; fi)}
  format=${format//'{{json .Name}}'/\"/$(cat "$folder/name")\"}
  format=${format//'{{json .State.StartedAt}}'/\"$(cat "$folder/started")\"}
  format=${format//'{{.Id}}'/$(basename "$folder")}
  format=${format//'{{.HostsPath}}'/$folder/hosts}
  format=${format//'{{.HostnamePath}}'/$folder/hostname}
  format=${format//'{{.ResolvConfPath}}'/$folder/resolv.conf}
  format=${format//'{{.Name}}'//$(cat "$folder/name")}
  while [[ $format =~ '{{index .Config.Labels "'([a-z.]+)'"}}' ]]; do format=${format/"${BASH_REMATCH[0]}"/$(label "$folder" "${BASH_REMATCH[1]}")}; done
  [[ ${format/'{{json .Config.Labels}}'/} != *'{{'* ]] || refuse "the throw-away host's $engine does not know the template $1"
  [[ $format != *'{{json .Config.Labels}}'* ]] || format=${format/'{{json .Config.Labels}}'/$(labels "$folder")}
  printf '%s\n' "$format"
}

label() { tr '\0' '\n' <"$1/labels" | sed -n "s/^$2=//p"; }   # one without a line's end in it
labels() {
  "$BRIDGEKIT_PYTHON" -I -S -c '
import json, sys
pairs = filter(None, open(sys.argv[1], errors="replace").read().split("\0"))
print(json.dumps(dict(pair.partition("=")[::2] for pair in pairs)))' "$1/labels"
}

ps_() {
  local folder also_ended=''
  [ "${1:-}" != -a ] || { also_ended=1; shift; }
  [ "${1:-}" != --format ] || [ "$2" = '{{.Names}}' ] || refuse "the throw-away host's $engine only does: ps --format {{.Names}}"
  if [[ ${1:-} != -q && ${1:-} != --format ]]; then printf '%-14s %-20s %s\n' 'CONTAINER ID' IMAGE NAMES; fi
  for folder in "$all"/*/; do
    { [ -d "$folder" ] && { [ -n "$also_ended" ] || running "$folder"; }; } || continue
    if [ "${1:-}" = -q ]; then basename "$folder"; continue; fi
    if [ "${1:-}" = --format ]; then cat "$folder/name"; continue; fi
    printf '%-14s %-20s %s\n' "$(basename "$folder")" "$(cat "$folder/image")" "$(cat "$folder/name")"
  done
}

exec_() {
  local folder
  while [[ ${1:-} == -* ]]; do shift; done
  folder=$(find_container "$1")
  running "$folder" || refuse "Error: container $1 is not running"
  exec nsenter --target "$(cat "$folder/pid")" --net --uts --mount \
    setpriv --bounding-set=-net_admin,-sys_admin "${@:2}"
}

stop() {
  local folder pid
  folder=$(find_container "$1")
  pid=$(cat "$folder/pid")
  kill -KILL "$pid" 2>/dev/null || :
  timeout 5 tail --pid="$pid" -s 0.02 -f /dev/null
}

# Of the engine that `service docker` stands in for: that it runs, and its bridge.
service_says() {
  [ -e /run/host/docker-is-running ] || refuse 'Cannot connect to the Docker daemon. Is the docker daemon running?'
  case $* in
  version) echo "a stand-in" ;;
  'network inspect -f {{index .Options "com.docker.network.bridge.name"}} bridge') cat /run/host/docker-is-running ;;
  *) refuse "the throw-away host's $engine does not know: $*" ;;
  esac
}

case ${1:-} in
version | network) service_says "$@" ;;
run) run "${@:2}" ;;
ps) ps_ "${@:2}" ;;
inspect) inspect "${@:2}" ;;
exec) exec_ "${@:2}" ;;
stop | kill) for name in "${@:2}"; do stop "$name"; echo "$name"; done ;;
start) for name in "${@:2}"; do start_again "$name"; echo "$name"; done ;;
restart)
  [ "${2:-}" != -t ] || shift 2
  for name in "${@:2}"; do stop "$name"; start_again "$name"; echo "$name"; done ;;
events) events "${@:2}" ;;
rm)
  [ "${2:-}" = -f ] && shift
  for name in "${@:2}"; do
    folder=$(find_container "$name")
    stop "$name"
    rm -r "$folder"
    { basename "$folder"; cat /run/host/ids; } >/run/host/ids.new   # the next container gets this id again
    mv /run/host/ids.new /run/host/ids
    echo "$name"
  done ;;
--first-process) first_process "${@:2}" ;;
*) refuse "the throw-away host's $engine knows run, ps, inspect, exec, events, start, stop, restart and rm" ;;
esac
