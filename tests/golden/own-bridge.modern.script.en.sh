#!/usr/bin/env bash
# Put Docker's containers on bridge bridge0 instead of docker0.
# Made by: bridgekit own-bridge bridge0 192.168.5.1/24
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash docker ip service jq

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=own-bridge-bridge0 TOTAL=12 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
foreign() { ! grep -qE $'\t'"ip link del dev ${1//./\\.}\$" "$UNDO" 2>/dev/null || "${@:2}"; }   # not made by this run, or so already
bridge_or_free() { has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
forwarding() {   # forwarding VERSION: the host's forwarding, and what the kernel changes with it
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore
subnet_free() {   # subnet_free SUBNET INTERFACE...
  local own="${*:2}" others
  own=${own//./\\.}
  others=$({ ip -4 route show root "$1"; ip -4 route show match "$1"; } | grep -vE "^default | dev (${own// /|})( |\$)") || :
  [ -z "$others" ]
}

# The Docker engine, as a service of this host.
engine_answers() {   # engine_answers: it runs, and after at most half a minute answers
  local try
  for ((try = 0; try < 300; try++)); do
    service docker status >/dev/null 2>&1 || return 1
    docker version >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  return 1
}
engine_on() { engine_answers && is "$1" docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge; }
engine_off_or_on() { ! service docker status >/dev/null 2>&1 || engine_on "$1"; }
engine_settled() { ! service docker status >/dev/null 2>&1 || engine_answers; }
engine_lets_go() { ! service docker status >/dev/null 2>&1 || ! is true docker info -f '{{.LiveRestoreEnabled}}'; }
engine_names() {
  local name=${1//./\\.}
  grep -qsE "^[^#]*-b=$name([\"'[:space:]]|\$)" /etc/default/docker ||
    grep -qsE "\"bridge\"[[:space:]]*:[[:space:]]*\"$name\"" /etc/docker/daemon.json
}
engine_files() {   # daemon.json and default/docker: =BYTES in base64, - (no file), -- (no folder either)
  local file
  for file in /etc/docker/daemon.json /etc/default/docker; do
    if [ -e "$file" ]; then printf '=%s ' "$(base64 -w 0 <"$file")"
    elif [ -d "${file%/*}" ]; then printf -- '- '
    else printf -- '-- '; fi
  done
}
engine_revive() {   # systemd counts failed starts and soon refuses more
  systemctl reset-failed docker >/dev/null 2>&1 || :
  service docker start
}
engine_unset() {   # engine_unset BRIDGE FILES ACCEPT_RA: the files as before, or without this setting if they were edited; the engine leaves the bridge while it is there
  local was=()
  read -ra was <<<"$2"
  options_back "$1" "${was[1]}"
  settings_back "$1" "${was[0]}"
  engine_revive && engine_answers
  [ -z "$3" ] || sysctl -qw "net/ipv6/conf/$1/accept_ra=$3"
}
options_back() {
  local file=/etc/default/docker line="DOCKER_OPTS=\"-b=$1\"" new
  grep -qsF -e "$line" "$file" || return 0
  if { base64 -d <<<"${2#[=-]}"; printf '%s\n' "$line"; } 2>/dev/null | cmp -s - "$file"; then put_back "$file" "$2"; return $?; fi
  new=$(grep -vxF -e "$line" "$file" || :)
  replace "$file" <<<"$new"
}
settings_back() {
  local file=/etc/docker/daemon.json old new
  grep -qsE "\"bridge\"[[:space:]]*:[[:space:]]*\"${1//./\\.}\"" "$file" || return 0
  old=$(base64 -d <<<"${2#[=-]}" 2>/dev/null) || old=
  if jq -se 'map(del(.bridge, .bip)) | .[0] == (.[1] // {})' "$file" <(printf '%s' "$old") >/dev/null; then put_back "$file" "$2"; return $?; fi
  new=$(jq -s '(.[0] | del(.bridge, .bip)) + (.[1] // {} | with_entries(select(.key | IN("bridge", "bip"))))' "$file" <(printf '%s' "$old")) &&
    replace "$file" <<<"$new"
}
put_back() {
  case $2 in
  =*) base64 -d <<<"${2#=}" | replace "$1" ;;
  -) rm "$1" ;;
  --) rm "$1" && rmdir --ignore-fail-on-non-empty "${1%/*}" ;;
  esac
}
replace() { cat >"$1.new" && chmod --reference="$1" "$1.new" && chown --reference="$1" "$1.new" && mv "$1.new" "$1"; }
made_of() {   # what `ip -batch` makes the same bridge of
  local as mac='' queue=0
  as=$(ip -o link show dev "$1" 2>/dev/null) || return 0
  [[ $as =~ link/ether\ ([0-9a-f:]+) ]] && mac=${BASH_REMATCH[1]}
  [[ $as =~ qlen\ ([0-9]+) ]] && queue=${BASH_REMATCH[1]}
  printf 'link add name %s txqueuelen %s address %s type bridge\n' "$1" "$queue" "$mac"
  ip -o addr show dev "$1" scope global | sed -nE "s/^[0-9]+: +[^ ]+ +inet6? ([^ ]+( brd [^ ]+)?) .*/addr add \1 dev $1/p"
}
remake() { ip -batch - <<<"$1"; }
only_address() {   # only_address INTERFACE ADDRESS
  local others
  others=$(ip -4 -o addr show dev "$1" 2>/dev/null | grep -vF " inet $2 ") || :
  [ -z "$others" ]
}

# Talking.
say()    { printf '%s\n' "$*" 2>/dev/null || :; }
report() { [ -z "$words" ] || say "${so:-ok} $number/$TOTAL $words"; words='' so=''; }
step()   { report; number=$1 words=$2 netns=${3:-} said='' guard=(); }
quote()  { local out; printf -v out '%q ' "$@"; printf '%s' "${out% }"; }
refuse() { say "bridgekit: $1" >&2; exit 3; }
fail()   {   # fail COMMAND: leaving takes back what this run made
  [ "$MODE" = up ] || { so=WRONG bad=1; return 0; }
  trap '' PIPE   # nobody may be left who listens
  { say "FAILED $number/$TOTAL $words"; say "  $1"; [ -z "$said" ] || say "  ${said//$'\n'/$'\n'  }"; hint; } >&2
  words=''; exit 1
}
hint() {
  case $said in
  *'Unknown device type'*) say '  hint: this kernel has no such kind of interface' ;;
  *'File exists'*) say '  hint: it, or something of its name, is there already; look with: bridgekit show' ;;
  *'Operation not permitted'*) say '  hint: root of this namespace is needed' ;;
  *'not a TTY'*) say '  hint: start the container in a terminal of its own, then, with the script in a file (--output FILE): GUEST=ID bash FILE' ;;
  esac
}

# A step: `unless` it is so already, write down its `undo`, `run` it.  A probe: `expect` or `refute`.
need()   { "${@:2}" || { [ -z "$touched" ] || { said=$1; fail "$(quote "${@:2}")"; }; refuse "$1"; }; }
unless() {
  guard=("$@")
  [ "$1" != foreign ] || guard=("${@:3}")
  if ("$@") >/dev/null 2>&1; then so=same; shared; fi   # a subshell, so that a trap meanwhile still speaks aloud
}
asked()  {   # the question of this step, to the very namespace that bears the name now
  local path=/var/run/netns/$netns
  [ -z "$netns" ] || printf 'is %s stat -L -c %%i %s && ' "$(stat -L -c %i "$path")" "$path"
  quote "${guard[@]}"
}
undo()   { [ -n "$so" ] || [ "$MODE" != up ] || add "$UNDO" "$(asked)"$'\t'"$(quote "$@")"; }
run()    {
  [ -z "$so" ] || return 0
  [ "$MODE" = up ] || { so=MISSING bad=1; return 0; }
  touched=1
  said=$("$@" 2>&1 </dev/null) || fail "$(quote "$@")"
}
expect() { if ! said=$("${@:2}" 2>&1 </dev/null) || [[ $said != *"$1"* ]]; then fail "$(quote "${@:2}")  # must work${1:+, and print $1}"; fi; }
refute() { ! said=$("$@" 2>&1 </dev/null) || fail "$(quote "$@")  # must fail"; }

# The journal: each undo is written down before its step runs.
add()    { grep -qxF -e "$2" "$1" 2>/dev/null || printf '%s\n' "$2" >>"$1"; }
ours()   { [ -e "$UNDO" ] && cut -f1 "$UNDO" | grep -xF -e "$1" >/dev/null; }
shared() { [ "$MODE" != up ] || ours "$(asked)" || add "$USES" "$(asked)"; }
count()  { if [ -e "$UNDO" ]; then wc -l <"$UNDO"; else echo 0; fi; }
log()    { printf '%s\t' "$@" >>"$LOG"; date -u +%FT%T.%3NZ >>"$LOG"; }
lock()   {   # one run at a time; a command still in flight keeps the lock
  while :; do
    install -d -m 700 "$STATE" || refuse "cannot use $STATE"
    exec 9<"$STATE"
    flock -w 10 9 || refuse 'another run is under way'
    [ "$STATE" -ef /proc/self/fd/9 ] && return 0
  done
}
take_back() {   # take_back N: undo all but the first N lines, newest first
  local lines=() kept=() i asked command heir
  [ ! -e "$UNDO" ] || mapfile -t lines <"$UNDO"
  for ((i = ${#lines[@]} - 1; i >= $1; i--)); do
    asked=${lines[i]%%$'\t'*} command=${lines[i]#*$'\t'}
    if heir=$(heir_of "$asked"); then
      inherit "$heir" "${lines[i]}"
      keep "${lines[@]:0:i}" "${kept[@]}"
      disclaim "$heir" "$asked"
    elif eval "$asked" >/dev/null 2>&1 && ! said=$(eval "$command" 2>&1 </dev/null) && eval "$asked" >/dev/null 2>&1; then
      say "could not take back: $command" >&2; say "  $said" >&2
      kept=("${lines[i]}" "${kept[@]}") bad=1
    fi
  done
  if [ -z "$again" ] && [ "$1" = 0 ] && [ ${#kept[@]} = 0 ]; then forget; return 0; fi
  keep "${lines[@]:0:$1}" "${kept[@]}"
}
keep() { if [ $# = 0 ]; then rm -f "$UNDO"; else printf '%s\n' "$@" >"$NEW"; mv "$NEW" "$UNDO"; fi; }
heir_of() {   # another run in force that needs the same thing
  local uses
  for uses in "$STATE"/*.uses; do
    [ "$uses" = "$USES" ] || ! grep -qxF -e "$1" "$uses" 2>/dev/null || { echo "${uses%.uses}"; return 0; }
  done
  return 1
}
inherit() {
  say "kept, because it is needed by ${1##*/}: ${2#*$'\t'}"
  { printf '%s\n' "$2"; cat "$1.undo" 2>/dev/null || :; } >"$1.new"
  mv "$1.new" "$1.undo"
}
disclaim() { { grep -vxF -e "$2" "$1.uses" || :; } >"$1.new"; mv "$1.new" "$1.uses"; }
forget() { rm -f "$UNDO" "$USES" "$LOG" "$NEW"; rmdir "$STATE" 2>/dev/null || :; }
leave()  {   # however it ends, nothing half-done stays
  local code=$?
  trap - EXIT ERR; trap '' INT TERM HUP PIPE; set +e
  if [ "$MODE" = up ] && [ -z "$finished" ]; then
    [ "$code" = 0 ] || code=3
    take_back "$mark"
    if [ -n "$bad" ]; then say 'not everything could be taken back; try again: bash FILE down' >&2; code=1
    elif [ -n "$touched" ]; then say 'rolled back' >&2; code=1; fi
  fi
  exit "$code"
}
stop()   { said='stopped by a signal'; fail "SIG$1"; }
up()     {
  lock
  trap leave EXIT
  trap 'fail "$BASH_COMMAND"' ERR
  trap 'stop INT' INT; trap 'stop TERM' TERM; trap 'stop HUP' HUP; trap 'stop PIPE' PIPE
  if grep -q ^finished "$LOG" 2>/dev/null; then again=1
  elif [ -e "$LOG" ]; then say 'an unfinished run is taken back first'; take_back 0; lock; fi
  mark=$(count)
  [ -e "$LOG" ] || log started own-bridge "$TOTAL" "$(checksum)" 'bridgekit own-bridge bridge0 192.168.5.1/24'
}
checksum() {
  if [[ ${BRIDGEKIT_SHA256:-} =~ ^[0-9a-f]{64}$ ]]; then echo "$BRIDGEKIT_SHA256"
  elif [ -f "${BASH_SOURCE[0]:-}" ]; then sha256sum <"${BASH_SOURCE[0]}" | cut -d' ' -f1
  else echo -; fi
}
finish() {
  report
  [ "$MODE" = up ] || exit "${bad:-0}"
  finished=1
  grep -q ^finished "$LOG" || log finished
}

[ "$(id -u)" = 0 ] || refuse 'root is needed.  Run it with sudo, or with --sandbox in a throw-away host'
case $MODE in
up)
  command -v docker >/dev/null || refuse 'a program is missing: docker: apt-get install docker.io'
  command -v ip >/dev/null || refuse 'a program is missing: ip: apt-get install iproute2'
  command -v service >/dev/null || refuse 'a program is missing: service: apt-get install init-system-helpers'
  command -v jq >/dev/null || refuse 'a program is missing: jq: apt-get install jq'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'the Docker engine does not run; start it first: service docker start' engine_answers
need 'bridge0 exists and is not a bridge' bridge_or_free bridge0
need 'a route of this host overlaps 192.168.5.0/24; choose another subnet' subnet_free 192.168.5.0/24 bridge0 docker0
need 'bridge0 has another IPv4 address than 192.168.5.1/24, and the engine would take that one' only_address bridge0 192.168.5.1/24
need 'with live-restore on, containers outlive their engine and would lose their bridge; turn it off first' engine_lets_go

step 1 'Stop the Docker engine.'
  unless engine_off_or_on bridge0
  undo   engine_revive
  run    service docker stop

step 2 'Take docker0 down.'
  unless lacks ip link show dev docker0 up
  undo   ip link set docker0 up
  run    ip link set docker0 down

step 3 'Remove bridge docker0.'
  unless lacks ip link show dev docker0
  undo   remake "$(made_of docker0)"
  run    ip link del dev docker0

step 4 'Make bridge bridge0.'
  unless has '' ip link show dev bridge0 type bridge
  undo   ip link del dev bridge0
  run    ip link add name bridge0 type bridge

step 5 'Give bridge0 a MAC address of its own.'
  unless foreign bridge0 has ' 02:42:' ip link show dev bridge0
  undo   ip link set bridge0 address "$(ip -o link show dev bridge0 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set bridge0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 6 'Give bridge0 the address 192.168.5.1/24.'
  unless has 'inet 192.168.5.1/24 ' ip addr show dev bridge0
  undo   ip addr del 192.168.5.1/24 dev bridge0
  run    ip addr add 192.168.5.1/24 brd + dev bridge0

step 7 'Bring bridge0 up.'
  unless has '' ip link show dev bridge0 up
  undo   ip link set bridge0 down
  run    ip link set bridge0 up

step 8 'The bridge has its address.'
  expect 'inet 192.168.5.1/24 ' ip addr show bridge0

step 9 'Tell the engine to use bridge0.'
  unless engine_names bridge0
  undo   engine_unset bridge0 "$(engine_files)" "$(sysctl -n -e net/ipv6/conf/bridge0/accept_ra)"
  run    sh -c 'mkdir -p /etc/docker && cp -p /etc/docker/daemon.json /etc/docker/daemon.json.new ; cat -- /etc/docker/daemon.json | jq -s '"'"'add + {bridge: "bridge0"} | del(.bip)'"'"' > /etc/docker/daemon.json.new && mv /etc/docker/daemon.json.new /etc/docker/daemon.json || ! rm /etc/docker/daemon.json.new'

step 10 'Start the Docker engine.'
  unless engine_on bridge0
  undo   service docker stop
  run    service docker start
need 'the Docker engine runs but does not answer' engine_settled

step 11 'The engine uses it.'
  expect bridge0 docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge

step 12 'Remove docker0, if the engine brought it back.'
  unless lacks ip link show dev docker0
  run    ip link del dev docker0

finish
