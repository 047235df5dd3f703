"""Each operation's lines in every dialect, as data (tests/cases/operations); and nothing of it is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridgekit import explain, operations, plan, words
from bridgekit.compile import compiled
from bridgekit.dialects import DOCUMENTS, wordings
from bridgekit.errors import InputError
from bridgekit.operations import KINDS, PACKAGES, SETTINGS, Capture, LinkSet, Look, Need, NetnsAdd, Operation, Question
from bridgekit.plan import Plan, Step
from bridgekit.render import shell

ROOT = Path(__file__).resolve().parents[1]
CASES = Path(__file__).parent / "cases/operations"
EVERY = {**KINDS} | {name: kind for module in (plan, words) for name, kind in vars(module).items()}
Form = Any  # a field as JSON has it: {"BridgeAdd": ["br0"]} is BridgeAdd("br0")


def made(form: Form) -> Any:
    """The value that a form stands for."""
    if isinstance(form, dict):
        ((kind, given),) = form.items()
        if isinstance(given, dict):
            return EVERY[kind](**{name: made(value) for name, value in given.items()})
        return EVERY[kind](*map(made, given))
    return tuple(map(made, form)) if isinstance(form, list) else form


def _read() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text("utf-8")), 1):
            yield pytest.param(case, id=f"{path.stem}-{number}")


CASES_OF_ALL = list(_read())


def lines(operation: Operation, where: plan.Where, dialect: str, document: str = "000") -> dict[str, str]:
    """What a script has for an operation, line by line."""
    (line,) = compiled(Plan("x", "by-hand", (Step(operation, where),), document=document), dialect).lines
    if line.question:
        return {"ask": shell.pipe(line.question)}
    found = {"need": line.need, "run": line.run, "unless": line.unless, "only_if": line.only_if[1:], "undo": line.undo}
    return {name: shell.argv(argv) for name, argv in found.items() if argv}


@pytest.mark.parametrize("case", CASES_OF_ALL)
def test_an_operation(case: dict[str, Form]) -> None:
    operation, where = made(case.pop("operation")), made(case.pop("where", None))
    otherwise = case.pop("document", {})
    assert lines(operation, where, "modern") == case
    for document in DOCUMENTS:
        expected = {name: text for name, text in (case | otherwise.get(document, {})).items() if text}
        assert lines(operation, where, "document", document) == expected, document


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(InputError, match="not a dialect: 'x'\n  hint: one of: document, modern"):
        wordings("x", "000")
    with pytest.raises(InputError, match="not a document: '005'"):
        wordings("document", "005")
    for wrong in ("Need('Bridge')", "Need('Bridge', name='a', nam='b')", "Need('X')", "Look('RouteShow', name='a')"):
        with pytest.raises(TypeError):
            eval(wrong, {"Need": Need, "Look": Look})


# ------------------------------------------------------------------------- nothing is missing

NO_WAY_BACK = {
    "GuestStart": "it goes with the container, which the step before made",
    "NetnsDirectory": "an empty directory hurts no one, and other names may have come into it",
    "PackagesRefresh": "newer lists hurt no one",
    "PackagesUpgrade": "no package manager goes back",
    "LinkSetOwnAddress": "it goes with the bridge that this run made; the one before was the kernel's choice",
    "LinkSetAddressAgain": "it is the one that was there",
    "BridgeSweep": "the way back of the BridgeDelete before it",
}
QUESTIONS = {"Ping", "Fetch", "Lookup", "RuleList", "RuleSearch"}
# The words of the vocabulary that undo may use.
HELPERS = {
    "drop_address",
    "defaults_back",
    "forget_replies",
    "drop_link",
    "fetch",
    "stop_proxy",
    "restore",
    "relink",
    "drop_host",
    "put",
    "put_lines_back",
    "remake",
    "engine_revive",
}
HELPERS |= {"clear_lease", "end_lease", "put_routes", "put_rules", "put_qdisc"}
HELPERS |= {
    "engine_unset",
    "drop",
    "distrust",
    "forget_source",
    "bring_back",
    "move_back",
    "vm",
    "rm",
    "rmdir",
    "end_service",
}


def _entries() -> dict[str, type]:
    """Every entry that a catalogue or a dialect may have, with its class."""
    found: dict[str, type] = {}
    for kind in KINDS.values():
        if issubclass(kind, Question):
            found |= dict.fromkeys((f"{'' if kind is Look else kind.__name__}{what}" for what in kind.QUESTIONS), kind)
        elif kind is LinkSet:
            found |= {LinkSet("x", what).entry: kind for what in SETTINGS}
        elif issubclass(kind, Operation):
            found[kind.__name__] = kind
    return found


ENTRIES = _entries()
SAMPLES = [made(case.values[0]["operation"]) for case in CASES_OF_ALL]


def test_every_operation_has_a_case() -> None:
    assert {operation.entry for operation in SAMPLES} == set(ENTRIES)


@pytest.mark.parametrize("operation", SAMPLES, ids=lambda operation: operation.entry)
def test_nothing_of_an_operation_is_missing(operation: Operation) -> None:
    entry, asks = operation.entry, isinstance(operation, Question) or operation.entry in QUESTIONS
    assert bool(operation.unless) == (not asks and entry != "PackagesUpgrade")
    assert bool(operation.undo) == (not asks and entry not in NO_WAY_BACK)
    back = operation.argv(operation.undo)
    assert not back or back[0] in PACKAGES or back[0] in HELPERS
    for lang in explain.LANGUAGES:
        assert {"say"} if isinstance(operation, Need) else {"say", "why"} <= set(explain.section(entry, lang))


def test_a_document_words_what_there_is() -> None:
    """A wording of an entry, or with a field, that no operation has would be a mistake of spelling."""
    samples = {operation.entry: operation for operation in SAMPLES}
    for document in DOCUMENTS:
        for entry, worded in wordings("document", document).items():
            for wording in worded:
                samples[entry].argv(wording.line)
                assert all(hasattr(samples[entry], name) for name in wording.when)
                assert not wording.only_if or samples[entry].argv(wording.only_if)


def test_no_field_is_called_as_json_calls_the_operation() -> None:
    assert [name for name, kind in KINDS.items() if "kind" in kind.__match_args__] == []
    assert [entry for entry in (*ENTRIES, "Rule") if entry in ("kind", "what")] == []


def test_every_class_is_reached_by_its_name() -> None:
    assert {name for name in KINDS if getattr(operations, name) is not KINDS[name]} == set()
    assert KINDS["NetnsAdd"] is NetnsAdd
    assert issubclass(Capture, Question)
