"""pipework's command line, as a recipe: a reading of it onto the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.plan import Step, Steps, as_steps
from bridgekit.recipes import leasing, pipe_forms, pipe_words, wiring
from bridgekit.recipes.registry import recipe


@recipe("pipework-{guest}-{interface}", facts=pipe_forms.told)
def pipework(
    words: Annotated[list[str], "HOSTIF [-i GUESTIF] [-l HOSTSIDE] [-a FAMILY] GUEST IP/MASK[@GATEWAY] [MAC][@VLAN]"],
) -> Steps:
    """Give a running guest an interface, by pipework's command line; several of them with a `+` between.

    Raises InputError.  Source: sequence 003.pipework.
    """
    if pipe_forms.verb(words):
        first, *_ = pipe_forms.calls(words)
        yield from first.plan().steps
        return
    asked, done = list[Step](), list[Step]()
    for said in pipe_forms.several(words):
        for steps, more in zip((asked, done), _parted(said), strict=True):
            steps += [step for step in more if step not in steps]  # what two of them need is asked and done once
    yield from (*asked, *done)


def _parted(said: pipe_words.Words) -> tuple[list[Step], list[Step]]:
    """What is asked before anything is touched, and what is done then."""
    asked = list(as_steps(_hostif(said)))
    steps = pipe_forms.call(said).plan().steps
    asks = (step.is_need or isinstance(step.operation, op.Capture) for step in steps)
    first = next((at for at, is_asked in enumerate(asks) if not is_asked), len(steps))
    asked += steps[:first]
    done = list(steps[first:])
    if said.client:
        for part, more in zip((asked, done), _lease(said), strict=True):
            part += as_steps(more)
    return asked, done


def _hostif(said: pipe_words.Words) -> Steps:
    if not said.kind:
        yield op.Need("Hostif", name=said.link)
        yield op.Need("NoBridge", name=said.link)


def _lease(said: pipe_words.Words) -> Sequence[Iterable[Step | op.Operation]]:
    """What a lease needs, and how it is got."""
    party = wiring.Party(names.guest(said.guest))
    client, options = pipe_words.client(said.client)
    seconds = leasing.SECONDS if said.timeout is None else said.timeout
    lease = leasing.wanted(party, said.interface, client, seconds, options=options)
    return leasing.ready(lease), leasing.take(lease, wiring.netns_of(party.guest), up=True)
