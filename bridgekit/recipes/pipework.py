"""pipework's command line, as a recipe: a reading of it onto the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.plan import Step, Steps
from bridgekit.recipes import leasing, pipe_forms, pipe_words, wiring
from bridgekit.recipes.registry import recipe


@recipe("pipework-{guest}-{interface}", facts=pipe_forms.told)
def pipework(
    words: Annotated[list[str], "HOSTIF [-i GUESTIF] [-l HOSTSIDE] [-a FAMILY] GUEST IP/MASK[@GATEWAY] [MAC][@VLAN]"],
) -> Steps:
    """Give a running guest an interface, by pipework's command line.

    Raises InputError.  Source: sequence 003.pipework.
    """
    first, *_ = pipe_forms.calls(words)
    if pipe_forms.verb(words):
        yield from first.plan().steps
        return
    said = pipe_words.read(words)
    if not said.kind:
        yield op.Need("Hostif", name=said.link)
        yield op.Need("NoBridge", name=said.link)
    steps = first.plan().steps
    yield from _leased(said, steps) if said.client else steps


def _leased(said: pipe_words.Words, steps: Sequence[Step]) -> Steps:
    """The same, and then a lease; what it needs is asked before anything is touched."""
    party = wiring.Party(names.guest(said.guest))
    client, options = pipe_words.client(said.client)
    lease = leasing.wanted(party, said.interface, client, options=options)
    asked = next(at for at, step in enumerate(steps) if not (step.is_need or isinstance(step.operation, op.Capture)))
    yield from steps[:asked]
    yield from leasing.ready(lease)
    yield from steps[asked:]
    yield from leasing.take(lease, wiring.netns_of(party.guest), up=True)
