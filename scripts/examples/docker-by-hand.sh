#!/usr/bin/env bash
# Docker's network, by hand: a container joined to a bridge, and out to the world.
# Made by: bridgekit learn docker-by-hand
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash docker mount ip iptables ping sysctl
# Set in the environment to change:
GUEST=${GUEST:-6414d7278905}
IMAGE=${IMAGE:-ubuntu:14.04}
UPLINK=${UPLINK:-em1}
OUTSIDE=${OUTSIDE:-203.0.113.2}

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=docker-by-hand TOTAL=34 MODE=${1:-up}
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
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return $?; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
forwarding() {   # forwarding VERSION: the host's forwarding, and what the kernel changes with it
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore
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
moment() { if [ -n "$again" ] || [ "$MODE" != up ]; then so=past; else "$@"; fi; }   # it holds only while the network is being built
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
  [ -e "$LOG" ] || log started 'learn docker-by-hand' "$TOTAL" "$(checksum)" 'bridgekit learn docker-by-hand'
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
  command -v iptables >/dev/null || refuse 'a program is missing: iptables: apt-get install iptables'
  command -v ping >/dev/null || refuse 'a program is missing: ping: apt-get install iputils-ping'
  command -v sysctl >/dev/null || refuse 'a program is missing: sysctl: apt-get install procps'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'br666 exists and is not a bridge' bridge_or_free br666

step 1 "Start container $GUEST without a network."
  unless has '' docker inspect -f '{{.State.Running}}' "$GUEST"
  undo   docker rm -f "$GUEST"
  run    docker run -d -t -i --net=none --name "$GUEST" "$IMAGE" bash

step 2 'The container is in the list.'
  expect "$GUEST" docker ps

step 3 "Learn the process id of $GUEST."
  pid=$(docker inspect -f '{{.State.Pid}}' "$GUEST")
need "the guest is not running: process $pid does not exist" test -e "/proc/$pid/ns/net"
need "the guest shares the host's network; it must have a network namespace of its own" own_netns "/proc/$pid/ns/net"
need "veth_d366, veth_d366_peer or the guest's eth0 is in use; undo what made it, or choose others with --veth, --peer, --interface" pair_or_free veth_d366 veth_d366_peer "/proc/$pid/ns/net" eth0
need 'the name netns666 leads to another namespace; undo what made it, or choose another with --netns' name_or_free /var/run/netns/netns666 "/proc/$pid/ns/net"

step 4 'The container has no eth0, only lo.'
  moment refute docker exec "$GUEST" ip addr show eth0

step 5 'Make a namespace named netns666.'
  unless test -e /var/run/netns/netns666
  undo   ip netns del netns666
  run    ip netns add netns666

step 6 'netns666 is there.'
  expect netns666 ip netns ls

step 7 "Put the container's namespace behind the name netns666."
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/netns666
  undo   umount /var/run/netns/netns666
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/netns666

step 8 "The container's process is in netns666."
  expect "$pid" ip netns pids netns666

step 9 'Make a veth pair, veth_d366 and veth_d366_peer.'
  unless has '' ip link show dev veth_d366 type veth
  undo   ip link del dev veth_d366
  run    ip link add name veth_d366 type veth peer name veth_d366_peer

step 10 'Move veth_d366_peer into netns666.'
  unless lacks ip link show dev veth_d366_peer
  undo   fetch veth_d366_peer netns666
  run    ip link set veth_d366_peer netns netns666

step 11 '[netns666] Rename veth_d366_peer to eth0.' netns666
  unless has '' ip -n netns666 link show dev eth0
  undo   ip -n netns666 link set eth0 name veth_d366_peer
  run    ip -n netns666 link set veth_d366_peer name eth0

step 12 '[netns666] Bring lo up.' netns666
  unless has '' ip -n netns666 link show dev lo up
  undo   ip -n netns666 link set lo down
  run    ip -n netns666 link set lo up

step 13 '[netns666] Give eth0 the address 10.0.0.2/24.' netns666
  unless has 'inet 10.0.0.2/24 ' ip -n netns666 addr show dev eth0
  undo   ip -n netns666 addr del 10.0.0.2/24 dev eth0
  run    ip -n netns666 addr add 10.0.0.2/24 brd + dev eth0

step 14 '[netns666] Bring eth0 up.' netns666
  unless has '' ip -n netns666 link show dev eth0 up
  undo   ip -n netns666 link set eth0 down
  run    ip -n netns666 link set eth0 up

step 15 'Inside the namespace, 10.0.0.2 answers.'
  expect '' ip netns exec netns666 ping -c 1 -w 3 10.0.0.2

step 16 'eth0 has its address, and no carrier.'
  moment expect NO-CARRIER ip -n netns666 addr show

step 17 'The host cannot reach 10.0.0.2 yet.'
  moment refute ping -c 1 -w 1 10.0.0.2

step 18 'The container reaches its own 10.0.0.2.'
  expect '' docker exec "$GUEST" ping -c 1 -w 3 10.0.0.2

step 19 'Make bridge br666.'
  unless has '' ip link show dev br666 type bridge
  undo   ip link del dev br666
  run    ip link add name br666 type bridge

step 20 'Give br666 a MAC address of its own.'
  unless foreign br666 has ' 02:42:' ip link show dev br666
  undo   ip link set br666 address "$(ip -o link show dev br666 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 21 'Make veth_d366 a port of bridge br666.'
  unless has '' ip link show dev veth_d366 master br666
  undo   ip link set veth_d366 nomaster
  run    ip link set veth_d366 master br666

step 22 'Give br666 the address 10.0.0.1/24.'
  unless foreign br666 has 'inet 10.0.0.1/24 ' ip addr show dev br666
  undo   ip addr del 10.0.0.1/24 dev br666
  run    ip addr add 10.0.0.1/24 brd + dev br666

step 23 'Bring br666 up.'
  unless has '' ip link show dev br666 up
  undo   ip link set br666 down
  run    ip link set br666 up

step 24 'Bring veth_d366 up.'
  unless has '' ip link show dev veth_d366 up
  undo   ip link set veth_d366 down
  run    ip link set veth_d366 up

step 25 'Now the host reaches 10.0.0.2.'
  expect '' ping -c 1 -w 3 10.0.0.2

step 26 "The container reaches 10.0.0.1, the host's address on the bridge."
  expect '' docker exec "$GUEST" ping -c 1 -w 3 10.0.0.1

step 27 "Masquerade what leaves 10.0.0.0/24 by $UPLINK."
  unless iptables -w -t nat -C POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE
  run    iptables -w -t nat -A POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE

step 28 'Let the host forward packets.'
  unless is 1 sysctl -n net.ipv4.ip_forward
  undo   restore "$(forwarding 4)"
  run    sysctl -w net.ipv4.ip_forward=1

step 29 'Let guests on br666 talk to each other.'
  unless iptables -w -C FORWARD -i br666 -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD -i br666 -o br666 -j ACCEPT
  run    iptables -w -A FORWARD -i br666 -o br666 -j ACCEPT

step 30 'Let guests on br666 reach the rest.'
  unless iptables -w -C FORWARD -i br666 ! -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD -i br666 ! -o br666 -j ACCEPT
  run    iptables -w -A FORWARD -i br666 ! -o br666 -j ACCEPT

step 31 'Let the rest reach guests on br666.'
  unless iptables -w -C FORWARD ! -i br666 -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD ! -i br666 -o br666 -j ACCEPT
  run    iptables -w -A FORWARD ! -i br666 -o br666 -j ACCEPT

step 32 'The container itself may not set a route.'
  refute docker exec "$GUEST" ip route add default via 10.0.0.1 dev eth0

step 33 '[netns666] Route everything else through 10.0.0.1.' netns666
  unless has '' ip -n netns666 -4 route show default via 10.0.0.1
  undo   ip -n netns666 route del default via 10.0.0.1
  run    ip -n netns666 route add default via 10.0.0.1 dev eth0

step 34 'The container reaches the outside.'
  expect '' docker exec "$GUEST" ping -c 1 -w 3 "$OUTSIDE"

finish
