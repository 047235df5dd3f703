"""Conditions of the host, checked before anything is touched."""

from __future__ import annotations

from bridgekit.operations.base import KINDS, Question

_NEEDS = {
    # Guests and their namespaces.
    "Process": "test -e /proc/{pid}/ns/net",
    "Netns": "test -e /var/run/netns/{name}",
    "LiveNetns": "is nsfs stat -Lfc %T /var/run/netns/{name}",  # and no file that was left there
    "Lab": "test -e /var/run/netns/{netns}  # lab",  # a lab that bridgekit brings is up
    "OwnNetns": "own_netns {path}",  # the guest's is not the host's
    "BareNetns": "lacks nsenter --net={path} ip -o addr show scope global",  # no interface but lo
    "NetnsName": "name_or_free /var/run/netns/{name} /proc/{pid}/ns/net",  # it leads there already, or is free
    "OwnHostname": "own_uts {pid}",
    # Both ends are free, or they are the two ends of one pair already.  name, peer: when they are made, on the host;
    # path, interface: where the second one ends up; home: the namespace of the first one, if not the host's.
    "Pair": "pair_or_free {name} {peer} {path} {interface} [{home}]",
    # A macvlan's parent, and the names that it takes there and here; or it is there already.
    "Hostif": "has '' ip link show dev {name}",  # which is no name of what would be made
    "NoBridge": "lacks ip link show dev {name} type bridge",
    "Up": "has '' ip link show dev {name} up",
    "NoMacvlan": "lacks ip link show dev {name} type macvlan",  # one on top of it would be on its parent instead
    "Macvlan": "macvlan_or_free {parent} {mode} {name} {path} {interface}",
    # What else may live in a guest: the kernel knows the kind; its names are free, or it is there already.
    "Kind": "can_make {type}  # option module",
    "VlanFiltering": "can_make bridge vlan_filtering 1",
    "Vlan": "vlan_or_free {parent} {vlan} {name}",
    "OneLink": "one_word {name}  # mac",  # what was found is one name
    "GuestLink": "link_or_free {type} {name} {path} {interface} [{parent}]",
    "OvsBridge": "ovs_or_free {name}",
    "HereOrMoved": "here_or_moved {name}",  # by this run
    "RoomOrMoved": "room_or_moved {name} {path} {interface}",
    "HostAddress": "test -n {address}  # device",
    "Passthru": "alone_on {parent} {mode} {name} {path} {interface}",  # it has its parent for itself
    "Router": "lacks nsenter --net={path} ip -o addr show to {via}",  # it is not the guest itself
    "DefaultRoute": "route_or_free {path} {family} {via}",  # the guest has none, or the one through this gateway
    # What a route, a rule or a queue discipline of the guest's is asked to be.
    "OneRoute": "nsenter --net={path} bash -c '\"$@\"' bash one_route {family} {destination} {table}",
    "OneRule": "nsenter --net={path} bash -c '\"$@\"' bash one_rule {family} {text} {like...}",  # which one is meant
    # Its queue discipline is none, or this one, or undo can make it again.
    "LoneQdisc": "nsenter --net={path} bash -c '\"$@\"' bash lone_qdisc {device} [{words...}]",
    "QdiscKind": "qdisc_known {discipline}",  # this kernel has it
    "QdiscWords": "qdisc_fits {words...}",
    # Links of the host.
    "Bridge": "bridge_or_free {name}",
    "ReadyBridge": "has '' ip link show dev {name} type bridge",
    "Network": "has '' ip link show dev {bridge} type bridge  # command",  # what makes a network that is not there
    "Link": "has '' ip link show dev {name}",
    "LinkOrLent": "in_either /var/run/netns/{netns} ip link show dev {name}",  # it is here, or there already
    "NoPort": "port_or_free {name} [{master}]",  # a port of nothing, or of that bridge already
    "OnePath": "one_path {name}",  # no route with several next hops leads through it
    "Tap": "tap_or_free {name}",
    # What a whole lab makes: each is free, or this run's.
    "NamesFree": "names_free {names...}",  # of namespaces
    "GuestsFree": "guests_free {runtime} {names...}",
    "LinksFree": "links_free {names...}",
    "PathsFree": "files_free {names...}",
    "OwnAddress": "has '' ip -o addr show to {address}  # machine",
    "PortsFree": "ports_free {protocol} {publications...}",  # each ADDRESS:PORT=DESTINATION
    "BridgeFilter": "test -e /proc/sys/net/bridge/bridge-nf-call-iptables",  # iptables can see what passes a bridge
    # What was captured is not empty.
    "Value": "test -n {variable}",
    "Subnet": "test -n {variable}  # device",
    "Gateway": "test -n {gateway}  # nic",
    "Card": "test -n {nic}",
    "Address": "test -n {address}  # bridge",
    # The port that leads to a guest: asked as its maker asks for it, whose run so knows that this one stands on it.
    "GuestPort": "has '' ip link show dev $(port_of {bridge} {path}) type veth",
    "FreeAddress": "test -n {address}  # bridge",
    "Port": "test -n {port}",
    # Ports of the host: no rule sends it elsewhere, no program listens but the one that passes it on there.
    "Unpublished": "unpublished {protocol} {address} {port} {destination}",
    "Unbound": "unbound {protocol} {address} {port} {destination}",
    # A DHCP client of the guest's.
    "Inside": "has '' nsenter --net={path} ip link show dev {interface}",  # the guest has that interface
    "LeaseFree": "lease_free {folder} {client}  # interface",  # no client of ours is at work there, or this one
    "DhcpClient": "has '' dhcp_client {client}  # package",
    "SomeDhcpClient": "test -n {client}",
    # Engines.
    "Engine": "has '' {runtime} version -f '{{.Server.Version}}'",
    "Runtime": "has '' {runtime} ps",  # it can be asked for containers: podman has no server
    "EngineRuns": "engine_answers",
    "EngineAnswer": "engine_settled",  # if it runs: some services say `started` before that
    "ContainersStop": "engine_lets_go",  # with their engine: it has no live-restore
    "FreeSubnet": "subnet_free {subnet} {devices...}",  # no route but these devices' own leads into it or across it
    "NoOtherAddress": "only_address {device} {address}",
    # What else is on the host does not make it come to nothing.
    "Reached": "reached {program} {chain} {rule...}",  # no rule before the chain's end decides about all
    "Room": "room {bridge} {subnet}",  # for a subnet on a bridge that is to be made
    "WayOut": "leads_out {uplink} {version} {far}",  # not only what no other route fits
    "Homed": "homed {version} {bridge} {subnet}",
    "HostHas": "has '' ip -o addr show to {address}",
    "NotBridges": "lacks ip -o addr show dev {bridge} to {address}",
    "Alone": "alone '' {bridge} {path} {interface} addr show to {address}",  # of the guests on that bridge
    "AloneMac": "alone 'link/ether '{mac}' ' {bridge} {path} {interface} link show",
    # Files and programs.
    "File": "test -f {path}",
    "OfEngine": "test -f {path}  # runtime guest file",
    "Program": "has '' command -v {program}  # package",
    "Vm": "has '' command -v vm",  # the throw-away host's program
    "Distro": "is {distro} distro_of {known...}",  # this one, or like it and like none of the known ones more
}


_REMARKS = {
    "Bridge": "has '' ip link show dev {name} type bridge",
    "Passes": "passes {program} {bridge}",
    "Listens": "has '' nsenter --net={path} ss -Hln{flag} 'sport = :{port} and not src 127.0.0.0/8 and not src [::1]'"
    "  # protocol",
}


class Need(Question):
    """A condition of the host, checked before anything is touched."""

    QUESTIONS = _NEEDS

    @property
    def entry(self) -> str:
        return f"{type(self).__name__}{self.what}"


class Remark(Need):
    """What is said where its question is answered no; nothing depends on it."""

    QUESTIONS = _REMARKS


KINDS["Need"] = Need
KINDS["Remark"] = Remark
