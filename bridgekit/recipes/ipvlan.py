"""A running guest gets an address of its own on the network of one of this host's interfaces, by that one's MAC."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, lone, parents, wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr

MODES = ("l2", "l3", "l3s")


@recipe("ipvlan-{guest}-{interface}")
def ipvlan(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address on the parent's network, CIDR: 192.168.1.20/24; 0/0: none"],
    *,
    parent: Annotated[str, "the interface of this host whose network the guest joins, or mac:ADDRESS"],
    mode: Annotated[str, "whether the parent switches or routes for it", OneOf(MODES)] = "l2",
    interface: Annotated[str, "the interface's name in the guest"] = "eth0",
    mtu: Annotated[int | None, "its MTU, in bytes; at most the parent's"] = None,
    vlan: Annotated[int | None, "rather on this VLAN of the parent's network"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    notify: Annotated[bool, "tell the neighbours at once which MAC address it has"] = False,
) -> Steps:
    """Give a running guest an ipvlan: an address of its own, and the MAC address of one of this host's interfaces.

    Raises InputError.  Source: man 8 ip-link, ipvlan.
    """
    if mode not in MODES:
        raise InputError(tr("not a mode: {0!r}", mode), tr("one of: {0}", ", ".join(MODES)))
    who, wanted = wiring.Party(names.guest(guest)), configuring.inside(address, add_address, None, via, route, notify)
    above, wire = parents.parent_of(parent, vlan), lone.wire_of(who.guest, interface, "ipvlan")
    own = wiring.settings(wanted.version, mtu)
    yield from wiring.identify(who)
    yield from parents.known(above)
    yield from parents.vlan_free(above)
    yield from lone.free("ipvlan", who, wire, wanted, above.below)
    yield from wiring.name_netns(wire.netns, who, "bind")
    yield from parents.ready(above)
    made = op.IpvlanAdd(wire.peer, above.below, mode, lone.home(wire), wire.interface)
    yield from lone.placed(wire, (made,), wanted, None, own)
