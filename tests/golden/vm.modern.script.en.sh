#!/usr/bin/env bash
# Put tap0 and a network card into one bridge, br0.
# Made by: bridgekit vm tap0
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash ip ping
# Set in the environment to change:
NIC=${NIC:-}   # empty: found when the script runs
GATEWAY=${GATEWAY:-}   # empty: found when the script runs

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=vm-tap0 TOTAL=11 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
bridge_or_free() { has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
port_or_free() { ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
one_path() { ! { ip -o -4 route show table all; ip -o -6 route show table all; } | grep "nexthop .* dev $1 " >/dev/null; }
tap_or_free() { has 'tun type tap ' ip -d link show dev "$1" || lacks ip link show dev "$1"; }
card_behind() {   # card_behind BRIDGE FAMILY: the interface of the default route; once that is the bridge, the port whose MAC address it took
  local dev mac
  dev=$(ip "$2" route show default | sed -n '1s/.* dev \([^ ]*\).*/\1/p')
  [ "$dev" = "$1" ] || { printf '%s\n' "$dev"; return 0; }
  mac=$(ip -o link show dev "$1" | sed 's|.* link/ether \([^ ]*\) .*|\1|')
  ip -o link show master "$1" | sed -n "s|^[0-9]*: \([^@:]*\).* link/ether $mac .*|\1|p"
}
furniture() {   # furniture LINK: whether it is up, its addresses, its routes, in the words of `ip -batch`
  local name=${1//./\\.} flags='secondary|dynamic|tentative|dadfailed|optimistic|deprecated|permanent|nodad'
  [ -z "$(ip link show dev "$1" up 2>/dev/null)" ] || echo "link set $1 up"
  ip -o addr show dev "$1" 2>/dev/null |
    sed -E "/ temporary /d; s/ ($flags)( ($flags))* / /; s/([0-9])sec/\1/g; s/\$/ dev $1/
      s/^.* inet6 ([^\\\\]*)\\\\ /addr replace \1 nodad/; s/^.* inet ([^\\\\]*) ([^ ]*)\\\\ /addr replace \1 label \2 /"
  { ip -o -4 route show table all; ip -o -6 route show table all | sed 's|^default|::/0|'; } 2>/dev/null |
    sed -nE "/ dev $name( |\$)/!d; / proto kernel/d; /nexthop /d; s/ (linkdown|dead|offload|trap|nhid [0-9]+)\b//g
      s/([0-9])sec/\1/g; s/^/route append /p" | sort -s -k 4,4   # a route by a gateway needs the route to the gateway
}
furnish() {   # furnish FURNITURE: what is there already is well
  local said
  said=$(ip -force -batch - <<<"$1" 2>&1 | grep -v -e 'File exists' -e '^Command failed') || :
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}
clear_out() {   # clear_out FURNITURE: take these addresses and routes away
  sed -n 's/^route append/route del/p; s/^addr replace/addr del/p' <<<"$1" | ip -force -batch - >/dev/null 2>&1 || :
}
as_of() { sed -E "/^link /d; s/ (dev|label) ${1//./\\.}\b/ \1 $2/g" <<<"$3"; }   # as_of LINK OTHER FURNITURE: the same, of another interface
move_over() {   # move_over LINK BRIDGE: the bridge gets the port and all that the port had
  local own
  own=$(furniture "$1")
  ip link set "$1" master "$2" && clear_out "$own" && furnish "$(as_of "$1" "$2" "$own")"
}
move_back() {   # move_back LINK BRIDGE FURNITURE: leaves the bridge last: till then it can be done again
  clear_out "$(as_of "$1" "$2" "$3")" && furnish "$3" && ip link set "$1" nomaster
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
  [ -e "$LOG" ] || log started vm "$TOTAL" "$(checksum)" 'bridgekit vm tap0'
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
  command -v ping >/dev/null || refuse 'a program is missing: ping: apt-get install iputils-ping'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

step 1 'Find the network card, the interface of the default route.'
  nic=${NIC:-$(card_behind br0 -4)}
need 'this host has no default route; name the network card with --nic' test -n "$nic"

step 2 'Learn the gateway, the next router on the way out.'
  gateway=${GATEWAY:-$(ip -4 route show default | sed -nE "/ dev ($nic|br0) /{s/.* via ([^ ]*) .*/\\1/p;:a;n;ba}")}
need "no default route goes out by $nic; name an address that must answer afterwards with --gateway" test -n "$gateway"
need 'br0 exists and is not a bridge' bridge_or_free br0
need 'tap0 exists and is not a tap' tap_or_free tap0
need 'tap0 is a port of something else already; take it out there first' port_or_free tap0 br0
need "there is no interface $nic" has '' ip link show dev "$nic"
need "$nic is a port of something else already; take it out there first" port_or_free "$nic" br0
need "a route with several next hops leads through $nic; such a route cannot be moved" one_path "$nic"

step 3 'Make a tap, tap0.'
  unless has 'tun type tap ' ip -d link show dev tap0
  undo   ip link del dev tap0
  run    ip tuntap add dev tap0 mode tap

step 4 'Make bridge br0.'
  unless has '' ip link show dev br0 type bridge
  undo   ip link del dev br0
  run    ip link add name br0 type bridge

step 5 "Give br0 the MAC address of $nic."
  unless has " $(ip -o link show dev "$nic" | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|') " ip link show dev br0
  undo   ip link set br0 address "$(ip -o link show dev br0 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set br0 address "$(ip -o link show dev "$nic" | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"

step 6 'Bring br0 up.'
  unless has '' ip link show dev br0 up
  undo   ip link set br0 down
  run    ip link set br0 up

step 7 'Make tap0 a port of bridge br0.'
  unless has '' ip link show dev tap0 master br0
  undo   ip link set tap0 nomaster
  run    ip link set tap0 master br0

step 8 'Bring tap0 up.'
  unless has '' ip link show dev tap0 up
  undo   ip link set tap0 down
  run    ip link set tap0 up

step 9 "Make sure that $nic is up."
  unless has '' ip link show dev "$nic" up
  undo   ip link set "$nic" down
  run    ip link set "$nic" up

step 10 "Make $nic a port of br0, and move its addresses and routes to br0."
  unless has '' ip link show dev "$nic" master br0
  undo   move_back "$nic" br0 "$(furniture "$nic")"
  run    move_over "$nic" br0

step 11 'The gateway answers.'
  expect '' ping -c 1 -w 5 "$gateway"

finish
