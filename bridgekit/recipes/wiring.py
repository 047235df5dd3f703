"""The parts of wiring a guest, which recipes and lessons put together."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.operations import NetnsPath
from bridgekit.plan import Step, Steps, because, within
from bridgekit.translation import tr
from bridgekit.words import Text, Var

HANDLES = ("bind", "symlink")
MOST_PORTS = 1023  # of one bridge: BR_MAX_PORTS of the kernel is 1024, and port 0 is never given
Settings = tuple[tuple[str, str], ...]  # of an interface: what, and its value


@dataclass(frozen=True)
class Party:
    """A guest as a script knows it.

    suffix: tells the variables of several guests apart (`_A`, `_B`).
    pid_shown: the process id that a document shows.
    """

    guest: names.Guest
    suffix: str = ""
    pid_shown: str | None = None

    @property
    def container(self) -> Var:
        """The variable by which a script's user names another container."""
        return Var(f"GUEST{self.suffix}", self.guest.name)

    @property
    def pid(self) -> Var | None:
        """The variable that holds its process id; None for a named namespace."""
        match self.guest.kind:
            case "netns":
                return None
            case "pid":
                return Var(f"PID{self.suffix}", self.guest.name, numeric=True)
        return Var(f"pid{self.suffix.lower()}", numeric=True, example=self.pid_shown)

    @property
    def path(self) -> NetnsPath:
        """Where its namespace can be opened before it has a name of ours."""
        return NetnsPath(name=self.guest.name) if self.pid is None else NetnsPath(pid=self.pid)


@dataclass(frozen=True)
class Wire:
    """A veth pair: `veth` stays on the host, `peer` becomes `interface` in namespace `netns`."""

    veth: str
    peer: str
    interface: str
    netns: Text


def wire_of(guest: names.Guest, interface: str, veth: str | None, peer: str | None, netns: str | None) -> Wire:
    """The names of a pair, checked; those not given are made of the guest and its interface."""
    number = names.number(guest, interface)
    host_end = names.interface(f"veth_{number}" if veth is None else veth)
    guest_end = names.interface(f"veth_{number}_p" if peer is None else peer)
    inside = names.interface(interface)
    if host_end == guest_end:
        raise InputError(tr("one name for both ends: {0!r}", host_end), tr("choose different --veth and --peer"))
    if inside == "lo":
        raise InputError(tr("not a free name: 'lo'"), tr("every namespace has a lo of its own; eth0, say"))
    return Wire(host_end, guest_end, inside, netns_of(guest, netns))


def netns_of(guest: names.Guest, netns: str | None = None) -> str:
    """The name that a guest's namespace gets: the one given, or the guest's own."""
    if guest.kind == "netns" and netns not in (None, guest.name):
        raise InputError(tr("the namespace has a name already: {0!r}", guest.name), tr("leave --netns out"))
    return names.netns(guest.name if netns is None else netns)


def refuse_same(guest: object, other: object) -> None:
    """What joins two guests does not join one to itself.  Raises InputError."""
    if guest == other:
        raise InputError(tr("one guest at both ends: {0!r}", str(guest)), tr("another guest"))


def handle_of(text: str) -> str:
    """How a namespace gets its name, `bind` or `symlink`.  Raises InputError."""
    if text not in HANDLES:
        raise InputError(tr("not a handle: {0!r}", text), tr("one of: {0}", ", ".join(HANDLES)))
    return text


def identify(party: Party) -> Steps:
    """Learn who the guest is; it must run, in a network namespace of its own."""
    if party.pid is None:
        yield op.Need("Netns", name=party.guest.name)
        yield op.Need("LiveNetns", name=party.guest.name)
    elif party.guest.kind == "lxc":
        yield op.Capture(party.pid, "LxcPid", guest=party.container)
    elif party.guest.kind != "pid":
        yield op.Capture(party.pid, "Pid", runtime=party.guest.kind, guest=party.container)
    if party.pid is not None:
        yield op.Need("Process", pid=party.pid)
    yield op.Need("OwnNetns", path=party.path)


def free(wire: Wire, party: Party, gateway: names.Address | Var | str | None = None) -> Steps:
    """What a wire takes in host and guest is free, or its own already."""
    yield op.Need("Pair", name=wire.veth, peer=wire.peer, path=party.path, interface=wire.interface)
    yield from default_free(party, gateway)
    yield from name_free(wire.netns, party)


def default_free(party: Party, gateway: names.Address | Var | str | None) -> Steps:
    """The guest has no default route, or this one."""
    if gateway is not None:
        via = gateway if isinstance(gateway, Var) else str(gateway)
        yield op.Need("DefaultRoute", path=party.path, via=via, family=names.family(via))


def name_free(netns: Text, party: Party) -> Steps:
    """The name of a guest's namespace is free, or leads there already."""
    if party.pid is not None:
        yield op.Need("NetnsName", name=netns, pid=party.pid)


def name_netns(netns: Text, party: Party, handle: str) -> Steps:
    """Give a guest's namespace a name that `ip netns` knows; a named one has it."""
    if party.pid is None:
        return
    if handle == "symlink":
        yield op.NetnsDirectory()
        yield op.NetnsLink(netns, party.pid)
    else:
        yield op.NetnsAdd(netns)
        yield op.NetnsBind(netns, party.pid)


def pair(wire: Wire, mac: str | None = None, both: Settings = (), like: str = "") -> Steps:
    """Make the pair and put one end into the guest, under its name there.

    both: what is set of each end.  like: the link whose MTU both are made with.
    """
    mtu: Text = ""
    if like:
        mtu = Var("mtu", numeric=True)
        yield op.Capture(mtu, "Mtu", name=like)
    yield op.VethAdd(wire.veth, wire.peer, mtu=mtu)
    for what, value in both:
        yield op.LinkSet(wire.veth, what, value)
    yield from into(wire, mac, both)


def into(wire: Wire, mac: str | None = None, own: Settings = (), kind: str = "") -> Steps:
    """Put an interface of the host into the guest, under its name there.

    own: what is set of it.  kind: of what is no pair, for whose steps the catalogue has notes of their own.
    """
    noted = f"{kind}-{{}}" if kind else ""
    yield because(noted.format("netns"), op.LinkSetNetns(wire.peer, wire.netns))
    yield within(wire.netns, op.LinkRename(wire.peer, wire.interface))
    for what, value in (*((("address", mac),) if mac is not None else ()), *own):
        yield within(wire.netns, op.LinkSet(wire.interface, what, value), noted.format(what))


def settings(version: int, mtu: int | None = None, txqueuelen: int | None = None) -> Settings:
    """What is set of an interface for addresses of that IP version, checked.  Raises InputError."""
    checked = {
        "mtu": None if mtu is None else names.mtu(mtu, version),
        "txqueuelen": None if txqueuelen is None else names.queue(txqueuelen),
    }
    return tuple((what, str(value)) for what, value in checked.items() if value is not None)


def address_inside(wire: Wire, address: str) -> Steps:
    """Give the guest's interface its address, and bring it and the loopback up."""
    yield within(wire.netns, op.LinkSet("lo", "up"), note="lo-up")
    if names.six(address):
        yield from six_on(wire)
    yield within(wire.netns, op.AddressAdd(wire.interface, address))
    yield within(wire.netns, op.LinkSet(wire.interface, "up"))


def six_on(wire: Wire) -> Steps:
    """The guest's interface speaks IPv6, which engines turn off."""
    key = f"net/ipv6/conf/{wire.interface}/disable_ipv6"
    yield within(wire.netns, op.SysctlSet(key, "0"), note="ipv6-on", interface=wire.interface)


def new_bridge(bridge: str, note: str = "") -> Steps:
    """Make a bridge, with a MAC address that does not follow its ports; for the reason in the note, if there is one."""
    yield Step(op.BridgeAdd(bridge), note=note)
    yield op.LinkSet(bridge, "own address")


def join(veth: str, bridge: str, gateway_address: str | None, note: str = "gateway-address", vlan: str = "") -> Steps:
    """Make the host's end a port of the bridge; the host gets its address there, for the reason in the note.

    vlan: of the bridge's own that the port is on; empty: the bridge does not tell them apart.
    """
    yield from new_bridge(bridge)
    if vlan:
        yield op.LinkSet(bridge, "vlan filtering")
    yield op.LinkSet(veth, "master", bridge)
    if vlan:
        yield op.PortVlanAdd(veth, vlan)
        yield op.PortVlanDel(veth)
    if gateway_address is not None:
        given = op.AddressAdd(bridge, gateway_address, fresh=True)
        yield because(note, given, bridge=bridge, address=gateway_address)
    yield op.LinkSet(bridge, "up")
    yield op.LinkSet(veth, "up")
