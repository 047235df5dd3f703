"""A bridge of one's own in the place of docker0."""

from __future__ import annotations

from typing import Annotated

from bridgekit.plan import Steps
from bridgekit.recipes import engine_bridge
from bridgekit.recipes.registry import recipe


@recipe("own-bridge-{bridge}", document="003.own-bridge")
def own_bridge(
    bridge: Annotated[str, "the bridge's name; made if it is missing"],
    address: Annotated[str, "its address, CIDR: 192.168.5.1/24; containers get others of that subnet"],
) -> Steps:
    """Put a Docker engine's containers on a bridge of your own.  The running ones are stopped.

    Raises InputError.  Source: sequence 003.own-bridge; man 8 dockerd, --bridge.
    """
    name, host = engine_bridge.checked(bridge, address)
    yield from engine_bridge.needs(name, host)
    yield from engine_bridge.remove_docker0(name)
    yield from engine_bridge.make(name, host)
    yield from engine_bridge.hand_over(name)
