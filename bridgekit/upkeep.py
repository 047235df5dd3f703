"""The runs in force: which of them still hold, done again, taken back in an order that works."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches

from bridgekit import journal, names
from bridgekit.errors import BridgekitError, HostError, InputError, RunError
from bridgekit.journal import Run
from bridgekit.plan import Plan
from bridgekit.translation import tr

_AT_ONCE = 3  # checks


@dataclass(frozen=True)
class Health:
    """What became of a run.

    missing: what a script's `check` says of each step that is no longer so.
    unmet: why it could not be asked, or what the run needs and is not there any more.
    """

    run: Run
    missing: tuple[str, ...] = ()
    unmet: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether all of it is so; None if that cannot be told here."""
        if self.run.elsewhere or (self.run.finished and not _is_known(self.run)):
            return None
        return self.run.finished and not (self.missing or self.unmet)

    @property
    def state(self) -> str:
        """That in a word or three."""
        if self.run.elsewhere:
            return tr("elsewhere")
        if self.run.away and not self.holds:
            return tr("waits to be done again")
        if not self.run.finished:
            return tr("unfinished")
        if self.holds is None:
            return tr("cannot be checked")
        if self.missing:
            return tr("{0} of {1} missing", len(self.missing), self.run.steps)
        return tr("a need is missing") if self.unmet else tr("holds")


def chosen(wanted: Collection[str]) -> list[Run]:
    """The runs in force of these names, newest first.  Raises InputError and HostError before any is touched."""
    in_force = {run.name: run for run in reversed(journal.runs())}
    unknown = [name for name in map(names.run_name, wanted) if name not in in_force]
    near = [f"{each!r}" for name in unknown for each in get_close_matches(name, in_force, 1)]
    if unknown:
        hint = tr("did you mean {0}?", ", ".join(near)) if near else tr("bridgekit runs lists them")
        raise HostError(tr("no run of that name is in force: {0}", ", ".join(map(repr, unknown))), hint)
    return [run for name, run in in_force.items() if name in wanted]


def of_recipe(recipe: str) -> list[Run]:
    """The runs in force of a recipe, oldest first.  Raises HostError."""
    return [run for run in journal.runs() if run.recipe == recipe]


def plan_of(run: Run) -> Plan:
    """The plan of a run in force, made anew.  Raises HostError if its journal does not tell."""
    from bridgekit.lessons import LESSONS
    from bridgekit.recipes import RECIPES
    from bridgekit.recipes.reading import from_words

    shelf, words = (LESSONS, run.plan[2:]) if run.plan[1:2] == ("learn",) else (RECIPES, run.plan[1:])
    is_lab = run.plan[:1] == ("lab",) and len(run.plan) > 1
    if not is_lab and (not _is_known(run) or not words or words[0] not in shelf):
        raise HostError(
            tr("the journal does not tell what made it: {0!r}", run.name), tr("its own script can: bash FILE check")
        )
    try:
        return _of_lab(run) if is_lab else from_words(shelf[words[0]], words[1:]).renamed(run.name)
    except InputError as error:
        raise HostError(tr("the run {0!r} is of another version: {1}", run.name, error.message), error.hint) from None


def _of_lab(run: Run) -> Plan:
    from bridgekit.lab.building import plan
    from bridgekit.lab.loading import from_content

    content, *machine = run.plan[1:]
    file = shlex.split(run.command)[3:4] or [run.name]
    return plan(from_content(content), *file, *machine)


def _is_known(run: Run) -> bool:
    return run.plan[:1] in (("bridgekit",), ("lab",))


def checked(runs: Sequence[Run], lang: str = "en") -> list[Health]:
    """What became of each of these runs; nothing is changed."""
    with ThreadPoolExecutor(_AT_ONCE) as several:
        return list(several.map(lambda run: _checked(run, lang), runs))


def _checked(run: Run, lang: str) -> Health:
    from bridgekit.render import batch  # which asks of a place once, rather than of each step
    from bridgekit.run import heard

    if run.elsewhere or not run.finished:
        return Health(run)
    try:
        code, said, complaint = heard(batch(plan_of(run), lang=lang), "check", run.variables)
    except HostError as error:
        return Health(run, unmet=error.message)
    missing = tuple(line for line in said if line.startswith(("MISSING ", "WRONG ")))
    words = complaint.removeprefix("bridgekit: ") or tr("bash ended with code {0}", code)
    return Health(run, missing, "" if missing or not code else words)


def repair(name: str, lang: str = "en") -> None:
    """Do again what of a run is no longer so.  Raises RunError, HostError, InputError."""
    from bridgekit.render import script
    from bridgekit.run import run as run_script

    (run,) = chosen([name])
    run_script(script(plan_of(run), lang=lang, typed=typed(run, lang)), variables=run.variables)


def typed(run: Run, lang: str) -> str:
    """The options of a run in force that its script's header names."""
    words = [f" --name {run.name}"] if f" --name {run.name} " in f"{run.command} " else []
    words += [" --stay"] if run.stays else []
    words += [f" --lang {lang}"] if lang != "en" else []
    return "".join(words)


@dataclass(frozen=True)
class Taken:
    """A run that was taken back, or not: what stood in the way.  plan: in a dry run, the commands instead."""

    name: str
    error: BridgekitError | None = None
    plan: tuple[str, ...] = ()


def undo(name: str, lang: str = "en", dependents: bool = False) -> None:
    """Take back the run of that name.

    dependents: with the runs that stand on it, which go first.
    Raises RunError if something could not be, HostError, InputError.
    """
    chosen([name])
    for each in taken_back([name], lang, dependents):
        if each.error:
            raise each.error


def taken_back(wanted: Sequence[str], lang: str, dependents: bool = False, dry: bool = False) -> Iterator[Taken]:
    """Take these runs back in this order.

    dependents: each after the runs that stand on it.  dry: only tell what would be done.
    """
    gone: set[str] = set()
    for name in wanted:
        if name not in gone:
            yield from _after_others(name, lang, dry, gone, ()) if dependents else (_alone(name, lang, dry, gone),)


def _alone(name: str, lang: str, dry: bool, gone: set[str]) -> Taken:
    from bridgekit.render import undoing
    from bridgekit.run import run as run_script

    heard: list[str] = []
    gone.add(name)
    try:
        if dry:
            run_script(undoing(name, lang), "down", "-n", listen=heard.append)
        else:
            run_script(undoing(name, lang), "down")
    except (RunError, HostError) as error:
        return Taken(name, error, tuple(heard))
    return Taken(name, None, tuple(heard))


def _after_others(name: str, lang: str, dry: bool, gone: set[str], below: tuple[str, ...]) -> Iterator[Taken]:
    """A run, after those that stand on it.  below: those that wait for it."""
    first, below = _alone(name, lang, dry, gone), (*below, name)
    above = standing_on(first.error, lang)
    if not above or set(above) & set(below):
        yield first
        return
    order = {run.name: run.order for run in journal.runs()}
    for each in sorted(above, key=lambda each: -order.get(each, 0)):
        if each not in gone:
            yield from _after_others(each, lang, dry, gone, below)
    yield Taken(name, None, first.plan) if dry else _alone(name, lang, dry, gone)


def standing_on(error: BridgekitError | None, lang: str) -> list[str]:
    """The runs that a refusal names."""
    from bridgekit.explain import phrase

    _, found, text = (error.message if error else "").partition(phrase("stand_on", lang))
    return text.split("\n")[0].split() if found else []


def guests_of(plan: Plan) -> list[names.Guest]:
    """Whom a plan needs, other than a lab."""
    return [names.guest(text.partition(",")[0]) for text in plan.guests if not text.startswith("lab:")]


def stale(run: Run) -> list[str]:
    """The names of namespaces in which a run was done, and that lead to none of its guests any more: it has restarted.

    Raises HostError as `plan_of`.
    """
    from bridgekit.facts.guests import inode

    plan = plan_of(run)
    guests, bound = guests_of(plan), _made(plan, "NetnsBind", "name")  # to a guest's own, over one that was made for it
    made = {name for name in _made(plan, "NetnsAdd", "name") if name not in bound}
    kinds = zip(_made(plan, "GuestRun", "runtime"), _made(plan, "GuestRun", "guest"), strict=True)
    guests += [names.Guest(*each) for each in kinds]
    own = {guest.name for guest in guests if guest.kind == "netns"}
    return run.lost(own.union(made), {inode(guest) for guest in guests})


def _made(plan: Plan, entry: str, field: str) -> list[str]:
    """A field of all operations of a kind, those that the plan itself makes."""
    return [str(step.operation.values[field]) for step in plan.steps if step.operation.entry == entry]
