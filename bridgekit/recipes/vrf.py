"""An interface with a routing table of its own (VRF, virtual routing and forwarding), by a namespace."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.plan import Steps
from bridgekit.recipes.registry import recipe
from bridgekit.recipes.table import card, own_table


@recipe("vrf-{netns}-{interface}")
def vrf(
    netns: Annotated[str, "the namespace's name: data, management ...; made if it is missing"],
    interface: Annotated[str, "the interface of this host that moves into it; undo brings it back"],
    address: Annotated[str, "its address there, CIDR: 192.168.1.2/24"],
    *,
    gateway: Annotated[str | None, "the default route of that namespace"] = None,
) -> Steps:
    """Give an interface a routing table of its own, so that subnets may overlap.

    Raises InputError.  Source: sequence 001.vrf; man 8 ip-netns.
    """
    host = names.host_address(address)
    router = None if gateway is None else str(names.gateway(gateway, host))
    yield from own_table(names.netns(netns), card(interface), str(host), router)
