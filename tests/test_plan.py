"""Plans as data: made, read back, and never trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from bridgekit import api, recipes, render
from bridgekit.compile import compiled
from bridgekit.dialects import NAMES
from bridgekit.errors import InputError
from bridgekit.lessons import LESSONS
from bridgekit.operations import AddressAdd, BridgeAdd, GuestRun, LinkSet, NetnsAdd
from bridgekit.plan import OK, Plan, Step, probe
from bridgekit.recipes import RECIPES, networks
from bridgekit.words import Var
from tests.meaning import TEXT, bash, header, means_itself
from tests.plans import PLANS

WRONG: list[tuple[str, Any]] = [("version", 1), ("version", None), ("name", "x; reboot"), ("name", "../x"), ("name", 7)]
WRONG += [
    ("steps", 7),
    ("steps", [7]),
    ("steps", [{"kind": "Reboot"}]),
    ("steps", [{"kind": "BridgeAdd", "name": "x"}]),
]
WRONG += [("recipe", "nosuch"), ("recipe", 7), ("command", 7), ("guests", 7), ("parameters", 7)]


def test_every_procedure_is_here() -> None:
    assert {make().recipe for make in PLANS.values()} == {*RECIPES, "lab", *(f"learn {name}" for name in LESSONS)}


@pytest.mark.parametrize("name", PLANS)
def test_json_gives_the_plan_back(name: str) -> None:
    plan = PLANS[name]()
    again = render.from_json(render.to_json(plan))
    assert again == plan
    for dialect in ("modern", "document"):
        assert render.text(again, dialect=dialect) == render.text(plan, dialect=dialect)


def test_json_is_documented() -> None:
    form = json.loads(render.to_json(PLANS["attach"]()))
    assert list(form) == ["version", "name", "recipe", "parameters", "command", "guests", "document", "steps"]
    assert form["version"] == 2
    assert {tuple(step) for step in form["steps"]} == {
        ("kind", "operation", "where", "expect", "note", "facts", "once")
    }


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda part: repr(part)[:30])
def test_wrong_json_is_bad_input(key: str, value: object) -> None:
    form = json.loads(render.to_json(PLANS["bridge"]()))
    with pytest.raises(InputError):
        render.text(render.from_json(json.dumps({**form, key: value})))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", "{}", '"x"', "[" * 100_000, '{"version": ' + "1" * 5000 + "}"]
)
def test_what_is_no_plan_is_bad_input(text: str) -> None:
    with pytest.raises(InputError):
        render.from_json(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PLANS)), st.data(), JSON)
@pytest.mark.slow
def test_a_spoilt_plan_is_a_plan_or_bad_input(name: str, data: st.DataObject, value: object) -> None:
    """Put anything anywhere: there is a script or an InputError, and nothing else."""
    form = json.loads(render.to_json(PLANS[name]()))
    holder: Any = form
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(holder[key], dict | list) and holder[key]) or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = value
    try:
        text = render.text(render.from_json(json.dumps(form)))
    except InputError:
        return
    assert text.startswith("#!/usr/bin/env bash\n# ")


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a plan's JSON a text stands, the names of variables and of kinds left out."""
    if isinstance(value, str):
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key != "kind" and not (key == "name" and value.get("kind") == "Var"):
            yield from texts(item, (*path, key))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(PLANS)), st.data())
@pytest.mark.slow
def test_what_json_brings_stays_in_its_quotes(name: str, data: st.DataObject) -> None:
    """No text of it was checked by `names`; still bash reads in the script just what the plan means."""
    form = json.loads(render.to_json(PLANS[name]()))
    for path in data.draw(st.lists(st.sampled_from(list(texts(form))), min_size=1, max_size=4)):
        holder = form
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = data.draw(TEXT)
    try:
        plan = render.from_json(json.dumps(form))
    except InputError:
        return
    for dialect in NAMES:
        means_itself(plan, dialect, "found")
    variables = compiled(plan).variables
    assert header(plan, tuple(variables)) == list(variables.values())


@pytest.mark.parametrize("runtime", ["if", "!", "x=1", "rm", "", "docker ps;"])
@pytest.mark.parametrize("kind", ["Look", "GuestRun", "Capture"])
def test_json_starts_no_other_program(kind: str, runtime: str) -> None:
    form = json.loads(render.to_json(PLANS["learn docker-by-hand"]()))
    found = next(
        step["operation"]
        for step in form["steps"]
        if step["operation"]["kind"] == kind and "runtime" in step["operation"]
    )
    assert found["runtime"] == "docker"
    found["runtime"] = runtime
    with pytest.raises(InputError, match="no such runtime"):
        render.from_json(json.dumps(form))
    form = json.loads(render.to_json(PLANS["learn docker-by-hand"]()))
    form["steps"][-1]["where"]["runtime"] = runtime
    with pytest.raises(InputError, match="no such runtime"):
        render.from_json(json.dumps(form))


@pytest.mark.parametrize(
    "operation",
    [
        {"kind": "GuestRun", "runtime": "docker", "guest": 5, "image": "x", "command": []},
        {"kind": "GuestRun", "runtime": "docker", "guest": "x", "image": "x", "command": "sh"},
        {"kind": "GuestRun", "runtime": "docker", "guest": "x", "image": "x", "command": [5]},
        {"kind": "GuestRun", "runtime": "docker", "guest": "x", "image": "x"},
        {"kind": "LinkSet", "name": "x", "what": "mtu", "value": 1500},
        {"kind": "LinkSet", "name": "x", "what": "Address", "value": "x"},
        {"kind": "LinkSet", "name": "x", "what": "colour", "value": "x"},
        {"kind": "Look", "what": "Bridge", "name": "x"},
        {"kind": "Look", "what": "FileShow"},
        {"kind": "Look", "what": "FileShow", "path": 1.5},
        {"kind": "Look", "what": ["FileShow"], "path": "x"},
        {"kind": "Capture", "variable": "pid", "what": "LinkIndex", "name": "x"},
        {"kind": "AddressAdd", "device": "x", "address": None},
        {"kind": "AddressAdd", "device": "x", "address": "10.0.0.2/24", "fresh": 1},
        {"kind": "Question", "what": "Bridge", "name": "x"},
        {"kind": "BridgeAdd", "name": {"kind": "Var", "name": "X", "default": "x"}},
        {"kind": "NetnsAdd", "name": "x", "more": 1},
        {"kind": "NetnsAdd", "name": "\0"},
        {"kind": "NetnsAdd", "name": "\ud800"},
        {"kind": "NetnsBind", "name": "x", "pid": {"kind": "Var", "name": "x; reboot"}},
        {"kind": "NetnsBind", "name": "x", "pid": {"kind": "Var", "name": "X", "default": 7}},
        {"kind": "NetnsDelete", "name": "x"},
        {"kind": "Operation"},
        {"kind": "Need"},
        {"kind": "Step", "operation": {"kind": "NetnsAdd", "name": "x"}},
        {"kind": ["NetnsAdd"], "name": "x"},
        {"kind": {}, "name": "x"},
        "NetnsAdd",
        None,
    ],
    ids=lambda operation: json.dumps(operation)[:60],
)
def test_an_operation_of_wrong_fields_is_bad_input(operation: object) -> None:
    form = json.loads(render.to_json(Plan.of("x", NetnsAdd("x"))))
    assert render.from_json(json.dumps(form)) == Plan.of("x", NetnsAdd("x"))
    form["steps"][0]["operation"] = operation
    with pytest.raises(InputError):
        render.from_json(json.dumps(form))


@pytest.mark.parametrize("value", [{"kind": "NetnsAdd", "name": "x"}, [{"kind": "Var", "name": "x"}], {"a": 1}, 1.5])
def test_a_parameter_is_text_or_a_number(value: object) -> None:
    form = json.loads(render.to_json(PLANS["bridge"]()))
    form["parameters"]["bridge"] = value
    with pytest.raises(InputError):
        render.from_json(json.dumps(form))


def test_a_plan_made_by_hand() -> None:
    plan = Plan.of("mine", BridgeAdd("br8"), Step(LinkSet("br8", "up"), note=""))
    assert "run    ip link set br8 up" in api.script(plan)
    with pytest.raises(InputError):
        Plan.of("not a name", BridgeAdd("br8"))


def test_probes_can_be_left_out() -> None:
    plan = Plan.of("mine", BridgeAdd("br8"), probe(LinkSet("br8", "up"), OK, ""))
    assert [step.operation for step in plan.without_probes().steps] == [BridgeAdd("br8")]


def test_what_differs_per_machine() -> None:
    assert PLANS["learn docker-by-hand"]().variables.keys() == {"GUEST", "IMAGE", "UPLINK", "OUTSIDE"}
    assert PLANS["outbound"]().variables == {"UPLINK": ""}
    assert PLANS["outbound six"]().variables == {"UPLINK": "em1"}
    assert PLANS["learn docker-by-hand"]().container_ids == ("6414d7278905",)
    assert Plan.of("x", GuestRun("docker", "a", "busybox", ("sh",))).container_ids == ("a",)


@pytest.mark.parametrize(
    ("plan", "guests"),
    [
        (recipes.attach("web", "10.0.0.2/24"), ("web",)),
        (recipes.mesh("br0", "10.0.0.0/24", ["web", "podman:db"], count=1), ("web", "podman:db")),
        (recipes.p2p("web", "10.1.1.1", "host", "10.1.1.2"), ("web",)),
        (recipes.leak("red", "blue", "192.168.9.0/24"), ("netns:red", "netns:blue")),
        (
            recipes.wire("web", link=["db:database:80", "podman:cache:c", "pid:7:p"]),
            ("web", "db", "podman:cache", "pid:7"),
        ),
        (recipes.wire("web", network="container:podman:db"), ("podman:db", "web,container:podman:db")),
        (recipes.wire("web", network="host"), ("web,host",)),
        (recipes.wire("web", network="none"), ("web",)),
        (recipes.bridge("br0"), ()),
    ],
    ids=lambda part: getattr(part, "command", ""),
)
def test_the_guests_that_a_plan_must_find(plan: Plan, guests: tuple[str, ...]) -> None:
    assert plan.guests == guests


@pytest.mark.parametrize(
    "step",
    [
        Step(LinkSet("br8", "up"), note="nosuch"),
        Step(LinkSet("br8", "up"), note="masquerade"),
    ],
    ids=["no such note", "a note without its facts"],
)
def test_what_cannot_be_told_is_bad_input(step: Step) -> None:
    with pytest.raises(InputError):
        api.script(Plan.of("mine", step))


def test_two_networks_with_long_names_have_bridges_of_their_own() -> None:
    found = {networks.named(name, None).bridge for name in ("production-a-1", "production-a-2", "twelve-chars")}
    assert len(found) == 3
    assert "br-twelve-chars" in found


def test_a_lessons_mac_address_is_the_one_that_scripts_make() -> None:
    """The rule stands twice: a lesson knows the address before its script runs, `wire` does not."""
    steps = LESSONS["customise-docker0"].make().steps
    macs = [each.operation.value for each in steps if each.operation.entry == "LinkSetAddress"]
    addresses = [step.operation.address for step in steps if isinstance(step.operation, AddressAdd) and step.where]
    (as_mac,) = (line for line in render.plain(recipes.wire("web")).splitlines() if line.startswith("as_mac()"))
    made = [bash(f"{as_mac}\nprintf '%s\\0' \"$(as_mac {str(each).partition('/')[0]})\"")[0] for each in addresses]
    assert made == macs == ["02:42:c0:a8:01:80", "02:42:c0:a8:01:81"]


def test_a_default_is_a_text() -> None:
    with pytest.raises(InputError, match="an empty default"):
        Var("uplink", "")
