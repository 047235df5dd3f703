"""A running guest gets an interface that leads nowhere, for an address that is always there."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, lone, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe


@recipe("dummy-{guest}-{interface}")
def dummy(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address, CIDR: 10.0.0.2/24; 0/0: none"],
    *,
    interface: Annotated[str, "the interface's name in the guest"] = "dummy0",
    mac: Annotated[str | None, "the interface's MAC address; default: the kernel's choice"] = None,
    mtu: Annotated[int | None, "its MTU, in bytes"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
) -> Steps:
    """Give a running guest an interface that leads nowhere.

    Raises InputError.  Source: man 8 ip-link, dummy.
    """
    who, wanted = wiring.Party(names.guest(guest)), configuring.inside(address, add_address, None, via, route)
    wire = lone.wire_of(who.guest, interface, "dummy")
    hardware, own = None if mac is None else names.mac(mac), wiring.settings(wanted.version, mtu)
    yield from wiring.identify(who)
    yield from lone.free("dummy", who, wire, wanted)
    yield from wiring.name_netns(wire.netns, who, "bind")
    made = op.DummyAdd(wire.peer, lone.home(wire), wire.interface)
    yield from lone.placed(wire, (made,), wanted, hardware, own)
