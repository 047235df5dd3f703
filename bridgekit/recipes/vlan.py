"""A VLAN of the network that one of this host's interfaces is on; alone, or in a bridge of its own."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.plan import Steps
from bridgekit.recipes import parents, wiring
from bridgekit.recipes.registry import recipe


@recipe("vlan-{parent}-{number}")
def vlan(
    parent: Annotated[str, "the interface of this host on whose wire the VLAN is"],
    number: Annotated[int, "the VLAN's number, 1 to 4094"],
    *,
    bridge: Annotated[
        str | None, "a bridge for it; made if it is missing.  Guests that attach to it are on the VLAN"
    ] = None,
) -> Steps:
    """Make a VLAN sub-interface, and put it into a bridge of its own.

    Raises InputError.  Source: man 8 ip-link, vlan.
    """
    above, switch = parents.parent_of(parent, number), None if bridge is None else names.interface(bridge)
    yield from parents.known(above)
    yield from parents.vlan_free(above)
    if switch is not None:
        yield op.Need("Bridge", name=switch)
        yield op.Need("NoPort", name=above.below, master=switch)
    yield from parents.ready(above)
    if switch is not None:
        yield from bridged(above, switch)


def bridged(above: parents.Parent, switch: str) -> Steps:
    """The VLAN's interface is a port of a bridge."""
    yield from wiring.new_bridge(switch)
    yield op.LinkSet(above.below, "master", switch)
    yield op.LinkSet(switch, "up")
