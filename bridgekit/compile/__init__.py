"""Plan + dialect + language -> Lines, once.  Nothing after it looks at an operation again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from bridgekit import explain
from bridgekit.compile.apart import apart as apart
from bridgekit.compile.line import Compiled as Compiled, Line as Line
from bridgekit.compile.owners import Owners
from bridgekit.compile.places import asked_inside, inside
from bridgekit.dialects import Wording, Wordings, wordings
from bridgekit.errors import InputError
from bridgekit.operations import PACKAGES, Capture, Need, Operation, PackagesAdd, Remark, lines
from bridgekit.plan import Container, Netns, Plan, Step, Where
from bridgekit.translation import tr
from bridgekit.words import Argv, Operator, Pipeline, Word

_SILENT = ("", "", "")


def compiled(plan: Plan, dialect: str = "modern", lang: str = "en", explained: bool = True) -> Compiled:
    """A plan in a dialect and a language.  Raises InputError.

    explained: with what only a learner reads: a script that is not taught needs no reasons.
    """
    plan = apart(plan)
    found = tuple(_lines(plan, wordings(dialect, plan.document), dialect == "modern", lang, explained))
    return Compiled(
        plan.name,
        plan.recipe,
        explain.title(plan, lang),
        " ".join(plan.command.split()),
        lang,
        dialect == "modern",
        plan.variables,
        _programs(plan, found),
        found,
        plan.identity,
        explained,
    )


def _lines(plan: Plan, worded: Wordings, short: bool, lang: str, explained: bool) -> Iterator[Line]:
    number, owners = 0, Owners()
    for step in plan.steps:
        operation = step.operation
        if isinstance(operation, Need):
            kind = "remark" if isinstance(operation, Remark) else "need"
            yield Line(0, kind, explain.say(step, lang), need=operation.argv(operation.question))
            continue
        number += 1
        yield Line(
            number,
            "probe" if step.expect else "capture" if isinstance(operation, Capture) else "step",
            explain.say(step, lang),
            *((explain.ask(step, lang), explain.why(step, lang), explain.more(step, lang)) if explained else _SILENT),
            step.where.name if isinstance(step.where, Netns) else None,
            step.where.guest if isinstance(step.where, Container) else None,
            **_verbs(step, worded, short, lang),
            part_of=() if step.expect else owners.part_of(operation, step.where, number),
        )


def _verbs(step: Step, worded: Wordings, short: bool, lang: str) -> dict[str, Any]:
    operation = step.operation
    if isinstance(operation, Capture):
        question = lines.pipeline(operation.question, operation)
        about = {"variable": operation.variable, "override": operation.override}
        return about | {"question": question, "programs": _started(question, step.where)}
    wording, argv = _worded(operation, step.where, worded.get(operation.entry, ()))
    run = {"run": inside(argv, step.where, short), "programs": _started((argv,), step.where)}
    if expect := step.expect:
        return run | {"expect": expect.text, "refute": not expect.ok, "passing": expect.passing}
    return run | {
        "once": step.once,
        "possible": _possible(step, lang),
        "unless": asked_inside(operation.argv(operation.unless), step.where),
        "remains": asked_inside(operation.argv(operation.remains), step.where),
        "only_if": _only_if(step, wording, lang),
        "undo": inside(operation.argv(operation.undo), step.where),
        "sets": operation.argv(operation.sets),
    }


def _worded(operation: Operation, where: Where, worded: tuple[Wording, ...]) -> tuple[Wording, Argv]:
    """How an operation is typed: the first wording that fits.  Raises InputError."""
    for wording in (*worded, Wording(operation.line)):
        argv = operation.argv(wording.line) if wording.fits(operation) else ()
        # A redirection would be done outside the place that the command runs in.
        if argv and not (where and any(isinstance(word, Operator) for word in argv)):
            return wording, argv
    raise InputError(tr("no tool of this dialect does"), operation.entry)


def _possible(step: Step, lang: str) -> Argv:
    asked = step.operation.argv(step.operation.possible)
    return (explain.without(step, lang), *asked) if asked else ()


def _only_if(step: Step, wording: Wording, lang: str) -> Argv:
    if not wording.only_if:
        return ()
    sentence = explain.phrase(wording.phrase, lang, **step.operation.values)
    return (sentence, *asked_inside(step.operation.argv(wording.only_if), step.where))


def _programs(plan: Plan, found: tuple[Line, ...]) -> dict[str, str]:
    """The programs that a plan's commands start, each with its Debian package.

    Those that are started after packages were added may be what they bring.
    """
    bringing = next((at for at, step in enumerate(plan.steps) if isinstance(step.operation, PackagesAdd)), None)
    used: set[Word] = {"ip"} if bringing is None else set()
    for line in found if bringing is None else found[: bringing + 1]:
        used.update(line.programs)
    return {program: package for program, package in PACKAGES.items() if program in used}


def _started(pipeline: Pipeline, where: Where) -> tuple[Word, ...]:
    """The programs that start on the host: the first word of a command, and each after an operator."""
    if isinstance(where, Container):
        return (where.runtime,)
    found: list[Word] = []
    for argv in pipeline:
        found += argv[:1]
        found += [word for before, word in pairwise(argv) if isinstance(before, Operator)]
    return tuple(found)
