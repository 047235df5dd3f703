"""A run that shall be there is done, or done anew where its guest is another than before."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from bridgekit import anew, journal, render, upkeep
from bridgekit.errors import BridgekitError, HostError
from bridgekit.explain import phrase
from bridgekit.journal import Run
from bridgekit.run import run as run_script
from bridgekit.script import Script
from bridgekit.watching.report import APPLIED, SAME, Outcome, refusal
from bridgekit.watching.wanted import Wanted

Done = tuple[Wanted, Outcome]


def ended(wanted: Wanted, inodes: Collection[int | None]) -> list[str] | None:
    """The names that lead to none of its containers any more, if it is in force for others; None: it need not be anew.

    inodes: the network namespaces that its containers have now.
    """
    assert wanted.plan is not None
    run = _in_force(wanted)
    if run is None or not run.finished or run.elsewhere:
        return None
    own = [guest.name for guest in upkeep.guests_of(wanted.plan) if guest.kind == "netns"]
    return (run.lost(own, inodes) if inodes else []) or ([] if run.away else None)


def _in_force(wanted: Wanted) -> Run | None:
    return next((run for run in journal.runs() if run.name == wanted.name), None)


def done(wanted: Wanted, names: list[str] | None, lang: str) -> Iterator[Done]:
    """Do it, or what of it is missing; or anew, and after it the runs that stand on it.

    names: what `ended` said.
    """
    if names is None:
        yield wanted, _up(wanted, lang)
        return
    assert wanted.plan is not None
    run = _in_force(wanted)
    alike = run is not None and list(run.plan) == shlex.split(wanted.plan.command)
    try:
        for each in anew.anew(wanted.name, lang, names, None if alike else wanted.plan, lambda _: None):
            about = (
                wanted if each.run.name == wanted.name else Wanted(wanted.name, upkeep.plan_of(each.run), run=each.run)
            )
            outcome = _outcome(each.run.name, each.made, each.said)
            yield about, outcome if each.error is None else _refused(each.run.name, each.error, lang)
    except BridgekitError as error:
        yield wanted, _refused(wanted.name, error, lang)


def _up(wanted: Wanted, lang: str) -> Outcome:
    assert wanted.plan is not None
    said: list[str] = []
    run = wanted.run
    typed = upkeep.typed(run, lang) if run else f" --lang {lang}" if lang != "en" else ""
    try:
        made = render.script(wanted.plan, lang=lang, typed=typed)
        run_script(made, listen=said.append, variables=run.variables if run else {})
    except BridgekitError as error:
        return _refused(wanted.name, error, lang)
    return _outcome(wanted.name, made, said)


def _outcome(name: str, made: Script, said: Collection[str]) -> Outcome:
    """Whether a step did something; what asks is `ok` each time."""
    steps = {str(piece.number) for piece in made.pieces if not (piece.reveal or piece.is_probe)}
    changed = any(line.startswith("ok ") and line[3:].partition("/")[0] in steps for line in said)
    return Outcome(name, APPLIED if changed else SAME)


def _refused(name: str, error: BridgekitError, lang: str) -> Outcome:
    return refusal(name, error, phrase("busy", lang) if isinstance(error, HostError) else "\0")
