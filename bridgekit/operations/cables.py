"""Links that are born where they belong; a name for a namespace.  man 8 ip-link, ip-netns; man 4 veth."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text


@operation
class VethInto(Operation):
    """Make a pair of virtual Ethernet interfaces, the second of which is born in a namespace.

    mac: its address; empty: a random one.
    """

    name: str
    peer: str
    netns: str
    mac: str = ""
    line = "ip link add name {name} type veth peer name {peer} [address {mac}] netns {netns}"
    unless = "joined {name} '' {peer} {netns}"
    remains = "pair_left {name} '' {peer} {netns}"
    undo = "ip link del dev {name}"
    makes = ("link name", "link peer @netns")


@operation
class VethBetween(Operation):
    """Make such a pair, each end of which is born in a namespace.  mac, peer_mac: their addresses; empty: random."""

    name: str
    netns: str
    peer: str
    other: str
    mac: str = ""
    peer_mac: str = ""
    line = (
        "ip link add name {name} [address {mac}] netns {netns} type veth peer name {peer} [address {peer_mac}]"
        " netns {other}"
    )
    unless = "joined {name} {netns} {peer} {other}"
    remains = "pair_left {name} {netns} {peer} {other}"
    undo = "ip -n {netns} link del dev {name}"
    makes = ("link name @netns", "link peer @other")
    part_of = ("netns netns", "netns other")


@operation
class VxlanAdd(Operation):
    """Make one end of a cable through the network between two machines: VXLAN, over UDP port 4789.

    vni: its number, the same on both.  local, remote: this machine's address, and the other's.
    netns: the namespace in which it is born; what it wraps goes by this host's network all the same.
    mac: its address; empty: a random one.
    """

    name: str
    vni: str
    local: str
    remote: str
    netns: str = ""
    mac: str = ""
    line = (
        "ip link add name {name} [address {mac}] [netns {netns}] type vxlan id {vni} local {local} remote {remote}"
        " dstport 4789"
    )
    unless = (
        "has ' vxlan id '{vni}' remote '{remote}' local '{local}' ' "
        "ip [-n {netns}] -o -d link show dev {name} type vxlan"
    )
    undo = "ip [-n {netns}] link del dev {name}"

    @property
    def makes(self) -> tuple[str, ...]:
        return ("link name @netns",) if self.netns else ("link name",)


@operation
class NetnsAttach(Operation):
    """Name a process's network namespace, in place of one that the name led to before its container was made again."""

    name: str
    pid: Text
    line = "attach_netns {name} {pid}"
    unless = "is $(stat -L -c %i /proc/{pid}/ns/net) stat -L -c %i /var/run/netns/{name}"
    undo = "ip netns del {name}"
