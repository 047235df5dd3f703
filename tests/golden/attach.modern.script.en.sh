#!/usr/bin/env bash
# Join web to bridge br666 as 10.0.0.2/24.
# Made by: bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash docker mount ip
# Set in the environment to change:
GUEST=${GUEST:-web}

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=attach-web-eth0 TOTAL=16 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
foreign() { ! grep -qE $'\t'"ip link del dev ${1//./\\.}\$" "$UNDO" 2>/dev/null || "${@:2}"; }   # not made by this run, or so already
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
bridge_or_free() { has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
port_or_free() { ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return $?; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
route_or_free() {   # route_or_free NETNS FAMILY GATEWAY
  lacks nsenter --net="$1" ip "$2" route show default || has "via $3 " nsenter --net="$1" ip "$2" route show default
}
fetch() { lacks ip -n "$2" link show dev "$1" || ip -n "$2" link set "$1" netns "$$"; }

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
  [ -e "$LOG" ] || log started attach "$TOTAL" "$(checksum)" 'bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1'
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
  command -v mount >/dev/null || refuse 'a program is missing: mount: apt-get install mount'
  command -v ip >/dev/null || refuse 'a program is missing: ip: apt-get install iproute2'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

step 1 "Learn the process id of $GUEST."
  pid=$(docker inspect -f '{{.State.Pid}}' "$GUEST")
need "the guest is not running: process $pid does not exist" test -e "/proc/$pid/ns/net"
need "the guest shares the host's network; it must have a network namespace of its own" own_netns "/proc/$pid/ns/net"
need 'br666 exists and is not a bridge' bridge_or_free br666
need "veth_84aa61e, veth_84aa61e_p or the guest's eth0 is in use; undo what made it, or choose others with --veth, --peer, --interface" pair_or_free veth_84aa61e veth_84aa61e_p "/proc/$pid/ns/net" eth0
need 'the guest has another default route than the one through 10.0.0.1' route_or_free "/proc/$pid/ns/net" -4 10.0.0.1
need 'the name web leads to another namespace; undo what made it, or choose another with --netns' name_or_free /var/run/netns/web "/proc/$pid/ns/net"
need 'veth_84aa61e is a port of something else already; take it out there first' port_or_free veth_84aa61e br666

step 2 'Make a namespace named web.'
  unless test -e /var/run/netns/web
  undo   ip netns del web
  run    ip netns add web

step 3 "Put the container's namespace behind the name web."
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/web
  undo   umount /var/run/netns/web
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/web

step 4 'Make a veth pair, veth_84aa61e and veth_84aa61e_p.'
  unless has '' ip link show dev veth_84aa61e type veth
  undo   ip link del dev veth_84aa61e
  run    ip link add name veth_84aa61e type veth peer name veth_84aa61e_p

step 5 'Move veth_84aa61e_p into web.'
  unless lacks ip link show dev veth_84aa61e_p
  undo   fetch veth_84aa61e_p web
  run    ip link set veth_84aa61e_p netns web

step 6 '[web] Rename veth_84aa61e_p to eth0.' web
  unless has '' ip -n web link show dev eth0
  undo   ip -n web link set eth0 name veth_84aa61e_p
  run    ip -n web link set veth_84aa61e_p name eth0

step 7 '[web] Bring lo up.' web
  unless has '' ip -n web link show dev lo up
  undo   ip -n web link set lo down
  run    ip -n web link set lo up

step 8 '[web] Give eth0 the address 10.0.0.2/24.' web
  unless has 'inet 10.0.0.2/24 ' ip -n web addr show dev eth0
  undo   ip -n web addr del 10.0.0.2/24 dev eth0
  run    ip -n web addr add 10.0.0.2/24 brd + dev eth0

step 9 '[web] Bring eth0 up.' web
  unless has '' ip -n web link show dev eth0 up
  undo   ip -n web link set eth0 down
  run    ip -n web link set eth0 up

step 10 'Make bridge br666.'
  unless has '' ip link show dev br666 type bridge
  undo   ip link del dev br666
  run    ip link add name br666 type bridge

step 11 'Give br666 a MAC address of its own.'
  unless foreign br666 has ' 02:42:' ip link show dev br666
  undo   ip link set br666 address "$(ip -o link show dev br666 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 12 'Make veth_84aa61e a port of bridge br666.'
  unless has '' ip link show dev veth_84aa61e master br666
  undo   ip link set veth_84aa61e nomaster
  run    ip link set veth_84aa61e master br666

step 13 "Give br666 the gateway's address 10.0.0.1/24, if this run makes the bridge."
  unless foreign br666 has 'inet 10.0.0.1/24 ' ip addr show dev br666
  undo   ip addr del 10.0.0.1/24 dev br666
  run    ip addr add 10.0.0.1/24 brd + dev br666

step 14 'Bring br666 up.'
  unless has '' ip link show dev br666 up
  undo   ip link set br666 down
  run    ip link set br666 up

step 15 'Bring veth_84aa61e up.'
  unless has '' ip link show dev veth_84aa61e up
  undo   ip link set veth_84aa61e down
  run    ip link set veth_84aa61e up

step 16 '[web] Route everything else through 10.0.0.1.' web
  unless has '' ip -n web -4 route show default via 10.0.0.1
  undo   ip -n web route del default via 10.0.0.1
  run    ip -n web route add default via 10.0.0.1 dev eth0

finish
