"""A running guest joins a bridge, as Docker would have joined it."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, within
from bridgekit.recipes import wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("attach-{guest}-{interface}")
def attach(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address, CIDR: 10.0.0.2/24"],
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
    txqueuelen: Annotated[int | None, "how many packets may wait at each end; default: the kernel's choice"] = None,
) -> Steps:
    """Join a running guest to a bridge.

    Raises InputError.  Source: sequences 000.netns-bind, 000.veth, 000.bridge, the route of 000.outbound.
    """
    who, host = wiring.Party(names.guest(guest)), names.host_address(address)
    router = None if gateway is None else names.gateway(gateway, host)
    wire = wiring.wire_of(who.guest, interface, veth, peer, netns)
    switch = names.interface(bridge)
    if switch in (wire.veth, wire.peer):
        raise InputError(tr("one name for two interfaces: {0!r}", switch), tr("choose other names"))
    hardware = None if mac is None else names.mac(mac)
    both = wiring.settings(host.version, mtu, txqueuelen)

    yield from wiring.identify(who)
    yield op.Need("Bridge", name=switch)
    yield from wiring.free(wire, who, router)
    yield op.Need("NoPort", name=wire.veth, master=switch)
    yield from wiring.name_netns(wire.netns, who, wiring.handle_of(handle))
    yield from wiring.pair(wire, hardware, both)
    yield from wiring.address_inside(wire, str(host))
    gateway_address = None if router is None else f"{router}/{host.network.prefixlen}"
    yield from wiring.join(wire.veth, switch, gateway_address)
    if router is not None:
        yield within(wire.netns, op.RouteAdd(str(router), wire.interface))
