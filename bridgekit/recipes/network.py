"""A bridge network beside docker0, as `docker network create` makes it."""

from __future__ import annotations

from typing import Annotated

from bridgekit import operations as op
from bridgekit.plan import Steps
from bridgekit.recipes import engine, networks
from bridgekit.recipes.named import TRUTH
from bridgekit.recipes.registry import recipe


@recipe("network-{network}")
def network(
    network: Annotated[str, "the network's name"],
    *,
    subnet: Annotated[str, "its subnet, CIDR"] = "172.18.0.0/16",
    gateway: Annotated[str | None, "the bridge's address in it; default: the first"] = None,
    ip_range: Annotated[str | None, "the part of it that containers' addresses are from, CIDR; default: all"] = None,
    internal: Annotated[bool, "no way out, and none in"] = False,
    icc: Annotated[str, "whether containers may talk to each other", TRUTH] = "true",
    ip_masq: Annotated[str, "whether containers go out with the host's address", TRUTH] = "true",
    userland_proxy: Annotated[str, "as docker0 has it", TRUTH] = "true",
    bridge_name: Annotated[str | None, "its bridge; default: br-NAME"] = None,
) -> Steps:
    """Make a network beside docker0, kept apart from all others.

    Raises InputError.  Source: sequence 003.options; man 1 docker-network-create.
    """
    made = networks.beside(locals())
    if not made.icc:
        yield op.Need("BridgeFilter")
    yield op.Need("Bridge", name=made.bridge)
    yield op.Need("FreeSubnet", subnet=str(made.subnet), devices=(made.bridge,))
    yield from engine.chains()
    yield from engine.published(made.proxy)
    yield from engine.bridge(made)
    yield from engine.rules(made)
    yield op.LinkSet(made.bridge, "up")
