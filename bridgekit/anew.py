"""A run in force is done anew, and the runs that stand on it: what is its guest may be another than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bridgekit import render, upkeep
from bridgekit.errors import BridgekitError, HostError, RunError
from bridgekit.journal import Run
from bridgekit.plan import Plan
from bridgekit.run import Listener, run as run_script, show
from bridgekit.script import Script


@dataclass(frozen=True)
class Done:
    """A run that was done anew, or why it could not be.  made: by which script.  said: its lines."""

    run: Run
    made: Script
    said: tuple[str, ...]
    error: BridgekitError | None = None


def anew(
    name: str, lang: str = "en", ended: Sequence[str] = (), plan: Plan | None = None, listen: Listener | None = None
) -> Iterator[Done]:
    """Take back what is a run's alone and do it again; then the runs that stand on it, which went aside before.

    ended: names of namespaces that are to lead elsewhere.  plan: what it is from now on; default: what it was.
    listen: hears what is said; default: it is printed.
    """
    above: list[Run] = []
    (run,) = upkeep.chosen([name])
    first = _done(run, lang, ended, plan, listen)
    while standing := [each for each in upkeep.standing_on(first.error, lang) if each not in {up.name for up in above}]:
        error = _put_aside(standing, lang, above)
        if error is not None:
            first = replace(first, error=error)
            break
        first = _done(run, lang, ended, plan, listen)
    yield first
    for each in reversed(above) if first.error is None else ():
        yield _done(each, lang, (), None, listen)


def repaired(name: str, lang: str = "en") -> None:
    """Do a run anew, with those that stand on it.  Raises RunError, HostError, InputError."""
    (run,) = upkeep.chosen([name])
    for each in anew(name, lang, upkeep.stale(run)):
        if each.error is not None:
            raise each.error


def _done(run: Run, lang: str, ended: Sequence[str], plan: Plan | None, listen: Listener | None) -> Done:
    """One of them, alone."""
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        (listen or show)(line)

    if plan is None:
        made = render.anew(upkeep.plan_of(run), lang, upkeep.typed(run, lang), ended)
    else:
        made = render.script(plan, lang=lang, typed=f" --lang {lang}" if lang != "en" else "")
    try:
        if plan is not None:
            run_script(render.undoing(run.name, lang), "down", listen=hear)
        run_script(made, variables=run.variables if plan is None else {}, listen=hear)
    except BridgekitError as error:
        return Done(run, made, tuple(said), error)
    return Done(run, made, tuple(said))


def _put_aside(names: Sequence[str], lang: str, above: list[Run]) -> BridgekitError | None:
    """Take these aside, the newest first, each after those that stand on it; why one could not be.

    above: those that were, in order; it grows.
    """
    for run in upkeep.chosen(names):
        error = _aside(run, lang)
        further = [each for each in upkeep.standing_on(error, lang) if each not in {up.name for up in above}]
        if further:
            error = _put_aside(further, lang, above) or _aside(run, lang)
        if error is not None:
            return error
        above.append(run)
    return None


def _aside(run: Run, lang: str) -> BridgekitError | None:
    try:
        upkeep.plan_of(run)  # or it could not be done again
        run_script(render.aside(run.name, lang), listen=lambda _: None)
    except (RunError, HostError) as error:
        return error
    return None
