"""A bridge, with an address of the host's on it if one is given."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.operations import AddressAdd, LinkSet, Need
from bridgekit.plan import Steps
from bridgekit.recipes import wiring
from bridgekit.recipes.registry import recipe


@recipe("bridge-{bridge}")
def bridge(
    bridge: Annotated[str, "the bridge's name, 1 to 15 characters"],
    *,
    address: Annotated[str | None, "the host's address on it, CIDR: 10.0.0.1/24"] = None,
) -> Steps:
    """Make a bridge on this host.

    Raises InputError.  Source: sequence 000.bridge; man 8 brctl, ip-link.
    """
    name = names.interface(bridge)
    given = None if address is None else names.host_address(address)
    yield Need("Bridge", name=name)
    if given is not None:
        yield Need("FreeSubnet", subnet=str(given.network), devices=(name,))
    yield from wiring.new_bridge(name)
    # Up first: ifconfig would bring it up unsaid, and a bridge found down would not be taken down again.
    yield LinkSet(name, "up")
    if given is not None:
        yield AddressAdd(name, str(given))
