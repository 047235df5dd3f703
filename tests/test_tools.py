"""Operation -> command, guard and undo, as data (tests/cases/tools); and nothing of the vocabulary is missing."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridgekit import explain, operations, plan, words
from bridgekit.dialects import MODERN, PACKAGES, dialect as named_dialect
from bridgekit.errors import InputError
from bridgekit.guard import guard
from bridgekit.inverse import inverse
from bridgekit.operations import Capture, Need, Operation
from bridgekit.render import shell
from bridgekit.words import Argv
from tests.plans import DIALECTS

ROOT = Path(__file__).resolve().parents[1]
CASES = Path(__file__).parent / "cases/tools"
KINDS = {name: kind for module in (operations, plan, words) for name, kind in vars(module).items()}
Form = Any  # a field as JSON has it: {"BridgeAdd": ["br0"]} is BridgeAdd("br0")


def made(form: Form) -> Any:
    """The value that a form stands for."""
    if isinstance(form, dict):
        ((kind, arguments),) = form.items()
        return KINDS[kind](*map(made, arguments))
    return tuple(map(made, form)) if isinstance(form, list) else form


def _cases(*names: str) -> Iterator[Any]:
    for name in names:
        for number, case in enumerate(json.loads((CASES / f"{name}.json").read_text("utf-8")), 1):
            yield pytest.param(name, case, id=f"{name}-{number}")


# ------------------------------------------------------------------------------------- cases

FUNCTIONS = sorted(path.stem for path in CASES.glob("*.json") if path.stem not in DIALECTS)


@pytest.mark.parametrize(("function", "case"), [*_cases(*FUNCTIONS)])
def test_tool(function: str, case: dict[str, Form]) -> None:
    module, _, name = function.partition(".")
    found = getattr(importlib.import_module(f"bridgekit.tools.{module}"), name)(made(case["input"]))
    text = shell.pipe if name == "question" else shell.argv
    assert (found and text(found)) == case["gives"]


def test_every_tool_has_cases_and_says_what_is_not_its_own() -> None:
    tools = {path.stem for path in (ROOT / "bridgekit/tools").glob("*.py")} - {"__init__"}
    assert {name.partition(".")[0] for name in FUNCTIONS} == tools
    for name in FUNCTIONS:
        given = {case.values[1]["gives"] for case in _cases(name)}
        assert None in given, name
        assert len(given) > 1, name


@pytest.mark.parametrize(("dialect", "case"), [*_cases(*DIALECTS)])
def test_dialect(dialect: str, case: dict[str, Form]) -> None:
    assert _lines(dialect, made(case["input"]), made(case.get("where"))) == case["gives"]


def _lines(dialect: str, operation: Operation, where: plan.Where) -> dict[str, str]:
    """What a script has for an operation, line by line."""
    check, back, chosen = guard(operation), inverse(operation), DIALECTS[dialect]
    if isinstance(operation, Need):
        assert check is not None
        return {"need": shell.argv((*check.words, *check.argv))}
    if question := chosen.question(operation):
        return {"ask": shell.pipe(question)}
    lines: dict[str, Argv | None] = {"run": chosen.command(operation, where)}
    if check:
        lines["unless"] = (*check.words, *(MODERN.inside(check.argv, where) if check.argv else ()))
    lines["only_if"] = chosen.precondition(operation, where)
    lines["undo"] = MODERN.command(back, where) if back else None
    return {name: shell.argv(argv) for name, argv in lines.items() if argv}


def test_an_unknown_dialect() -> None:
    with pytest.raises(InputError, match="not a dialect: 'x'\n  hint: one of: document, modern"):
        named_dialect("x")


# ------------------------------------------------------------------------- nothing is missing


def _kinds(base: type[Operation]) -> Iterator[type[Operation]]:
    for kind in base.__subclasses__():
        yield from _kinds(kind) if kind.__subclasses__() else (kind,)


EVERY = sorted(_kinds(Operation), key=lambda kind: kind.__name__)
NEEDS = {kind.__name__ for kind in EVERY if issubclass(kind, Need)}
CAPTURES = {kind.__name__ for kind in EVERY if issubclass(kind, Capture)}
QUESTIONS = {
    "GuestList",
    "NetnsList",
    "NetnsPids",
    "AddressShow",
    "Ping",
    "FileShow",
    "RouteGet",
    "NeighbourShow",
    "RuleSearch",
    "RuleList",
    "KernelShow",
    "HelloRun",
    "EngineVersion",
    "ImageList",
    "AddressList",
    "BridgeShow",
    "EngineBridgeShow",
    "GuestLinkShow",
    "InterfaceShow",
    "LinkShow",
    "NetworkInspect",
    "NetworkList",
    "RouteShow",
    "FilesCompare",
    "HostnameShow",
    "Lookup",
    "Fetch",
    "NetnsCompare",
    "MountsShow",
}
# Only ever the way back of another; a plan does not name them.
WAYS_BACK = {
    "GuestDelete",
    "NetnsDelete",
    "NetnsUnbind",
    "NetnsUnlink",
    "NetnsRelink",
    "LinkDelete",
    "LinkFetch",
    "LinkReturn",
    "LinkMoveBack",
    "VmStop",
    "LinkSetNoMaster",
    "LinkUnsetHairpin",
    "ProxyStop",
    "BridgeRestore",
    "EngineRevive",
    "EngineBridgeUnset",
    "LinkRestoreAddress",
    "LinkRestoreMtu",
    "AddressDelete",
    "RouteDelete",
    "RoutersForget",
    "RuleDelete",
    "PackagesDrop",
    "FileDelete",
    "RepositoryDelete",
    "RepositoryDistrust",
    "ServiceStop",
    "ChainDelete",
    "PolicyRestore",
    "SysctlRestore",
    "DirectoryDelete",
    "FileRestore",
    "HostnameRestore",
    "HostsRemove",
    "LinesRestore",
}
# The words of the vocabulary that undo may use.
HELPERS = (
    "fetch",
    "stop_proxy",
    "restore",
    "relink",
    "drop_host",
    "put",
    "put_lines_back",
    "remake",
    "engine_revive",
    "engine_unset",
    "drop",
    "distrust",
    "forget_source",
    "bring_back",
    "move_back",
    "vm",
)  # the words of the vocabulary that undo may use
ALWAYS_DONE = QUESTIONS | CAPTURES | WAYS_BACK | {"PackagesUpgrade"}
NO_WAY_BACK = {
    "NetnsDirectory": "an empty directory hurts no one, and other names may have come into it",
    "PackagesRefresh": "newer lists hurt no one",
    "PackagesUpgrade": "no package manager goes back",
    "BridgeSweep": "the way back of the BridgeDelete before it",
} | dict.fromkeys(QUESTIONS | CAPTURES | WAYS_BACK | NEEDS, "it changes nothing, or is a way back itself")


def samples(dialect: str = "modern") -> dict[str, list[Operation]]:
    """The operations of a dialect's cases, by kind."""
    found: dict[str, list[Operation]] = {}
    for case in _cases(dialect):
        operation = made(case.values[1]["input"])
        found.setdefault(type(operation).__name__, []).append(operation)
    return found


@pytest.mark.parametrize("dialect", ["document", "modern"])
def test_every_operation_has_a_case(dialect: str) -> None:
    assert {kind.__name__ for kind in EVERY} - set(samples(dialect)) == set()


@pytest.mark.parametrize("kind", [kind.__name__ for kind in EVERY])
def test_every_operation_is_everywhere(kind: str) -> None:
    missing = [name for operation in samples().get(kind, []) for name in _missing(kind, operation)]
    assert missing == []


def _missing(kind: str, operation: Operation) -> Iterator[str]:
    for name, dialect in DIALECTS.items():
        if kind not in NEEDS and not dialect.question(operation):
            try:
                dialect.command(operation)
            except InputError:
                yield f"a tool of the dialect {name}"
    if (guard(operation) is None) != (kind in ALWAYS_DONE):
        yield "a guard, or a place in ALWAYS_DONE (or one too many)"
    if (inverse(operation) is None) != (kind in NO_WAY_BACK):
        yield "an inverse, or a reason in NO_WAY_BACK (or one too many)"
    for lang in explain.LANGUAGES:
        entry = explain.section(kind, lang)
        wanted = set() if kind in WAYS_BACK else {"say"} if kind in NEEDS else {"say", "why"}
        if wanted - set(entry):
            yield f"{sorted(wanted - set(entry))} in {lang}"


def test_the_ways_back_are_just_those() -> None:
    backs = {type(back).__name__ for each in samples().values() for item in each if (back := inverse(item))}
    forth = {type(item).__name__ for each in samples().values() for item in each if inverse(item)}
    assert backs - forth == WAYS_BACK


def test_a_way_back_is_built_by_modern_tools_alone() -> None:
    for items in samples().values():
        for back in filter(None, map(inverse, items)):
            assert MODERN.command(back)[0] in PACKAGES or MODERN.command(back)[0] in ("rm", "rmdir", *HELPERS), back


def test_a_missing_operation_is_named() -> None:
    class Forgotten(Operation):
        pass

    assert set(_missing("Forgotten", Forgotten())) >= {"a tool of the dialect modern", "['say', 'why'] in zh"}


def test_no_field_is_called_as_json_calls_the_operation() -> None:
    assert [kind.__name__ for kind in EVERY if "kind" in kind.__match_args__] == []
