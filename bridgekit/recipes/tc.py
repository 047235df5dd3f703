"""`tc` in a guest, with a way back."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.plan import Steps
from bridgekit.recipes import inside, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe


@recipe("tc-{guest}-{arguments}")
def tc(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    arguments: Annotated[list[str], "the words of `tc`: qdisc add dev eth1 root netem delay 50ms"],
) -> Steps:
    """Add, replace or delete the queue discipline of a guest's interface.

    It is tried first, in a network that goes at once.

    Raises InputError.  Source: man 8 tc.
    """
    yield from inside.tc(wiring.Party(names.guest(guest)), arguments)
