"""The host's own way to guests on macvlans: one more macvlan, and a route to each of them."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, because
from bridgekit.recipes.configuring import Inside
from bridgekit.recipes.parents import Parent
from bridgekit.translation import tr
from bridgekit.words import Var

_OWN = Var("own")


def refuse(wanted: Inside, mode: str) -> None:
    """What the host cannot have.  Raises InputError."""
    if mode != "bridge":
        raise InputError(tr("no way between macvlans in mode {0!r}", mode), tr("--host-route is for mode bridge"))
    if not any(each.version == 4 for each in wanted.addresses):
        raise InputError(tr("no IPv4 address that the host could have a route to"), tr("leave --host-route out"))


def known(parent: Parent) -> Steps:
    """The address that the host speaks from."""
    yield op.Capture(_OWN, "OwnAddress", device=parent.link)
    yield op.Need("HostAddress", address=_OWN, device=parent.link)


def way(parent: Parent, wanted: Inside) -> Steps:
    """A macvlan of the host's, shared by all guests on that parent, and a route by it to each address."""
    name = f"host_{names.number(parent.below, parent.mac)}"
    yield because("host-macvlan", op.MacvlanAdd(name, parent.below, "bridge"), parent=parent.below)
    yield because("host-arp", op.SysctlSet(f"net/ipv4/conf/{name}/arp_filter", "1"), name=name)
    yield op.LinkSet(name, "up")
    for each in wanted.addresses:
        if each.version == 4:
            route = op.RouteAdd("", name, f"{each.ip}/32", _OWN)
            yield because("host-way", route, address=str(each.ip), name=name)
