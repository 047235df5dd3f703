#!/usr/bin/env bash
# Give eth1 a routing table of its own, in namespace data.
# Made by: bridgekit vrf data eth1 192.168.1.2/24 --gateway 192.168.1.1
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash ip

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=vrf-data TOTAL=6 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
port_or_free() { ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
restore() { sysctl -qep - <<<"$1"; }
export -f restore
in_either() { has '' "${@:2}" || has '' nsenter --net="$1" "${@:2}"; }   # where it will live, or still here
fetch() { lacks ip -n "$2" link show dev "$1" || ip -n "$2" link set "$1" netns "$$"; }
one_path() { ! { ip -o -4 route show table all; ip -o -6 route show table all; } | grep "nexthop .* dev $1 " >/dev/null; }
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
habits() {   # habits LINK: its own settings, where they are not the usual ones
  local file own usual
  for file in "/proc/sys/net/ipv4/conf/$1"/* "/proc/sys/net/ipv6/conf/$1"/*; do
    { read -r own <"$file" && read -r usual <"${file%/*/*}/default/${file##*/}"; } 2>/dev/null || continue
    [ "$own" = "$usual" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$own"
  done
}
is_lent() { lacks ip link show dev "$1" || [ -e "$STATE/$1.lent" ]; }   # gone, or on its way back and not all of it there
bring_back() {   # bring_back LINK NETNS HABITS FURNITURE
  : >"$STATE/$1.lent"
  fetch "$1" "$2" && if has '' ip link show dev "$1"; then restore "$3" && furnish "$4"; fi && rm "$STATE/$1.lent"
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
  [ -e "$LOG" ] || log started vrf "$TOTAL" "$(checksum)" 'bridgekit vrf data eth1 192.168.1.2/24 --gateway 192.168.1.1'
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
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'there is no interface eth1' in_either /var/run/netns/data ip link show dev eth1
need 'eth1 is a port of something else already; take it out there first' port_or_free eth1
need 'a route with several next hops leads through eth1; such a route cannot be moved' one_path eth1

step 1 'Make a namespace named data, for eth1 alone.'
  unless test -e /var/run/netns/data
  undo   ip netns del data
  run    ip netns add data

step 2 'Move eth1 from the host into data.'
  unless is_lent eth1
  undo   bring_back eth1 data "$(habits eth1)" "$(furniture eth1)"
  run    ip link set eth1 netns data

step 3 '[data] Bring lo up.' data
  unless has '' ip -n data link show dev lo up
  undo   ip -n data link set lo down
  run    ip -n data link set lo up

step 4 '[data] Give eth1 the address 192.168.1.2/24.' data
  unless has 'inet 192.168.1.2/24 ' ip -n data addr show dev eth1
  undo   ip -n data addr del 192.168.1.2/24 dev eth1
  run    ip -n data addr add 192.168.1.2/24 brd + dev eth1

step 5 '[data] Bring eth1 up.' data
  unless has '' ip -n data link show dev eth1 up
  undo   ip -n data link set eth1 down
  run    ip -n data link set eth1 up

step 6 '[data] Route everything else through 192.168.1.1.' data
  unless has '' ip -n data -4 route show default via 192.168.1.1
  undo   ip -n data route del default via 192.168.1.1
  run    ip -n data route add default via 192.168.1.1 dev eth1

finish
