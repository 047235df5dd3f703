"""What shall be there: by the runs that are marked, by a file, by a container's labels.  Words, and never code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, ParamSpec

from bridgekit import journal, upkeep
from bridgekit.errors import BridgekitError, InputError
from bridgekit.facts.containers import ENGINES, Container
from bridgekit.journal import Run
from bridgekit.names import Guest
from bridgekit.plan import Plan
from bridgekit.recipes import RECIPES
from bridgekit.recipes.named import marks
from bridgekit.recipes.pipe_words import VALUES
from bridgekit.recipes.reading import from_words
from bridgekit.recipes.registry import Procedure
from bridgekit.translation import tr

STAY, PREFIX = "stay", "bridgekit."
_IMPLIED = ("--stay", "--yes")  # of a command as it was typed
_LABEL = re.compile(r"bridgekit\.([a-z0-9-]+?)(?:\.(\d{1,9}))?\Z", re.ASCII)
P = ParamSpec("P")
Complete = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """A run that shall be there.

    source: where that is said.  plan: what it is; None for what could not be read, `error` says why.
    run: what it is made of, if it is one in force.
    """

    source: str
    plan: Plan | None = None
    error: BridgekitError | None = None
    run: Run | None = None

    @property
    def name(self) -> str:
        """The run's name; empty where it has none."""
        return self.plan.name if self.plan else self.run.name if self.run else ""

    @property
    def guests(self) -> list[Guest]:
        """The containers that it needs; none of what is the host's own."""
        return [guest for guest in upkeep.guests_of(self.plan) if guest.kind in ENGINES] if self.plan else []

    def is_for(self, container: Container) -> bool:
        """Whether a container is one of these."""
        return any(container.is_called(guest) for guest in self.guests)


def of_runs() -> list[Wanted]:
    """The runs that are marked, or that went aside to be done again; oldest first.  Raises HostError."""
    found = []
    for run in journal.runs():
        if (run.stays or run.away) and not run.elsewhere:
            try:
                found.append(Wanted(STAY, upkeep.plan_of(run), run=run))
            except BridgekitError as error:
                found.append(Wanted(STAY, error=error, run=run))
    return found


def of_file(text: str, name: str, complete: Complete) -> list[Wanted]:
    """The recipes' command lines of a file, one a line; `#` begins a comment.

    name: the file's, for those who read of it.  complete: fills in what a plan may not find out itself.
    """
    lines = enumerate(text.splitlines(), 1)
    return [each for number, line in lines for each in _attempted(f"{name}:{number}", _of_line, line, complete)]


def _of_line(line: str, complete: Complete) -> Plan | None:
    words = split(line, comments=True)
    words = words[1:] if words[:1] == ["bridgekit"] else words
    if not words:
        return None
    if words[0] not in RECIPES:
        raise InputError(tr("not a recipe: {0!r}", words[0]), tr("`bridgekit recipes` lists them"))
    own = [word for word in words[1:] if word not in _IMPLIED]
    return from_words(RECIPES[words[0]], own, complete=complete)


def of_labels(container: Container, complete: Complete) -> list[Wanted]:
    """The runs that a container's own labels ask for: `bridgekit.RECIPE[.N]=ARGUMENTS`, in the order of N."""
    found = [(key, _LABEL.match(key), text) for key, text in container.labels.items() if key.startswith(PREFIX)]
    found.sort(key=lambda each: (int(each[1][2] or 0) if each[1] else 0, each[0]))
    return [each for key, _, text in found for each in _attempted(key, _of_label, key, text, container, complete)]


def _of_label(key: str, text: str, container: Container, complete: Complete) -> Plan:
    known = _LABEL.match(key)
    if known is None or known[1] not in RECIPES:
        raise InputError(tr("not a recipe: {0!r}", key.removeprefix(PREFIX)), tr("`bridgekit recipes` lists them"))
    procedure, guest = RECIPES[known[1]], container.guest
    if procedure.verbatim:
        plan = from_words(procedure, after_first(split(text), guest), complete=complete)
    else:
        plan = from_words(procedure, split(text), {_guest_of(procedure): guest}, complete)
    others = [each for each in plan.guests if each != guest]
    if others or not plan.guests:
        raise InputError(
            tr("a label is for its own container alone: {0!r}", ", ".join(others)),
            tr("what joins others goes to the file of `bridgekit watch FILE`"),
        )
    return plan


def after_first(words: list[str], guest: str) -> list[str]:
    """pipework's words with the guest at its place: after the interface of the host, the first that is no option."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in VALUES else 1
    return [*words[: index + 1], guest, *words[index + 1 :]]


def _guest_of(procedure: Procedure) -> str:
    """The argument of a recipe that is its guest."""
    for name, each in signature(procedure.make, eval_str=True).parameters.items():
        if each.kind is not Parameter.KEYWORD_ONLY and each.default is Parameter.empty and marks(each):
            return name
    raise InputError(
        tr("not a recipe for a guest: {0!r}", procedure.name),
        tr("what is for the host goes to the file of `bridgekit watch FILE`"),
    )


def split(line: str, comments: bool = False) -> list[str]:
    """A line as words, by a shell's rules for quotes (and comments), and none of its others.  Raises InputError."""
    try:
        return shlex.split(line, comments)
    except ValueError as error:
        raise InputError(tr("not words: {0!r}: {1}", line, error), tr("close the quotes")) from None


def _attempted(source: str, read: Callable[P, Plan | None], *words: P.args, **_: P.kwargs) -> Iterator[Wanted]:
    """What was read, if there is something; or why it could not be."""
    try:
        plan = read(*words, **_)
    except BridgekitError as error:
        yield Wanted(source, error=error)
    else:
        if plan is not None:
            yield Wanted(source, plan)
