"""A running guest gets an interface of its own on the network that one of the host's is on."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.operations import NetnsPath
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, hostway, parents, wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr

MODES = ("bridge", "private", "vepa", "passthru")


@recipe("macvlan-{guest}-{interface}")
def macvlan(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address on the parent's network, CIDR: 192.168.1.20/24; 0/0: none"],
    *,
    parent: Annotated[str, "the interface of this host whose network the guest joins, or mac:ADDRESS"],
    mode: Annotated[str, "what guests on one parent may do among themselves", OneOf(MODES)] = "bridge",
    gateway: Annotated[str | None, "its default route"] = None,
    interface: Annotated[str, "the interface's name in the guest"] = "eth0",
    mac: Annotated[str | None, "the interface's MAC address; default: the kernel's choice"] = None,
    mtu: Annotated[int | None, "its MTU, in bytes; at most the parent's"] = None,
    vlan: Annotated[int | None, "rather on this VLAN of the parent's network"] = None,
    host_route: Annotated[bool, "the host reaches the guest, too, by a macvlan of its own"] = False,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    keep_replies: Annotated[bool, "with --via: replies go on leaving by the gateways that it replaces"] = False,
    notify: Annotated[bool, "tell the neighbours at once which MAC address it has"] = False,
) -> Steps:
    """Give a running guest a macvlan: an interface of its own on the network of one of this host's.

    The host and the guest do not reach each other by it, unless with --host-route.

    Raises InputError.  Source: man 8 ip-link, macvlan.
    """
    who, wanted = (
        wiring.Party(names.guest(guest)),
        configuring.inside(address, add_address, gateway, via, route, notify),
    )
    above, mode = parents.parent_of(parent, vlan), _mode(mode)
    # Not born in the guest under its name there: older kernels refuse a name that the host has, too.
    here = f"macvlan_{names.number(who.guest, interface)}"
    wire = wiring.wire_of(who.guest, interface, None, here, None)
    wanted = configuring.replying(wanted, wire, keep_replies)
    hardware, own = None if mac is None else names.mac(mac), wiring.settings(wanted.version, mtu)
    if host_route:
        hostway.refuse(wanted, mode)

    yield from wiring.identify(who)
    yield from parents.known(above)
    yield from _fit(above, {"path": who.path, "mode": mode, "name": here, "interface": wire.interface})
    yield from configuring.free(who, wanted)
    yield from wiring.name_free(wire.netns, who)
    yield from hostway.known(above, wanted) if host_route else ()
    yield from wiring.name_netns(wire.netns, who, "bind")
    yield from parents.ready(above)
    yield op.MacvlanAdd(here, above.below, mode, NetnsPath(name=wire.netns), wire.interface)
    yield from wiring.into(wire, hardware, own, "macvlan")
    yield from configuring.configured(wire, wanted)
    yield from hostway.way(above, wanted, wire) if host_route else ()


def _mode(text: str) -> str:
    if text not in MODES:
        raise InputError(tr("not a mode: {0!r}", text), tr("one of: {0}", ", ".join(MODES)))
    return text


def _fit(above: parents.Parent, asked: dict[str, op.Given]) -> Steps:
    """The parent is one, and takes one more in that mode."""
    if not above.vlan:
        yield op.Need("NoPort", name=above.link)
    yield op.Need("NoMacvlan", name=above.link)
    yield from parents.vlan_free(above)
    for what in ("Macvlan", "Passthru"):
        yield op.Need(what, parent=above.below, **asked)
