"""`ip-route` in a guest, with a way back."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.plan import Steps
from bridgekit.recipes import inside, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe


@recipe("route-{guest}-{arguments}")
def route(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    arguments: Annotated[list[str], "the words of `ip route`: add 10.0.5.0/24 via 10.0.0.1"],
) -> Steps:
    """Add, replace or delete a route in a guest.

    Undo brings back the routes to that destination as they were.

    Raises InputError.  Source: man 8 ip-route.
    """
    yield from inside.route(wiring.Party(names.guest(guest)), arguments)
