"""A routing table of its own for an interface: a namespace, the interface, its address, a default route."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, because, within
from bridgekit.recipes import wiring
from bridgekit.translation import tr


def card(text: str) -> str:
    """The name of an interface that may be put to another use.  Raises InputError."""
    name = names.interface(text)
    if name == "lo":
        raise InputError(tr("the loopback cannot be put to another use: 'lo'"), tr("a network card, a veth, a macvlan"))
    return name


def own_table(netns: str, nic: str, address: str, router: str | None) -> Steps:
    """Put an interface into a namespace, the only one there, with its address and its default route."""
    yield op.Need("LinkOrLent", name=nic, netns=netns)
    yield op.Need("NoPort", name=nic)
    yield op.Need("OnePath", name=nic)
    yield because("own-table", op.NetnsAdd(netns), name=netns, interface=nic)
    yield op.LinkLend(nic, netns)
    yield from wiring.address_inside(wiring.Wire(nic, nic, nic, netns), address)
    if router is not None:
        yield within(netns, op.RouteAdd(router, nic), "own-default", router=router)
