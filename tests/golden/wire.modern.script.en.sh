#!/usr/bin/env bash
# Give web its network as docker run does: bridge.
# Made by: bridgekit wire web --publish 8080:80 --link db:database:5432 --made-by 'docker0 --icc false'
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash docker mount ip nsenter iptables
# Set in the environment to change:
GUEST=${GUEST:-web}
GUEST_1=${GUEST_1:-db}

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=wire-web-bridge TOTAL=32 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
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
has_host()  { [ -z "$2" ] || grep -aqxF -e "$2"$'\t'"$3" "$1"; }   # without an address there is no line to have
drop_host() {   # drop_host FILE ADDRESS NAMES
  local at
  at=$(grep -anxF -m 1 -e "$2"$'\t'"$3" "$1") && put "$1" "$(sed "${at%%:*}d" "$1" | base64 -w 0)"
}
put() {   # put FILE BASE64: in place, since it may be mounted elsewhere; what is too much is blank before it is cut off
  local old new
  old=$(wc -c <"$1") && new=$(base64 -d <<<"$2" | wc -c) || return 1
  { base64 -d <<<"$2"; head -c $((old > new ? old - new : 0)) /dev/zero | tr '\0' '\n'; } |
    dd of="$1" bs=16M iflag=fullblock conv=notrunc status=none && truncate -s "$new" "$1"
}
append_host() {   # append_host FILE ADDRESS NAMES
  local all
  all=$({ grep -a '' "$1" || :; printf '%s\t%s\n' "$2" "$3"; } | base64 -w 0) && put "$1" "$all"
}

# Who has which address on a bridge: the other ends of its ports, in all namespaces.
namespaces() { stat -L -c '%i %n' /proc/[0-9]*/ns/net /var/run/netns/* 2>/dev/null | sort -u -k 1,1 | cut -d ' ' -f 2; }
ports_of() { ip -o link show master "$1" type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\3:\1 \2/p'; }
ends_in()  { nsenter --net="$1" ip -o link show type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\1:\3 \2/p'; }
on_bridge() {   # on_bridge BRIDGE [NETNS [INTERFACE]]: the addresses there, CIDR
  local ports file pair name
  ports=$(ports_of "$1")
  for file in ${2:-$(namespaces)}; do
    while read -r pair name; do
      [[ $'\n'$ports == *$'\n'"$pair "* && $name == "${3:-$name}" ]] || continue
      nsenter --net="$file" ip -4 -o addr show dev "$name" scope global | sed -nE 's|^[^ ]+ [^ ]+ +inet ([0-9./]+) .*|\1|p'
    done < <(ends_in "$file" 2>/dev/null)
  done
}
port_of() {   # port_of BRIDGE NETNS: the bridge's port that leads to a guest
  local there pair name
  there=$(ends_in "$2")
  while read -r pair name; do
    if [[ $'\n'$there == *$'\n'"$pair "* ]]; then echo "$name"; return 0; fi
  done < <(ports_of "$1")
}
bare_address() { echo "${1%%/*}"; }   # bare_address ADDRESS/PREFIX
host_gateway() {   # host_gateway BRIDGE...: the address of the first of these that has one
  local each
  for each in "$@"; do
    if has '' ip -4 -o addr show dev "$each" scope global; then
      ip -4 -o addr show dev "$each" scope global | sed -n '1s/.* inet \([^/]*\).*/\1/p'
      return 0
    fi
  done
}
as_mac() { local a b c d; IFS=. read -r a b c d <<<"$1"; printf '02:42:%02x:%02x:%02x:%02x\n' "$a" "$b" "$c" "$d"; }
as_number() { local a b c d; IFS=. read -r a b c d <<<"${1%/*}"; echo $(((a << 24) + (b << 16) + (c << 8) + d)); }
as_address() { echo "$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }
free_address() {   # free_address HOME BRIDGE NETNS INTERFACE POOL [ADDRESS...]: the guest's own, or the lowest that is free
  local prefix=${1#*/} rest base low high first last each
  local -A taken=()
  rest=$(((1 << 32 - prefix) - 1)) base=$(($(as_number "$1") & ~((1 << 32 - prefix) - 1)))
  low=$((base + (rest > 1))) high=$((base + rest - (rest > 1)))
  if [ -n "$5" ]; then
    first=$(as_number "$5") last=$(($(as_number "$5") + (1 << 32 - ${5#*/}) - 1))
    low=$((first > low ? first : low)) high=$((last < high ? last : high))
  fi
  for each in $(on_bridge "$2" "$3" "$4"); do
    if (($(as_number "$each") >= low && $(as_number "$each") <= high)); then echo "$each"; return 0; fi
  done
  for each in "$1" "${@:6}" $(on_bridge "$2"); do taken[$(as_number "$each")]=1; done
  while ((low <= high)) && [ -n "${taken[$low]:-}" ]; do low=$((low + 1)); done
  ((low > high)) || echo "$(as_address "$low")/$prefix"
}

# Ports of the host: who has them.
proxies() {   # proxies ARGUMENT...: the processes that run docker-proxy so, in this network
  local pid
  for pid in $(pgrep -xf -- "docker-proxy $*"); do [ ! "/proc/$pid/ns/net" -ef "/proc/$$/ns/net" ] || echo "$pid"; done
}
can_proxy() { command -v docker-proxy >/dev/null && { [ "$1" != :: ] || [ -e /proc/net/if_inet6 ]; }; }
start_proxy() {   # start_proxy ARGUMENT...: it says on its descriptor 3 whether it listens
  local word rest
  { read -r word && rest=$(cat); } < <(setsid -f docker-proxy "$@" 3>&1 >/dev/null 2>&1 </dev/null 9>&-) || :
  [ "${word:-}" = 0 ] || { echo "docker-proxy: ${rest:-}"; return 1; }
}
stop_proxy() {
  local pid try
  for pid in $(proxies "$@"); do kill "$pid"; done
  for ((try = 0; try < 200; try++)); do [ -n "$(proxies "$@")" ] || return 0; sleep 0.02; done
  return 1
}
leading_to() {   # leading_to PROTOCOL ADDRESS DESTINATION: the host's ports that lead there already
  local at=${2:+-d $2/32 } pid
  command iptables -w -t nat -S |
    sed -nE "s|^-A [^ ]+ ${at//./\\.}(! -i [^ ]+ )?-p $1 .*--dport ([0-9]+) .*-j DNAT --to-destination ${3//./\\.}\$|\2|p"
  for pid in $(passing_on "$1" "$2" '[0-9]+' "$3"); do
    tr '\0' ' ' <"/proc/$pid/cmdline" | sed -nE 's/.* -host-port ([0-9]+) .*/\1/p'
  done
}
passing_on() {   # passing_on PROTOCOL ADDRESS PORT DESTINATION: the processes that pass it on there
  proxies -proto "$1" -host-ip "${2:-(0.0.0.0|::)}" -host-port "$3" -container-ip "${4%:*}" -container-port "${4##*:}"
}
unpublished() {   # unpublished PROTOCOL ADDRESS PORT DESTINATION: no rule sends the port elsewhere
  local rule
  while read -r rule; do
    if [ "${rule##* }" != "$4" ] && { [[ $rule != *' -d '* ]] || [ -z "$2" ] || [[ $rule == *" -d $2/32 "* ]]; }; then
      return 1
    fi
  done < <(command iptables -w -t nat -S | grep -E -- "^-A .* -p $1 .*--dport $3 .*-j DNAT ")
}
unbound() {   # unbound PROTOCOL ADDRESS PORT DESTINATION: no program listens there, but one that passes on to the destination
  local at users ours
  ours=$(passing_on "$@")
  while read -r _ _ _ at _ users; do
    [[ -z $2 || ${at%:*} =~ ^(\*|0\.0\.0\.0|$2)$ ]] || continue
    [[ $users =~ pid=([0-9]+) && $'\n'$ours$'\n' == *$'\n'"${BASH_REMATCH[1]}"$'\n'* ]] || return 1
  done < <(ss -Hlnp "--$1" "sport = :$3")
}
free_port() {   # free_port PROTOCOL ADDRESS LOW HIGH DESTINATION [PORT...]: one that leads there already, or the lowest that is free
  local low=$3 high=$4 taken=" ${*:6} " each
  [ "$low" != 0 ] || read -r low high </proc/sys/net/ipv4/ip_local_port_range
  for each in $(leading_to "$1" "$2" "$5"); do
    if ((each >= low && each <= high)) && [[ $taken != *" $each "* ]]; then echo "$each"; return 0; fi
  done
  for ((each = low; each <= high; each++)); do
    [[ $taken != *" $each "* ]] || continue
    if unpublished "$1" "$2" "$each" "$5" && unbound "$1" "$2" "$each" "$5"; then echo "$each"; return 0; fi
  done
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
possible() { "${@:2}" || { so=skip words="$words ($1)"; }; }   # a host that lacks it does without
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
  [ -e "$LOG" ] || log started wire "$TOTAL" "$(checksum)" 'bridgekit wire web --publish 8080:80 --link db:database:5432 --made-by '"'"'docker0 --icc false'"'"''
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
  command -v nsenter >/dev/null || refuse 'a program is missing: nsenter: apt-get install util-linux'
  command -v iptables >/dev/null || refuse 'a program is missing: iptables: apt-get install iptables'
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
need 'bridge docker0 does not exist; make the network first: bridgekit docker0' has '' ip link show dev docker0 type bridge

step 2 "Ask the engine for HostsPath: where it keeps that file of $GUEST."
  hosts_file=$(docker inspect -f '{{.HostsPath}}' "$GUEST")
need "there is no file $hosts_file that the guest's could be written in place of" test -f "$hosts_file"

step 3 'Learn the address of docker0.'
  home=$(ip -4 -o addr show dev docker0 scope global | sed -n '1s/.* inet \([^ ]*\) .*/\1/p')
need 'docker0 has no IPv4 address, or is down' test -n "$home"

step 4 'Keep that address without its prefix.'
  gateway=$(bare_address "$home")

step 5 'Find the lowest address that nobody on docker0 has.'
  cidr=$(free_address "$home" docker0 "/proc/$pid/ns/net" eth0 '')
need "no free address on docker0: the one asked for is another's, or none of its subnet, or all are taken" test -n "$cidr"

step 6 'Keep that address without its prefix.'
  address=$(bare_address "$cidr")
need "veth_84aa61e, veth_84aa61e_p or the guest's eth0 is in use; undo what made it, or choose others with --veth, --peer, --interface" pair_or_free veth_84aa61e veth_84aa61e_p "/proc/$pid/ns/net" eth0
need "the guest has another default route than the one through $gateway" route_or_free "/proc/$pid/ns/net" -4 "$gateway"
need 'the name web leads to another namespace; undo what made it, or choose another with --netns' name_or_free /var/run/netns/web "/proc/$pid/ns/net"
need 'veth_84aa61e is a port of something else already; take it out there first' port_or_free veth_84aa61e docker0

step 7 "Learn the process id of $GUEST_1."
  pid_1=$(docker inspect -f '{{.State.Pid}}' "$GUEST_1")
need "the guest is not running: process $pid_1 does not exist" test -e "/proc/$pid_1/ns/net"
need "the guest shares the host's network; it must have a network namespace of its own" own_netns "/proc/$pid_1/ns/net"

step 8 "Learn the guest's address on docker0."
  address_1=$(on_bridge docker0 "/proc/$pid_1/ns/net" | sed -n '1s|/.*||p')
need 'no IPv4 address on bridge docker0: the guest is not on it, or is without address' test -n "$address_1"
need 'port 8080/tcp of the host is already allocated: a rule sends it elsewhere' unpublished tcp '' 8080 "$address:80"
need "port 8080/tcp of the host is in use: a program listens there; see: ss -lnp 'sport = :8080'" unbound tcp '' 8080 "$address:80"

step 9 'Make a namespace named web.'
  unless test -e /var/run/netns/web
  undo   ip netns del web
  run    ip netns add web

step 10 "Put the container's namespace behind the name web."
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/web
  undo   umount /var/run/netns/web
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/web

step 11 'Make a veth pair, veth_84aa61e and veth_84aa61e_p.'
  unless has '' ip link show dev veth_84aa61e type veth
  undo   ip link del dev veth_84aa61e
  run    ip link add name veth_84aa61e txqueuelen 0 type veth peer name veth_84aa61e_p txqueuelen 0

step 12 'Make veth_84aa61e a port of bridge docker0.'
  unless has '' ip link show dev veth_84aa61e master docker0
  undo   ip link set veth_84aa61e nomaster
  run    ip link set veth_84aa61e master docker0

step 13 'Bring veth_84aa61e up.'
  unless has '' ip link show dev veth_84aa61e up
  undo   ip link set veth_84aa61e down
  run    ip link set veth_84aa61e up

step 14 'Move veth_84aa61e_p into web.'
  unless lacks ip link show dev veth_84aa61e_p
  undo   fetch veth_84aa61e_p web
  run    ip link set veth_84aa61e_p netns web

step 15 '[web] Rename veth_84aa61e_p to eth0.' web
  unless has '' ip -n web link show dev eth0
  undo   ip -n web link set eth0 name veth_84aa61e_p
  run    ip -n web link set veth_84aa61e_p name eth0

step 16 "Make a MAC address of $address."
  mac=$(as_mac "$address")

step 17 "[web] Give eth0 the MAC address $mac." web
  unless has " $mac " ip -n web link show dev eth0
  undo   ip -n web link set eth0 address "$(ip -n web -o link show dev eth0 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip -n web link set eth0 address "$mac"

step 18 '[web] Bring lo up.' web
  unless has '' ip -n web link show dev lo up
  undo   ip -n web link set lo down
  run    ip -n web link set lo up

step 19 "[web] Give eth0 the address $cidr." web
  unless has "inet $cidr " ip -n web addr show dev eth0
  undo   ip -n web addr del "$cidr" dev eth0
  run    ip -n web addr add "$cidr" brd + dev eth0

step 20 '[web] Bring eth0 up.' web
  unless has '' ip -n web link show dev eth0 up
  undo   ip -n web link set eth0 down
  run    ip -n web link set eth0 up

step 21 "[web] Route everything else through $gateway." web
  unless has '' ip -n web -4 route show default via "$gateway"
  undo   ip -n web route del default via "$gateway"
  run    ip -n web route add default via "$gateway" dev eth0

step 22 "Send what comes to port 8080 on to $address, 80/tcp."
  unless iptables -w -t nat -C DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination "$address:80"
  undo   iptables -w -t nat -D DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination "$address:80"
  run    iptables -w -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination "$address:80"

step 23 "Let what is for port 80/tcp of $address pass."
  unless iptables -w -C DOCKER -d "$address" ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
  undo   iptables -w -D DOCKER -d "$address" ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
  run    iptables -w -A DOCKER -d "$address" ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT

step 24 "Masquerade what $address sends to its own port 80/tcp."
  unless iptables -w -t nat -C POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
  run    iptables -w -t nat -A POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE

step 25 'Start docker-proxy at 0.0.0.0, port 8080.'
  possible "docker-proxy is not installed: 127.0.0.1:8080 on this host stays closed, and so do the host's addresses to containers" can_proxy 0.0.0.0
  unless has '' proxies -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip "$address" -container-port 80
  undo   stop_proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip "$address" -container-port 80
  run    start_proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip "$address" -container-port 80

step 26 'Start docker-proxy at ::, port 8080.'
  possible "docker-proxy is not installed: 127.0.0.1:8080 on this host stays closed, and so do the host's addresses to containers" can_proxy ::
  unless has '' proxies -proto tcp -host-ip :: -host-port 8080 -container-ip "$address" -container-port 80
  undo   stop_proxy -proto tcp -host-ip :: -host-port 8080 -container-ip "$address" -container-port 80
  run    start_proxy -proto tcp -host-ip :: -host-port 8080 -container-ip "$address" -container-port 80

step 27 "Let $address ask $address_1 at port 5432/tcp."
  unless iptables -w -C DOCKER -s "$address" -d "$address_1" -i docker0 -o docker0 -p tcp --dport 5432 -j ACCEPT
  undo   iptables -w -D DOCKER -s "$address" -d "$address_1" -i docker0 -o docker0 -p tcp --dport 5432 -j ACCEPT
  run    iptables -w -A DOCKER -s "$address" -d "$address_1" -i docker0 -o docker0 -p tcp --dport 5432 -j ACCEPT

step 28 "Let the answers from port 5432/tcp of $address_1 back to $address."
  unless iptables -w -C DOCKER -s "$address_1" -d "$address" -i docker0 -o docker0 -p tcp --sport 5432 -j ACCEPT
  undo   iptables -w -D DOCKER -s "$address_1" -d "$address" -i docker0 -o docker0 -p tcp --sport 5432 -j ACCEPT
  run    iptables -w -A DOCKER -s "$address_1" -d "$address" -i docker0 -o docker0 -p tcp --sport 5432 -j ACCEPT

step 29 "Learn the host name of process $pid_1."
  hostname_1=$(nsenter --target "$pid_1" --uts hostname | sed -n '1{s/[^A-Za-z0-9._-]//g; s/^-*//p}')

step 30 'Let the guest know the one it is linked to by the name database.'
  unless has_host "$hosts_file" "$address_1" "database $hostname_1 db"
  undo   drop_host "$hosts_file" "$address_1" "database $hostname_1 db"
  run    append_host "$hosts_file" "$address_1" "database $hostname_1 db"

step 31 "Learn the host name of process $pid."
  hostname=$(nsenter --target "$pid" --uts hostname | sed -n '1{s/[^A-Za-z0-9._-]//g; s/^-*//p}')

step 32 "Let the guest know its own name, $hostname, as $address."
  unless has_host "$hosts_file" "$address" "$hostname"
  undo   drop_host "$hosts_file" "$address" "$hostname"
  run    append_host "$hosts_file" "$address" "$hostname"

finish
