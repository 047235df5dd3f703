"""A network card of this host moves into a guest, and comes back on undo with all that it had."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, within
from bridgekit.recipes import configuring, parents, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr
from bridgekit.words import Text, Var


@recipe("move-{guest}-{nic}")
def move(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    nic: Annotated[str, "the interface of this host that moves into the guest, or mac:ADDRESS"],
    address: Annotated[str, "its address there, CIDR: 192.168.1.20/24; 0/0: none"],
    *,
    gateway: Annotated[str | None, "its default route"] = None,
    interface: Annotated[str | None, "its name in the guest; default: the one that it has"] = None,
    mac: Annotated[str | None, "its MAC address there; default: its own"] = None,
    mtu: Annotated[int | None, "its MTU there, in bytes"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    keep_replies: Annotated[bool, "with --via: replies go on leaving by the gateways that it replaces"] = False,
    notify: Annotated[bool, "tell the neighbours at once which MAC address it has"] = False,
) -> Steps:
    """Give a running guest a network card of this host: the card itself.

    Undo brings it back with its name, addresses, routes and settings.

    Raises InputError.  Source: man 8 ip-link, ip-netns.
    """
    who = wiring.Party(names.guest(guest))
    wanted = configuring.inside(address, add_address, gateway, via, route, notify)
    moved = parents.parent_of(nic)
    here = moved.link
    wire = wiring.wire_of(who.guest, _name_there(here, interface), None, None, None)
    wanted = configuring.replying(wanted, wire, keep_replies)
    hardware, own = None if mac is None else names.mac(mac), wiring.settings(wanted.version, mtu)

    yield from wiring.identify(who)
    yield from parents.known(moved, "CardOfMac") if moved.mac else ()
    yield op.Need("HereOrMoved", name=here)
    yield op.Need("NoBridge", name=here)
    yield op.Need("NoPort", name=here)
    yield op.Need("OnePath", name=here)
    yield op.Need("RoomOrMoved", name=here, path=who.path, interface=wire.interface)
    yield from configuring.free(who, wanted)
    yield from wiring.name_free(wire.netns, who)
    yield from wiring.name_netns(wire.netns, who, "bind")
    yield op.LinkLend(here, str(wire.netns))
    if here != wire.interface:
        yield within(wire.netns, op.LinkRename(here, wire.interface))
    for what, value in (*((("address", hardware),) if hardware is not None else ()), *own):
        yield within(wire.netns, op.LinkSet(wire.interface, what, value), f"macvlan-{what}" if what == "mtu" else "")
    yield from configuring.configured(wire, wanted)


def _name_there(here: Text, interface: str | None) -> str:
    """What the card is called in the guest.  Raises InputError."""
    if interface is not None:
        return interface
    if isinstance(here, Var):
        raise InputError(
            tr("a card by its MAC address, and no name for it"), tr("--interface NAME: the guest's for it")
        )
    return here
