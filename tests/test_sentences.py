"""Sentences that depend on fields: what is set is said, and nothing is said that is untrue of the values.

Cases: tests/cases/sentences/FUNCTION.json, an operation (or a note with one) and what it is told by: a whole sentence,
or what the text says and what it must not say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from bridgekit import explain, operations
from bridgekit.errors import InputError
from bridgekit.operations import Value
from bridgekit.plan import Plan, Step
from bridgekit.recipes import forwarding, install
from bridgekit.words import Var
from tests.plans import PLANS
from tests.test_catalogues import ENTRIES

CASES = Path(__file__).parent / "cases/sentences"

# Fields that no sentence of their operation names, with the reason.
COMMON = {
    "variable": "the script's own",
    "runtime": "the command begins with it",
    "seconds": "how long an answer is waited for",
    "path": "the guest's, or the file that the sentence speaks of",
    "systemd": "how it is done, not what",
}
UNSAID = {
    **dict.fromkeys((("CaptureCard", "bridge"), ("CaptureGateway", "bridge")), "where the card is when it runs again"),
    **dict.fromkeys(
        (("CaptureFreeAddress", "home"), ("CaptureHighestAddress", "home"), ("NeedFreeSubnet", "devices")),
        "follows from the bridge",
    ),
    ("Rule", "zone"): "a number of the guest's own",
    **dict.fromkeys((("EngineStart", "bridge"), ("EngineStop", "bridge")), "what it is for; the next step says so"),
    **dict.fromkeys((("GuestRun", "image"), ("GuestRun", "command")), "the command ends with them"),
    **dict.fromkeys((("NetnsBind", "pid"), ("NetnsLink", "pid"), ("NeedNetnsName", "pid")), "the guest's"),
    **dict.fromkeys((("HostnameSet", "pid"), ("NeedOwnHostname", "pid")), "the guest's"),
    **dict.fromkeys((("NeedAddress", "address"), ("NeedFreeAddress", "address")), "empty, or it would not be said"),
    **dict.fromkeys((("NeedCard", "nic"), ("NeedGateway", "gateway"), ("NeedPort", "port")), "the same"),
    **dict.fromkeys((("NeedUnbound", "destination"), ("NeedUnpublished", "destination")), "where it may lead"),
    **dict.fromkeys((("CaptureFreePort", "destination"), ("CaptureFreePort", "taken")), "the plan's other ports"),
    **dict.fromkeys((("RepositoryAdd", "distro"), ("RepositoryTrust", "distro")), "this host's"),
    **dict.fromkeys((("Rule", "chain"), ("Rule", "table"), ("Rule", "version")), "said by who adds it"),
    **dict.fromkeys((("VethAdd", "home"), ("NeedPair", "home")), "a later step moves an end there"),
    **dict.fromkeys(
        (("CaptureFreeAddress", "interface"), ("CaptureHighestAddress", "interface")),
        "where the guest may have it already",
    ),
    **{
        (made, field): "later steps put it there"
        for made in ("MacvlanAdd", "IpvlanAdd", "IpoibAdd", "DummyAdd")
        for field in ("home", "inside")
    },
    ("NeedHostAddress", "address"): "empty, or it would not be said",
    **dict.fromkeys((("OvsPortAdd", "guest"), ("OvsPortAdd", "id"), ("OvsPortAdd", "pid")), "the guest's"),
    ("AddressAdd", "more"): "how it is done, not what",
    ("RouteAdd", "source"): "said by who needs it",
    ("RouteSpread", "device"): "the gateways' own",
    ("NeedLab", "netns"): "one of the lab's",
    ("VethAdd", "mtu"): "the step before says so",
    **dict.fromkeys(
        (("VethInto", "mac"), ("VethBetween", "mac"), ("VethBetween", "peer_mac"), ("VxlanAdd", "mac")),
        "the command ends with it",
    ),
    ("GuestRun", "mark"): "how it is known again",
    **dict.fromkeys((("NeedPassthru", "name"), ("NeedPassthru", "interface")), "it may be there already"),
    ("NeedPassthru", "mode"): "the sentence tells of the one that stands alone",
    ("LeaseFolderAdd", "netns"): "where the way back looks for what the client left",
    **dict.fromkeys((("LeaseTake", "folder"), ("LeaseTake", "pid")), "how it is done"),
    **dict.fromkeys((("LeaseTake", "hostname"), ("LeaseTake", "options")), "what the server is told besides"),
    **dict.fromkeys((("NeedLeaseFree", "folder"), ("NeedLeaseFree", "client")), "not this one"),
    ("NeedSomeDhcpClient", "client"): "empty, or it would not be said",
    **dict.fromkeys((("RouteChange", each) for each in ("family", "table", "metric", "like", "text")), "of the words"),
    **dict.fromkeys((("PolicyRuleAdd", each) for each in ("family", "text", "like")), "of the words"),
    **dict.fromkeys((("PolicyRuleDel", each) for each in ("family", "text", "like")), "of the words"),
    **dict.fromkeys((("NeedOneRule", each) for each in ("family", "text", "like")), "of the command's words"),
    **dict.fromkeys((("NeedOneRoute", "family"), ("NeedOneRoute", "table")), "the destination's"),
    ("NeedLoneQdisc", "words"): "not these",
    ("QdiscSet", "verb"): "one way or the other it has it then",
    ("NeedDefaultRoute", "family"): "the gateway's",
    **dict.fromkeys((("NeedReached", "program"), ("NeedReached", "rule")), "the one that is in the way is shown"),
    **dict.fromkeys((("NeedWayOut", "version"), ("NeedHomed", "version")), "the address's"),
    **dict.fromkeys((("NeedAlone", "interface"), ("NeedAloneMac", "interface")), "the one that asks"),
    ("RemarkListens", "flag"): "the protocol's",
    ("NeedDistro", "known"): "what it is not like",
    ("PackagesRefresh", "packages"): "with these it is not done",
}


def _made(form: Any) -> Any:
    """The value that a form stands for: {"BridgeAdd": {"name": "br0"}} is BridgeAdd(name="br0")."""
    if isinstance(form, dict):
        ((kind, fields),) = form.items()
        return _of_entry(kind, {name: _made(field) for name, field in fields.items()})
    return tuple(map(_made, form)) if isinstance(form, list) else form


def _of_entry(kind: str, fields: dict[str, Any]) -> Any:
    """What an entry of the catalogues tells of: an operation, or a row of those that differ by a question alone."""
    if kind == "Var":
        return Var(**fields)
    if kind in operations.KINDS:
        return operations.KINDS[kind](**fields)
    if kind.startswith("Need"):
        what = kind.removeprefix("Need")
        return operations.Need(what, **dict.fromkeys(operations.Need.takes(what), "") | fields)
    if kind.startswith("Capture"):
        what, variable = kind.removeprefix("Capture"), fields.pop("variable")
        return operations.Capture(variable, what, **dict.fromkeys(operations.Capture.takes(what), "") | fields)
    if kind in operations.Look.QUESTIONS:
        return operations.Look(kind, **dict.fromkeys(operations.Look.takes(kind), "") | fields)
    name, *value = fields.values()
    settings = (operations.LinkSet(name, what, *map(str, value)) for what in operations.SETTINGS)
    return next(each for each in settings if each.entry == kind)


def _cases(function: str) -> list[tuple[Step, dict[str, Any]]]:
    cases = json.loads((CASES / f"{function}.json").read_text("utf-8"))
    return [
        (Step(_made(case.pop("of")), note=case.pop("note", ""), facts=case.pop("facts", {})), case) for case in cases
    ]


@pytest.mark.parametrize(("step", "told"), _cases("say"))
def test_what_is_set_is_said(step: Step, told: dict[str, str]) -> None:
    assert {lang: explain.plain(explain.say(step, lang)) for lang in explain.LANGUAGES} == told


@pytest.mark.parametrize(
    ("function", "step", "told"),
    [(function, *case) for function in ("why", "more", "without") for case in _cases(function)],
)
def test_what_is_untrue_is_not_said(function: str, step: Step, told: dict[str, dict[str, str]]) -> None:
    for lang in explain.LANGUAGES:
        text = explain.plain(getattr(explain, function)(step, lang))
        assert told[lang]["says"] in text
        assert told[lang]["not"] not in text


@pytest.mark.parametrize(
    ("plan", "en", "zh"),
    [
        (forwarding("on"), "Turn IPv4 forwarding on.", "IPv4 转发：on。"),
        (forwarding("off", ipv6=True), "Turn IPv6 forwarding off.", "IPv6 转发：off。"),
        (
            install(distro="alpine"),
            "Install what recipes need, and a Docker engine, on alpine.",
            "在 alpine 上安装配方所需的程序和 Docker 引擎。",
        ),
        (
            install(distro="alpine", docker=False),
            "Install what recipes need, on alpine.",
            "在 alpine 上安装配方所需的程序。",
        ),
    ],
)
def test_a_title_says_what_was_asked_for(plan: Plan, en: str, zh: str) -> None:
    assert [explain.title(plan, lang) for lang in explain.LANGUAGES] == [en, zh]


@pytest.mark.parametrize("facts", [{}, {"rule": "no rule"}])
def test_a_sentence_without_its_values_is_refused(facts: dict[str, str]) -> None:
    step = Step(operations.LinkSet("eth0", "up"), note="engine-localhost", facts=facts)
    with pytest.raises(InputError, match=r"a step's sentence needs the fact 'rule\.out_interface'"):
        explain.say(step, "en")


def test_a_form_is_not_chosen_for_values_that_are_not_there() -> None:
    step = Step(operations.LinkSet("eth0", "up"), note="forwarding")
    assert explain.plain(explain.say(step, "en")) == "Let the host forward IPv4 packets."


def _told() -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each entry that a plan or a case here is told by, with its values."""
    plans = [make() for make in PLANS.values()]
    yield from ((f"plans.{plan.recipe}", plan.parameters) for plan in plans)
    cases = [step for path in CASES.glob("*.json") for step, _ in _cases(path.stem)]
    for step in (*cases, *(step for plan in plans for step in plan.steps)):
        values = step.operation.values | dict(step.facts)
        yield step.operation.entry, values
        yield step.note if "/" in step.note else f"notes.{step.note}", values
        yield from ((type(value).__name__, vars(value)) for value in values.values() if isinstance(value, Value))


def test_every_form_is_met() -> None:
    met = {
        (name, form) for name, values in _told() for form in explain.forms(name, "en") if explain.holds(form, values)
    }
    there = {(name, form) for name in ENTRIES for form in explain.forms(name, "en") if form}
    assert len(there) > 40
    assert there - met == set()


def _named(kind: str) -> set[str]:
    """The fields that an operation's own sentences, or the conditions for them, name."""
    found = set()
    for condition, form in explain.forms(kind, "en").items():
        found |= {part.partition("=")[0] for part in condition.split(", ") if part}
        for sentence in form.values():
            found |= {name for _, name, _, _ in Formatter().parse(sentence) if name}
    return {name.partition(".")[0] for name in found}


ROWS = {
    f"{prefix}{what}": {*kind.takes(what), *more}
    for prefix, kind, more in (
        ("Need", operations.Need, ()),
        ("Remark", operations.Remark, ()),
        ("Capture", operations.Capture, ("variable",)),
        ("", operations.Look, ()),
    )
    for what in kind.QUESTIONS
}
OWN = {name: set(kind.__match_args__) for name, kind in operations.KINDS.items() if name in ENTRIES}


@pytest.mark.parametrize("kind", sorted({*OWN, *ROWS} & {*ENTRIES}))
def test_every_field_is_said_or_has_a_reason(kind: str) -> None:
    fields = {name.partition(".")[0] for name in ROWS.get(kind, OWN.get(kind, set()))}
    assert _named(kind) <= fields
    assert fields - _named(kind) - COMMON.keys() == {field for owner, field in UNSAID if owner == kind}
