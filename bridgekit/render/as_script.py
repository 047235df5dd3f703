"""Plan -> a script with guards and write-ahead undo, in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from bridgekit import explain
from bridgekit.dialects import MODERN, PACKAGES, Dialect
from bridgekit.guard import guard, possible
from bridgekit.inverse import inverse
from bridgekit.operations import AddressAdd, Capture, Operation, PackagesAdd
from bridgekit.plan import Container, Netns, Plan, Step
from bridgekit.render import as_plain, shell
from bridgekit.render.as_plain import CARRIED
from bridgekit.render.templates import template
from bridgekit.script import Piece, Script
from bridgekit.words import Argv, Operator, Word

_HELPERS = (
    "foreign",
    "own_netns",
    "bridge_or_free",
    "port_or_free",
    "name_or_free",
    "pair_or_free",
    "route_or_free",
    "only_if",
    "moment",
    "restore",
    "fetch",
    "in_either",
    "router_or",
    "relink",
    "possible",
)
# These are in a template of their own, which most scripts need not load.
_RARE = (
    "all_of",
    "distro_of",
    "sources_of",
    "trusted",
    "forget_source",
    "one_path",
    "tap_or_free",
    "is_lent",
    "superseded",
    "own_uts",
    "subnet_free",
    "has_host",
    "drop_host",
    "put",
    "lines_are",
    "put_lines_back",
    *CARRIED,
)

_OF_UNDO = ("engine", "ports")  # what undo lines may say, for a script that only takes back


def render(plan: Plan, dialect: Dialect, lang: str) -> Script:
    """The script of a plan."""
    numbered = [step for step in plan.steps if not step.is_need]
    needs: list[str] = []
    pieces: list[Piece] = []
    for step in plan.steps:
        if not step.is_need:
            pieces.append(_piece(step, len(pieces) + 1, dialect, lang))
        elif pieces:
            last = pieces[-1]
            pieces[-1] = Piece(**{**vars(last), "body": last.body + _need(step, lang)})
        else:
            needs.append(_need(step, lang))
    body = "".join(needs) + "".join(piece.body for piece in pieces)
    prelude = _prelude(plan, dialect, lang, len(numbered), body) + ("\n" + "".join(needs) if needs else "")
    return Script(
        plan.name, explain.title(plan, lang), prelude, tuple(pieces), template("script/finish.sh.j2", lang).render()
    )


def _prelude(plan: Plan, dialect: Dialect, lang: str, total: int, body: str) -> str:
    one_line, words = " ".join(plan.command.split()), set(re.findall(r"\w+", body))
    return template("script/prelude.sh.j2", lang).render(
        title=explain.title(plan, lang),
        command=one_line,
        made_by=quote(one_line),
        recipe=quote(plan.recipe),
        name=plan.name,
        total=total,
        variables={name: quote(value) if value else "" for name, value in plan.variables.items()},
        used=words.intersection((*_HELPERS, *_RARE)),
        more=not words.isdisjoint(_RARE),
        groups=as_plain.groups(body) if total else _OF_UNDO,
        waits=dialect is not MODERN and "tables -" in body,
        agrees=re.search(r"^ +run +apt ", body, re.M) is not None,
        programs=_programs(plan, dialect),
    )


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


def _need(step: Step, lang: str) -> str:
    check = guard(step.operation)
    assert check is not None, step
    return template("script/need.sh.j2", lang).render(
        words=shell.word(explain.say(step, lang)), check=shell.argv((*check.words, *check.argv))
    )


def _piece(step: Step, number: int, dialect: Dialect, lang: str) -> Piece:
    words = explain.say(step, lang)
    body = template("script/step.sh.j2", lang).render(
        number=number,
        words=shell.word(words),
        netns=f" {shell.word(step.where.name)}" if isinstance(step.where, Netns) and not step.expect else "",
        **_verbs(step, dialect, lang),
    )
    return Piece(
        number,
        explain.plain(words),
        explain.why(step, lang),
        explain.more(step, lang),
        explain.plain(explain.ask(step, lang)),
        as_plain.command(step, dialect),
        step.expect.ok if step.expect else None,
        body,
        _reveal(step.operation),
        shell.word(step.expect.text) if step.expect and step.expect.text else "",
        (step.operation.variable.example or "") if isinstance(step.operation, Capture) else "",
    )


def _reveal(operation: Operation) -> str:
    return f'; say "{operation.variable.name}=${operation.variable.name}"' if isinstance(operation, Capture) else ""


def _verbs(step: Step, dialect: Dialect, lang: str) -> dict[str, str]:
    verbs = dict.fromkeys(("capture", "possible", "unless", "only_if", "undo", "run", "probe"), "")
    pipeline = dialect.question(step.operation)
    if pipeline and isinstance(step.operation, Capture):
        return verbs | {"capture": _capture(step.operation, shell.pipe(pipeline))}
    command = shell.argv(dialect.command(step.operation, step.where))
    if step.expect:
        probe = f"expect {shell.word(step.expect.text)} {command}" if step.expect.ok else f"refute {command}"
        return verbs | {"probe": f"moment {probe}" if step.expect.passing else probe}
    return verbs | {"run": command} | _safety(step, dialect, lang)


def _capture(operation: Capture, question: str) -> str:
    name, override = operation.variable.name, operation.override
    return f"{name}=${{{override}:-$({question})}}" if override else f"{name}=$({question})"


def _safety(step: Step, dialect: Dialect, lang: str) -> dict[str, str]:
    verbs: dict[str, str] = {}
    check, back = guard(step.operation), inverse(step.operation)
    if check:
        asked = MODERN.inside(check.argv, step.where) if check.argv else ()
        verbs["unless"] = shell.argv((*(("superseded",) if step.once else ()), *check.words, *asked))
    if back:
        verbs["undo"] = shell.argv(MODERN.command(back, step.where))
    if condition := possible(step.operation):
        verbs["possible"] = shell.argv((explain.without(step, lang), *condition.words, *condition.argv))
    precondition = dialect.precondition(step.operation, step.where)
    if precondition and isinstance(step.operation, AddressAdd):
        words = explain.phrase("replaces", lang, device=step.operation.device)
        verbs["only_if"] = f"{quote(words)} {shell.argv(precondition)}"
    return verbs
