own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
bridge_or_free() { has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
port_or_free() { ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
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
router_or() { is 1 sysctl -n net.ipv4.ip_forward || "$@"; }   # a host that routes already is left as it is
in_either() { has '' "${@:2}" || has '' nsenter --net="$1" "${@:2}"; }   # where it will live, or still here
dangling() { (cd /var/run/netns && find -L . -type l -print0 | tar -c --null --verbatim-files-from -T - | base64 -w 0); }
relink()   { base64 -d <<<"$1" | tar -C /var/run/netns -x; }
fetch() { lacks ip -n "$2" link show dev "$1" || ip -n "$2" link set "$1" netns "$$"; }
