# Steps with a condition; probes.
if_made() { if [ -n "${made[$1]:-}${mine[$1]:-}" ]; then mine[$number]=1; else so=theirs; fi; }   # if_made STEP: only where this run made that; then it is this run's, too
skip_if() { ! "$@" || so=same; }
once() { [ -z "$again" ] && [ "$MODE" = up ] || so=same; }   # a later step supersedes it
possible() { "${@:2}" || { so=skip words="$words ($1)"; }; }   # a host that lacks it does without
only_if() { [ -n "$so" ] || [ "$MODE" != up ] || "${@:2}" || unmet "$@"; }
undo_while() { before=$question; quote question "$@"; }   # undo is for whatever there is of it
expect() {   # expect TEXT COMMAND: it works, and prints TEXT
  if said=$("${@:2}" 2>&1 </dev/null) && [[ $said == *"$1"* ]]; then so=${so:-${again:+same}}; return 0; fi
  quote command "${@:2}"
  fail "$command  # $must_work${1:+$must_print $1}"
}
refute() {   # refute COMMAND: it fails
  if said=$("$@" 2>&1 </dev/null); then quote command "$@"; fail "$command  # $must_fail"; fi
  so=${so:-${again:+same}}
}
moment() { if [ -n "$again" ] || [ "$MODE" != up ]; then so=past; else "$@"; fi; }   # it holds only while the network is being built
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
bridge_or_free() { unused "$1" || has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
port_or_free() { unused "$1" || ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
unused() {   # unused LINK: one list serves for all, as long as nothing was touched
  listed=${listed:-$(ip -o link show)}
  if [[ $touched || $listed == *' altname '* ]]; then lacks ip link show dev "$1"; return $?; fi
  [[ $listed != *": $1:"* ]] && { [[ $listed != *": $1@"* ]] || ! ip link show dev "$1" >&8 2>&8; }   # NAME@PEER, or a name with an @
}
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here='' there pair='^([0-9]+): [^ @]+@if([0-9]+): '
  [ -n "${5:-}" ] || [ -e "$3" ] || { unused "$1" && unused "$2"; return $?; }
  { [ -z "${5:-}" ] && unused "$1"; } || here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { unused "$1" && unused "$2"; return $?; }
  [[ $here =~ $pair ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
route_or_free() {   # route_or_free NETNS FAMILY GATEWAY
  lacks nsenter --net="$1" ip "$2" route show default || has "via $3 " nsenter --net="$1" ip "$2" route show default
}
iptables()  { command iptables -w "$@"; }    # never fight over the xtables lock
ip6tables() { command ip6tables -w "$@"; }
forwarding() {   # forwarding VERSION: the host's forwarding, and what the kernel changes with it
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore
in_either() { has '' "${@:2}" || has '' nsenter --net="$1" "${@:2}"; }   # where it will live, or still here
packed()   { (cd /var/run/netns && find "$@" -print0 | tar -c --null --verbatim-files-from -T - | base64 -w 0); }
dangling() { packed -L . -type l; }
plain_files() { packed . -type f -empty ! -perm 444; }
relink()   { base64 -d <<<"$1" | tar -C /var/run/netns -x; }
fetch() { lacks ip -n "$2" link show dev "$1" || ip -n "$2" link set dev "$1" netns "$$"; }
drop_link() {   # drop_link LINK NETNS [NAME-THERE]: from where it was made, or where it lives
  ip link del dev "$1" 2>/dev/null || nsenter --net="$2" ip link del dev "$1" 2>/dev/null ||
    nsenter --net="$2" ip link del dev "${3:-$1}"
}
macvlan_of() {   # macvlan_of PARENT MODE LINK NETNS NAME-THERE: it is still here, or it lives there
  local index name
  index=$(ip -o link show dev "$1") || return 1
  is_macvlan "$3@$1: " "$2" ip -o -d link show dev "$3" type macvlan && return 0
  for name in "$3" "$5"; do
    is_macvlan "$name@if${index%%:*}: " "$2" nsenter --net="$4" ip -o -d link show dev "$name" type macvlan && return 0
  done
  return 1
}
is_macvlan() { has "$1" "${@:3}" && has " macvlan mode $2 " "${@:3}"; }   # is_macvlan LINK@PARENT MODE QUESTION
macvlan_or_free() {   # macvlan_or_free PARENT MODE LINK NETNS NAME-THERE
  macvlan_of "$@" || { lacks ip link show dev "$3" && lacks nsenter --net="$4" ip link show dev "$5"; }
}
alone_on() {   # alone_on PARENT MODE LINK NETNS NAME-THERE: passthru shares its parent with no other
  local modes
  macvlan_of "$@" && return 0
  modes=$(macvlans_on "$1")
  [ -z "$modes" ] || { [ "$2" != passthru ] && [[ $modes != *passthru* ]]; }
}
macvlans_on() {   # macvlans_on PARENT: the modes of those on this host and in namespaces with a name; no others can be seen
  local index each
  index=$(ip -o link show dev "$1")
  {
    ip -o -d link show type macvlan | grep -F "@$1: "
    for each in /run/netns/*; do nsenter --net="$each" ip -o -d link show type macvlan 2>/dev/null | grep -F "@if${index%%:*}: "; done
  } | grep -o ' macvlan mode [a-z]*' || :
}
