"""A running guest joins a bridge, as Docker would have joined it."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, meeting, parents, wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.nat import among
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("attach-{guest}-{interface}")
def attach(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address, CIDR: 10.0.0.2/24; 0/0: none"],
    *,
    bridge: Annotated[str, "the bridge to join; made if it is missing"] = "br666",
    gateway: Annotated[str | None, "its default route; a bridge made here gets this address"] = None,
    interface: Annotated[str, "the interface's name in the guest"] = "eth0",
    veth: Annotated[str | None, "the pair's end on the host; default: made of guest and interface"] = None,
    peer: Annotated[str | None, "the pair's other end before it is renamed"] = None,
    netns: Annotated[str | None, "the name that the guest's namespace gets; default: the guest's"] = None,
    handle: Annotated[str, "how it gets that name", OneOf(wiring.HANDLES)] = "bind",
    mac: Annotated[str | None, "the interface's MAC address; default: the kernel's choice"] = None,
    mtu: Annotated[int | None, "MTU of both ends, in bytes"] = None,
    inherit_mtu: Annotated[bool, "both ends take the bridge's MTU"] = False,
    txqueuelen: Annotated[int | None, "how many packets may wait at each end; default: the kernel's choice"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    vlan: Annotated[
        str | None, "NUMBER: the bridge's own that the guest is on; NUMBER@NIC: that of a network to which it leads"
    ] = None,
    keep_replies: Annotated[bool, "with --via: replies go on leaving by the gateways that it replaces"] = False,
    forward: Annotated[bool, "let through what passes the bridge, where the host filters that"] = False,
    notify: Annotated[bool, "tell the neighbours at once which MAC address it has"] = False,
) -> Steps:
    """Join a running guest to a bridge.

    Raises InputError.  Source: sequences 000.netns-bind, 000.veth, 000.bridge, the route of 000.outbound.
    """
    who = wiring.Party(names.guest(guest))
    wanted = configuring.inside(address, add_address, gateway, via, route, notify)
    wire = wiring.wire_of(who.guest, interface, veth, peer, netns)
    wanted, switch = configuring.replying(wanted, wire, keep_replies), _switch(bridge, wire)
    hardware = None if mac is None else names.mac(mac)
    both = _both(wanted, mtu, inherit_mtu, txqueuelen)
    above, own = _above(vlan, gateway)

    yield from wiring.identify(who)
    yield from _fit(above, own, switch)
    yield from wiring.free(wire, who, wanted.gateway)
    yield from configuring.others(who, wanted)
    yield op.Need("NoPort", name=wire.veth, master=switch)
    # In a VLAN apart it may have what another one has.
    yield from () if own else meeting.alone(switch, who, wire.interface, wanted.addresses, hardware)
    yield from _met(switch, wanted, forward)
    yield from wiring.name_netns(wire.netns, who, wiring.handle_of(handle))
    yield from wiring.pair(wire, hardware, both, switch if inherit_mtu else "")
    yield from configuring.addressed(wire, wanted)
    yield from _joined(wire.veth, switch, wanted, own)
    yield from (among(switch, version) for version in wanted.versions if forward)
    yield from _leading(above, switch)
    yield from configuring.routed(wire, wanted)
    yield from configuring.announced(wire, wanted)


def _both(wanted: configuring.Inside, mtu: int | None, inherit_mtu: bool, txqueuelen: int | None) -> wiring.Settings:
    """What is set of both ends of the pair."""
    if inherit_mtu and mtu is not None:
        raise InputError(tr("--mtu and --inherit-mtu exclude each other: {0!r}", mtu), tr("one of the two"))
    return wiring.settings(wanted.version, mtu, txqueuelen)


def _switch(bridge: str, wire: wiring.Wire) -> str:
    switch = names.interface(bridge)
    if switch in (wire.veth, wire.peer):
        raise InputError(tr("one name for two interfaces: {0!r}", switch), tr("choose other names"))
    return switch


def _above(text: str | None, gateway: str | None) -> tuple[parents.Parent | None, str]:
    """The VLAN of a network card that the bridge leads to, or the bridge's own that the guest is on."""
    if text is None:
        return None, ""
    number, at, nic = text.partition("@")
    vlan = names.vlan(number)
    if at:
        return parents.parent_of(nic, vlan), ""
    if gateway is not None:
        raise InputError(tr("the host has its address on a bridge without a VLAN: {0!r}", gateway), tr("--via GATEWAY"))
    return None, str(vlan)


def _fit(above: parents.Parent | None, own: str, switch: str) -> Steps:
    """The bridge is one, or can be, and can lead to that VLAN, or keep its own apart."""
    yield op.Need("Bridge", name=switch)
    if own:
        yield op.Need("VlanFiltering")
    if above:
        yield from parents.known(above)
        yield from parents.vlan_free(above)
        yield op.Need("NoPort", name=above.below, master=switch)


def _leading(above: parents.Parent | None, switch: str) -> Steps:
    """The bridge leads there."""
    if above:
        yield from parents.ready(above)
        yield op.LinkSet(above.below, "master", switch)


def _met(switch: str, wanted: configuring.Inside, forward: bool) -> Steps:
    """What else is on the host leaves it its subnet and its way."""
    if wanted.gateway is not None:
        yield op.Need("Room", bridge=switch, subnet=str(wanted.addresses[0].network))
    for version in wanted.versions:
        yield from meeting.through(switch, version, forward)


def _joined(veth: str, switch: str, wanted: configuring.Inside, vlan: str) -> Steps:
    """The host's end is a port of the bridge."""
    router, home = wanted.gateway, wanted.addresses
    yield from wiring.join(veth, switch, f"{router}/{home[0].network.prefixlen}" if router else None, vlan=vlan)
