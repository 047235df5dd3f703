#!/usr/bin/env bash
# What a Docker engine does to this host when it starts, on bridge docker0.
# Made by: bridgekit docker0
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash ip iptables sysctl

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=docker0-docker0 TOTAL=27 MODE=${1:-up}
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
router_or() { is 1 sysctl -n net.ipv4.ip_forward || "$@"; }   # a host that routes already is left as it is

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
  [ "$1" != router_or ] || guard=("${@:2}")
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
  [ -e "$LOG" ] || log started docker0 "$TOTAL" "$(checksum)" 'bridgekit docker0'
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
  command -v ip >/dev/null || refuse 'a program is missing: ip: apt-get install iproute2'
  command -v iptables >/dev/null || refuse 'a program is missing: iptables: apt-get install iptables'
  command -v sysctl >/dev/null || refuse 'a program is missing: sysctl: apt-get install procps'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'docker0 exists and is not a bridge' bridge_or_free docker0

step 1 'Make chain DOCKER in table nat.'
  unless iptables -w -t nat -S DOCKER
  undo   iptables -w -t nat -X DOCKER
  run    iptables -w -t nat -N DOCKER

step 2 'Make chain DOCKER in table filter.'
  unless iptables -w -S DOCKER
  undo   iptables -w -X DOCKER
  run    iptables -w -N DOCKER

step 3 'Make chain DOCKER-ISOLATION-STAGE-1.'
  unless iptables -w -S DOCKER-ISOLATION-STAGE-1
  undo   iptables -w -X DOCKER-ISOLATION-STAGE-1
  run    iptables -w -N DOCKER-ISOLATION-STAGE-1

step 4 'End DOCKER-ISOLATION-STAGE-1 with RETURN.'
  unless iptables -w -C DOCKER-ISOLATION-STAGE-1 -j RETURN
  undo   iptables -w -D DOCKER-ISOLATION-STAGE-1 -j RETURN
  run    iptables -w -A DOCKER-ISOLATION-STAGE-1 -j RETURN

step 5 'Make chain DOCKER-ISOLATION-STAGE-2.'
  unless iptables -w -S DOCKER-ISOLATION-STAGE-2
  undo   iptables -w -X DOCKER-ISOLATION-STAGE-2
  run    iptables -w -N DOCKER-ISOLATION-STAGE-2

step 6 'End DOCKER-ISOLATION-STAGE-2 with RETURN.'
  unless iptables -w -C DOCKER-ISOLATION-STAGE-2 -j RETURN
  undo   iptables -w -D DOCKER-ISOLATION-STAGE-2 -j RETURN
  run    iptables -w -A DOCKER-ISOLATION-STAGE-2 -j RETURN

step 7 'Make chain DOCKER-USER.'
  unless iptables -w -S DOCKER-USER
  undo   iptables -w -X DOCKER-USER
  run    iptables -w -N DOCKER-USER

step 8 'End DOCKER-USER with RETURN.'
  unless iptables -w -C DOCKER-USER -j RETURN
  undo   iptables -w -D DOCKER-USER -j RETURN
  run    iptables -w -A DOCKER-USER -j RETURN

step 9 'Let FORWARD ask DOCKER-ISOLATION-STAGE-1.'
  unless iptables -w -C FORWARD -j DOCKER-ISOLATION-STAGE-1
  undo   iptables -w -D FORWARD -j DOCKER-ISOLATION-STAGE-1
  run    iptables -w -I FORWARD -j DOCKER-ISOLATION-STAGE-1

step 10 'Let FORWARD ask DOCKER-USER before all others.'
  unless iptables -w -C FORWARD -j DOCKER-USER
  undo   iptables -w -D FORWARD -j DOCKER-USER
  run    iptables -w -I FORWARD -j DOCKER-USER

step 11 'Let FORWARD drop what no rule accepts.'
  unless router_or has '-P FORWARD DROP' iptables -w -S FORWARD
  undo   iptables -w -P FORWARD "$(iptables -w -S FORWARD | sed -n 's/^-P FORWARD //p')"
  run    iptables -w -P FORWARD DROP

step 12 'Let the host forward packets.'
  unless is 1 sysctl -n net.ipv4.ip_forward
  undo   restore "$(forwarding 4)"
  run    sysctl -w net.ipv4.ip_forward=1

step 13 'Make bridge docker0.'
  unless has '' ip link show dev docker0 type bridge
  undo   ip link del dev docker0
  run    ip link add name docker0 type bridge

step 14 'Give docker0 a MAC address of its own.'
  unless foreign docker0 has ' 02:42:' ip link show dev docker0
  undo   ip link set docker0 address "$(ip -o link show dev docker0 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 15 'Do not listen to router advertisements on docker0.'
  unless is 0 sysctl -n net/ipv6/conf/docker0/accept_ra
  undo   sysctl -w "net/ipv6/conf/docker0/accept_ra=$(sysctl -n net/ipv6/conf/docker0/accept_ra)"
  run    sysctl -w net/ipv6/conf/docker0/accept_ra=0

step 16 'Give docker0 the address 172.17.0.1/16.'
  unless foreign docker0 has 'inet 172.17.0.1/16 ' ip addr show dev docker0
  undo   ip addr del 172.17.0.1/16 dev docker0
  run    ip addr add 172.17.0.1/16 brd + dev docker0

step 17 'Let packets for the host ask the published ports.'
  unless iptables -w -t nat -C PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  undo   iptables -w -t nat -D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  run    iptables -w -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER

step 18 "Let the host's own packets ask the published ports, too."
  unless iptables -w -t nat -C OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
  undo   iptables -w -t nat -D OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
  run    iptables -w -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER

step 19 'Masquerade what leaves the network by another interface than its bridge.'
  unless iptables -w -t nat -C POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
  run    iptables -w -t nat -I POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE

step 20 'Pass over published ports for what comes from docker0.'
  unless iptables -w -t nat -C DOCKER -i docker0 -j RETURN
  undo   iptables -w -t nat -D DOCKER -i docker0 -j RETURN
  run    iptables -w -t nat -I DOCKER -i docker0 -j RETURN

step 21 'Let containers on docker0 talk to each other.'
  unless iptables -w -C FORWARD -i docker0 -o docker0 -j ACCEPT
  undo   iptables -w -D FORWARD -i docker0 -o docker0 -j ACCEPT
  run    iptables -w -I FORWARD 3 -i docker0 -o docker0 -j ACCEPT

step 22 'Let containers on docker0 reach everything else.'
  unless iptables -w -C FORWARD -i docker0 ! -o docker0 -j ACCEPT
  undo   iptables -w -D FORWARD -i docker0 ! -o docker0 -j ACCEPT
  run    iptables -w -I FORWARD 3 -i docker0 ! -o docker0 -j ACCEPT

step 23 'For what goes to docker0, ask chain DOCKER.'
  unless iptables -w -C FORWARD -o docker0 -j DOCKER
  undo   iptables -w -D FORWARD -o docker0 -j DOCKER
  run    iptables -w -I FORWARD 3 -o docker0 -j DOCKER

step 24 'Let answers into docker0.'
  unless iptables -w -C FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  undo   iptables -w -D FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  run    iptables -w -I FORWARD 3 -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT

step 25 'What leaves docker0 by another interface goes on to the second stage.'
  unless iptables -w -C DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
  undo   iptables -w -D DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
  run    iptables -w -I DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2

step 26 'Drop what then enters docker0.'
  unless iptables -w -C DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
  undo   iptables -w -D DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
  run    iptables -w -I DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP

step 27 'Bring docker0 up.'
  unless has '' ip link show dev docker0 up
  undo   ip link set docker0 down
  run    ip link set docker0 up

finish
