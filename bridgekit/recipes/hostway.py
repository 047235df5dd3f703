"""The host's own way to guests on macvlans: one more macvlan, and a route to each of them."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, because, within
from bridgekit.recipes import wiring
from bridgekit.recipes.configuring import Inside
from bridgekit.recipes.parents import Parent
from bridgekit.translation import tr
from bridgekit.words import Var

_OWN = {4: Var("own"), 6: Var("own6")}
_ASKED = {4: "OwnAddress", 6: "OwnSix"}
_MAC = Var("way_mac")


def refuse(wanted: Inside, mode: str) -> None:
    """What the host cannot have.  Raises InputError."""
    if mode != "bridge":
        raise InputError(tr("no way between macvlans in mode {0!r}", mode), tr("--host-route is for mode bridge"))
    if not wanted.addresses:
        raise InputError(tr("no address that the host could have a route to"), tr("leave --host-route out"))


def known(parent: Parent, wanted: Inside) -> Steps:
    """The addresses that the host speaks from, one of each family that the guest has."""
    for version in _versions(wanted):
        yield op.Capture(_OWN[version], _ASKED[version], device=parent.link)
        yield op.Need("HostAddress", address=_OWN[version], device=parent.link)


def way(parent: Parent, wanted: Inside, wire: wiring.Wire) -> Steps:
    """A macvlan of the host's, shared by all guests on that parent, and a route by it to each address."""
    name = f"host_{names.number(parent.below, parent.mac)}"
    yield because("host-macvlan", op.MacvlanAdd(name, parent.below, "bridge"), parent=parent.below)
    yield because("host-arp", op.SysctlSet(f"net/ipv4/conf/{name}/arp_filter", "1"), name=name)
    if 6 in _versions(wanted):
        yield because("host-dad", op.SysctlSet(f"net/ipv6/conf/{name}/accept_dad", "0"), name=name)
    yield op.LinkSet(name, "up")
    if 6 in _versions(wanted):
        yield op.Capture(_MAC, "LinkMac", name=name)
        yield within(wire.netns, op.NeighbourAdd(_OWN[6], _MAC, wire.interface), "host-neighbour")
    for each in wanted.addresses:
        route = op.RouteAdd("", name, f"{each.ip}/{each.max_prefixlen}", _OWN[each.version])
        yield because("host-way", route, address=str(each.ip), name=name)


def _versions(wanted: Inside) -> list[int]:
    return sorted({each.version for each in wanted.addresses})
