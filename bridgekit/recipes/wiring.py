"""The parts of wiring a guest, which recipes and lessons put together."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from bridgekit import names
from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.operations import NetnsPath
from bridgekit.plan import Steps, because, within
from bridgekit.words import Var


@dataclass(frozen=True)
class Wire:
    """A veth pair: `veth` stays on the host, `peer` becomes `interface` in namespace `netns`."""

    veth: str
    peer: str
    interface: str
    netns: str


def wire_of(guest: names.Guest, interface: str, veth: str | None, peer: str | None, netns: str | None) -> Wire:
    """The names of a pair, checked; those not given are made of the guest and its interface."""
    number = sha256(f"{guest} {interface}".encode()).hexdigest()[:7]
    host_end = names.interface(f"veth_{number}" if veth is None else veth)
    guest_end = names.interface(f"veth_{number}_p" if peer is None else peer)
    inside = names.interface(interface)
    if host_end == guest_end:
        raise InputError(f"one name for both ends: {host_end!r}", "choose different --veth and --peer")
    if inside == "lo":
        raise InputError("not a free name: 'lo'", "every namespace has a lo of its own; eth0, say")
    if guest.kind == "netns" and netns not in (None, guest.name):
        raise InputError(f"the namespace has a name already: {guest.name!r}", "leave --netns out")
    return Wire(host_end, guest_end, inside, names.netns(guest.name if netns is None else netns))


def pid_of(guest: names.Guest) -> Var | None:
    """The variable that holds a guest's process id; None for a named namespace."""
    match guest.kind:
        case "netns":
            return None
        case "pid":
            return Var("PID", guest.name, numeric=True)
    return Var("pid", numeric=True)


def guest_variable(guest: names.Guest) -> Var:
    """The variable by which a script's user names another container."""
    return Var("GUEST", guest.name)


def identify(guest: names.Guest) -> Steps:
    """Learn who the guest is; it must run, in a network namespace of its own."""
    pid = pid_of(guest)
    if pid is None:
        yield op.NeedNetns(guest.name)
    elif guest.kind != "pid":
        yield op.CapturePid(pid, guest.kind, guest_variable(guest))
    if pid is not None:
        yield op.NeedProcess(pid)
    yield op.NeedOwnNetns(path_of(guest))


def path_of(guest: names.Guest) -> NetnsPath:
    """Where a guest's namespace can be opened before it has a name of ours."""
    pid = pid_of(guest)
    return NetnsPath(name=guest.name) if pid is None else NetnsPath(pid=pid)


def free(wire: Wire, guest: names.Guest, gateway: names.Address | None = None) -> Steps:
    """What a wire takes in host and guest is free, or its own already."""
    path, pid = path_of(guest), pid_of(guest)
    yield op.NeedPair(wire.veth, wire.peer, path, wire.interface)
    if gateway is not None:
        yield op.NeedDefaultRoute(path, str(gateway))
    if pid is not None:
        yield op.NeedNetnsName(wire.netns, pid)


def name_netns(netns: str, guest: names.Guest, handle: str) -> Steps:
    """Give a guest's namespace a name that `ip netns` knows; a named one has it."""
    pid = pid_of(guest)
    if pid is None:
        return
    if handle == "symlink":
        yield op.NetnsDirectory()
        yield op.NetnsLink(netns, pid)
    else:
        yield op.NetnsAdd(netns)
        yield op.NetnsBind(netns, pid)


def pair(wire: Wire, mac: str | None = None, mtu: int | None = None) -> Steps:
    """Make the pair and put one end into the guest, under its name there."""
    yield op.VethAdd(wire.veth, wire.peer)
    if mtu is not None:
        yield op.LinkSetMtu(wire.veth, mtu)
    yield op.LinkSetNetns(wire.peer, wire.netns)
    yield within(wire.netns, op.LinkRename(wire.peer, wire.interface))
    if mac is not None:
        yield within(wire.netns, op.LinkSetAddress(wire.interface, mac))
    if mtu is not None:
        yield within(wire.netns, op.LinkSetMtu(wire.interface, mtu))


def address_inside(wire: Wire, address: str) -> Steps:
    """Give the guest's interface its address, and bring it and the loopback up."""
    yield within(wire.netns, op.LinkSetUp("lo"), note="lo-up")
    if ":" in address:
        key = f"net/ipv6/conf/{wire.interface}/disable_ipv6"
        yield within(wire.netns, op.SysctlSet(key, "0"), note="ipv6-on", interface=wire.interface)
    yield within(wire.netns, op.AddressAdd(wire.interface, address))
    yield within(wire.netns, op.LinkSetUp(wire.interface))


def join(veth: str, bridge: str, gateway_address: str | None) -> Steps:
    """Make the host's end a port of the bridge; the host gets its address there."""
    yield op.BridgeAdd(bridge)
    yield op.LinkSetMaster(veth, bridge)
    if gateway_address is not None:
        given = op.AddressAdd(bridge, gateway_address, fresh=True)
        yield because("gateway-address", given, bridge=bridge, address=gateway_address)
    yield op.LinkSetUp(bridge)
    yield op.LinkSetUp(veth)
