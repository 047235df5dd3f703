"""Plan + dialect + language -> Lines, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridgekit import explain
from bridgekit.compile.line import Compiled as Compiled, Line as Line
from bridgekit.dialects import MODERN, PACKAGES, Dialect, dialect as named_dialect
from bridgekit.guard import guard, possible
from bridgekit.inverse import inverse
from bridgekit.operations import AddressAdd, Capture, PackagesAdd
from bridgekit.plan import Container, Netns, Plan, Step
from bridgekit.words import Argv, Operator, Word


def compiled(plan: Plan, dialect: str = "modern", lang: str = "en") -> Compiled:
    """A plan in a dialect and a language.  Raises InputError."""
    chosen = named_dialect(dialect, plan.document)
    return Compiled(
        plan.name,
        plan.recipe,
        explain.title(plan, lang),
        " ".join(plan.command.split()),
        lang,
        dialect == "modern",
        plan.variables,
        _programs(plan, chosen),
        tuple(_lines(plan, chosen, lang)),
    )


def _lines(plan: Plan, dialect: Dialect, lang: str) -> Iterator[Line]:
    number = 0
    for step in plan.steps:
        if step.is_need:
            check = guard(step.operation)
            assert check is not None, step
            yield Line(0, "need", explain.say(step, lang), need=(*check.words, *check.argv))
        else:
            number += 1
            yield _numbered(step, number, dialect, lang)


def _numbered(step: Step, number: int, dialect: Dialect, lang: str) -> Line:
    where = step.where
    kind = "probe" if step.expect else "capture" if isinstance(step.operation, Capture) else "step"
    verbs = {"probe": _probe, "capture": _capture, "step": _step}[kind](step, dialect, lang)
    return Line(
        number,
        kind,
        explain.say(step, lang),
        explain.ask(step, lang),
        explain.why(step, lang),
        explain.more(step, lang),
        where.name if isinstance(where, Netns) else None,
        where.guest if isinstance(where, Container) else None,
        **verbs,
    )


def _probe(step: Step, dialect: Dialect, lang: str) -> dict[str, Any]:
    assert step.expect is not None
    run = dialect.command(step.operation, step.where)
    return {"run": run, "expect": step.expect.text, "refute": not step.expect.ok, "passing": step.expect.passing}


def _capture(step: Step, dialect: Dialect, lang: str) -> dict[str, Any]:
    assert isinstance(step.operation, Capture)
    question = dialect.question(step.operation)
    return {"variable": step.operation.variable, "override": step.operation.override, "question": question}


def _step(step: Step, dialect: Dialect, lang: str) -> dict[str, Any]:
    verbs: dict[str, Any] = {"run": dialect.command(step.operation, step.where), "once": step.once}
    check, back = guard(step.operation), inverse(step.operation)
    if check:
        verbs["unless"] = (*check.words, *(MODERN.inside(check.argv, step.where) if check.argv else ()))
    if back:
        verbs["undo"] = MODERN.command(back, step.where)
    if condition := possible(step.operation):
        verbs["possible"] = (explain.without(step, lang), *condition.words, *condition.argv)
    precondition = dialect.precondition(step.operation, step.where)
    if precondition and isinstance(step.operation, AddressAdd):
        verbs["only_if"] = (explain.phrase("replaces", lang, device=step.operation.device), *precondition)
    return verbs


def _programs(plan: Plan, dialect: Dialect) -> dict[str, str]:
    """The programs that a plan's commands start, each with its Debian package.

    Those that are started after packages were added may be what they bring.
    """
    bringing = [number for number, step in enumerate(plan.steps, 1) if isinstance(step.operation, PackagesAdd)]
    used: set[Word] = set() if bringing else {"ip"}
    for step in plan.steps[: bringing[0]] if bringing else plan.steps:
        if isinstance(step.where, Container):
            used.add(step.where.runtime)
        elif not step.is_need:
            pipeline = dialect.question(step.operation) or (dialect.command(step.operation),)
            used.update(word for argv in pipeline for word in _starts(argv))
    return {program: package for program, package in PACKAGES.items() if program in used}


def _starts(argv: Argv) -> Iterator[Word]:
    """The words that a command starts a program by: its first, and each after an operator."""
    return (word for before, word in zip((Operator("|"), *argv), argv, strict=False) if isinstance(before, Operator))
