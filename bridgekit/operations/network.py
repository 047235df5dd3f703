"""Links, addresses, routes, kernel parameters.  man 8 ip-link, ip-address, ip-route, ip-tuntap, bridge, sysctl."""

from __future__ import annotations

from bridgekit.names.families import FORWARDING, family, six
from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.operations.settings import OfLink
from bridgekit.words import Argv, Text, parts


@operation
class BridgeAdd(Operation):
    """Make a bridge."""

    name: str
    line = "ip link add name {name} type bridge"
    unless = "has '' ip link show dev {name} type bridge"
    undo = "ip link del dev {name}"
    makes = ("link name",)


@operation
class VethAdd(Operation):
    """Make a pair of virtual Ethernet interfaces, each the other's peer.

    home: the namespace that the first end will live in, if not the host's; on its way there it is still here.
    queue: how many packets wait in each before more are dropped; empty: the kernel's choice.
    mtu: of each, in bytes; empty: the kernel's choice.
    """

    name: str
    peer: str
    home: NetnsPath = NetnsPath()
    queue: str = ""
    mtu: Text = ""
    line = (
        "ip link add name {name} [mtu {mtu}] [txqueuelen {queue}] "
        "type veth peer name {peer} [mtu {mtu}] [txqueuelen {queue}]"
    )
    makes = ("link name", "link peer")

    @property
    def unless(self) -> str:
        return ("in_either {home}" if self.home else "has ''") + " ip link show dev {name} type veth"

    @property
    def undo(self) -> str:
        return "drop_link {name} {home}" if self.home else "ip link del dev {name}"


@operation
class TapAdd(Operation):
    """Make a tap: an interface whose other end is a program."""

    name: str
    line = "ip tuntap add dev {name} mode tap"
    unless = "has 'tun type tap ' ip -d link show dev {name}"
    undo = "ip link del dev {name}"
    makes = ("link name",)


@operation
class LinkSetNetns(OfLink):
    """Move an interface of the host into a namespace."""

    name: str
    netns: Text
    line = "ip link set {name} netns {netns}"
    unless = "lacks ip link show dev {name}"
    undo = "fetch {name} {netns}"
    part_of = ("link name",)
    carries = ("link name", "link name @netns")


@operation
class LinkRename(OfLink):
    """Give an interface another name."""

    name: Text
    new: str
    line = "ip link set {name} name {new}"
    unless = "has '' ip link show dev {new}"
    undo = "ip link set {new} name {name}"
    part_of = ("link name",)
    carries = ("link name", "link new")


@operation
class AddressAdd(Operation):
    """Give an interface an address.

    address: CIDR.
    fresh: only where this run made the interface; an interface found there keeps the addresses it has.
    more: it has others.
    """

    device: str
    address: Text
    fresh: bool = False
    more: bool = False
    makes = ("address device address",)
    part_of = ("link device",)

    @property
    def line(self) -> str:
        if six(self.address):
            return "ip addr add {address} dev {device} nodad"
        if isinstance(self.address, str) and self.address.endswith(("/31", "/32")):
            return "ip addr add {address} dev {device}"
        return "ip addr add {address} brd + dev {device}"

    @property
    def undo(self) -> str:
        six_or_alone = six(self.address) or (isinstance(self.address, str) and self.address.endswith(("/31", "/32")))
        return "ip addr del {address} dev {device}" if six_or_alone else "drop_address {address} {device}"

    @property
    def unless(self) -> str:
        asked = f"has '{'inet6' if six(self.address) else 'inet'} {{address}} ' ip addr show dev {{device}}"
        return f"foreign {{device}} {asked}" if self.fresh else asked


@operation
class RouteAdd(Operation):
    """Add a route, through a gateway or (if that is empty) straight out of a device.

    destination: `default` or CIDR.  source: the address that its packets come from; empty: the kernel's choice.
    """

    via: Text
    device: str
    destination: str = "default"
    source: Text = ""
    line = "ip route add {destination} [via {via}] [dev {device}] [src {source}]"
    unless = "has '' ip {family} route show {destination} {way...}"
    makes = ("route destination",)
    part_of = ("link device",)

    @property
    def undo(self) -> str:
        line = "ip route del {destination} [via {via}]"
        return line if self.destination == "default" else f"{line} [dev {{device}}]"

    @property
    def family(self) -> str:
        """`ip`'s option for its addresses."""
        return family(self.via, self.destination)

    @property
    def way(self) -> Argv:
        """A gateway's is found through whatever interface: `route add` lets the kernel choose it."""
        return ("via", self.via) if self.via else ("dev", self.device)


@operation
class DefaultReplace(Operation):
    """Make a gateway's the only default route of its family, in place of those that there are.

    A gateway that cannot be leaves them as they are.
    """

    via: str
    device: str
    line = "replace_default {family} {via} {device}"
    # That ours is there, not that it is alone: so what was done in part is taken back, too.
    unless = "has 'default via {via} dev {device} ' ip {family} route show default"
    sets = "default route {family}"
    undo = "defaults_back {family} $(defaults {family})"

    @property
    def family(self) -> str:
        """`ip`'s option for its addresses."""
        return family(self.via)


@operation
class RepliesKeep(Operation):
    """Let what comes from other interfaces' addresses go on leaving by their gateways, whatever the default route.

    device: the interface that is about to have the default route.  table: a routing table's number, for these; also
    the priority of its rules.
    """

    version: int
    device: str
    table: int
    line = "keep_replies -{version} {device} {table}"
    unless = "replies_kept -{version} {device} {table}"
    undo = "forget_replies -{version} {table}"


@operation
class SysctlSet(Operation):
    """Set a kernel parameter; the way back are those, too, that the kernel changes with it.

    key: with `/` between its parts where an interface's name is one of them.
    """

    key: Text | tuple[Text, ...]
    value: str
    line = "sysctl -w {key}={value}"
    unless = "is {value} sysctl -n {key}"
    sets = "{key}"

    @property
    def device(self) -> str:
        """The interface that it is a parameter of; empty: none's."""
        kind, *path = "".join(map(str, parts(self.key))).split("/")
        return path[2] if kind == "net" and path[1:2] == ["conf"] else ""

    @property
    def part_of(self) -> tuple[str, ...]:
        return ("link device",) if self.device else ()

    @property
    def undo(self) -> str:
        version = next((version for version, key in FORWARDING.items() if key == self.key), 0)
        return f"restore $(forwarding {version})" if version else "sysctl -w {key}=$(sysctl -n {key})"

    @property
    def file(self) -> str:
        """Where /proc has it."""
        key = "".join(map(str, parts(self.key)))
        return f"/proc/sys/{key if '/' in key else key.replace('.', '/')}"


def forwarding(version: int, value: str = "1") -> SysctlSet:
    """Whether the host passes on what is not its own."""
    return SysctlSet(FORWARDING[version], value)


@operation
class RoutersKeep(Operation):
    """Go on listening to IPv6 routers on each link by which one told something, though the host is to forward."""

    line = "keep_routers"
    unless = "lacks told_by_routers"
    undo = "restore $(told_by_routers)"
