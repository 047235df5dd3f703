# Links in a guest that are no ends of a pair.
can_make() {   # can_make KIND [OPTION...]: asked in a namespace that goes at once
  local said
  said=$(unshare --net ip link add name probe type "$@" 2>&1) || case $said in *'Unknown device type'* | *'not supported'*) return 1 ;; esac
}
vlan_of() {   # vlan_of PARENT NUMBER LINK
  has " $3@$1: " ip -o link show dev "$3" type vlan && has " id $2 " ip -o -d link show dev "$3" type vlan
}
vlan_or_free() { vlan_of "$@" || lacks ip link show dev "$3"; }
link_of() {   # link_of KIND LINK NETNS NAME-THERE [PARENT]: it is still here, or it lives there
  local index='' name
  [ -z "${5:-}" ] || index=$(ip -o link show dev "$5") || return 1
  has "${5:+ $2@$5: }" ip -o link show dev "$2" type "$1" && return 0
  for name in "$2" "$4"; do
    has "${5:+ $name@if${index%%:*}: }" nsenter --net="$3" ip -o link show dev "$name" type "$1" && return 0
  done
  return 1
}
link_or_free() {   # link_or_free KIND LINK NETNS NAME-THERE [PARENT]
  link_of "$@" || { lacks ip link show dev "$2" && lacks nsenter --net="$3" ip link show dev "$4"; }
}
links_of_mac() {   # links_of_mac MAC: bridges and what stands on another link have the MAC address of that, and are not meant
  local name kind
  ip -o link show | grep -iF " link/ether $1 " | sed -nE 's/^[0-9]+: ([^@:]+)[@:].*/\1/p' | while read -r name; do
    for kind in bridge bond team vlan macvlan macvtap ipvlan; do [ -z "$(ip link show dev "$name" type "$kind")" ] || continue 2; done
    echo "$name"
  done
}
card_of_mac() {   # card_of_mac MAC: the same, or the one that this run moved
  local found
  found=$(links_of_mac "$1")
  [ -n "$found" ] || found=$(sed -n $'s/^undo\t.*\tbring_back \\([^ ]*\\) .*/\\1/p' "${JOURNAL:-/dev/null}")
  echo "$found"
}
port_vlan() { bridge vlan show dev "$1" | grep -E "(^|[[:space:]])$2( |\$)" || :; }   # port_vlan PORT VLAN: as what it carries it
moved_by_us() { grep -qs "^undo.*"$'\t'"bring_back $1 " "$JOURNAL"; }
here_or_moved() { has '' ip link show dev "$1" || moved_by_us "$1"; }   # here_or_moved LINK
room_or_moved() {   # room_or_moved LINK NETNS NAME-THERE: the guest has no link of these names, or it is the one that this run moved
  moved_by_us "$1" || { lacks nsenter --net="$2" ip link show dev "$1" && lacks nsenter --net="$2" ip link show dev "$3"; }
}
one_word() { [[ -n $1 && $1 != *[[:space:]]* ]]; }
ovs_or_free() { ovs-vsctl br-exists "$1" || lacks ip link show dev "$1"; }   # ovs_or_free BRIDGE
ovs_has_port() { ovs-vsctl br-exists "$1" && [[ $'\n'$(ovs-vsctl list-ports "$1")$'\n' == *$'\n'"$2"$'\n'* ]]; }   # ovs_has_port BRIDGE PORT
