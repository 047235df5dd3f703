"""`ip-rule` in a guest, with a way back."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.plan import Steps
from bridgekit.recipes import inside, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe


@recipe("rule-{guest}-{arguments}")
def rule(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    arguments: Annotated[list[str], "the words of `ip rule`: add from 10.0.0.2 table 5"],
) -> Steps:
    """Add or delete a rule in a guest that says which routing table is asked.

    A rule that is there already is not added a second time.

    Raises InputError.  Source: man 8 ip-rule.
    """
    yield from inside.rule(wiring.Party(names.guest(guest)), arguments)
