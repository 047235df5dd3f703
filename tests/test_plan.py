"""Plans as data: made, read back, and never trusted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgekit import api, lessons, recipes, render
from bridgekit.errors import InputError
from bridgekit.operations import BridgeAdd, GuestRun, LinkSetUp
from bridgekit.plan import OK, Plan, Step, probe
from bridgekit.recipes.registry import LESSONS, RECIPES

PLANS: dict[str, Callable[[], Plan]] = {
    "bridge": lambda: recipes.bridge("br0", address="10.0.0.1/24"),
    "attach": lambda: recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1", mtu=1400, mac="02:00:00:00:00:02"),
    "attach six": lambda: recipes.attach("netns:red", "fd00::2/64"),
    "outbound": lambda: recipes.outbound("10.0.0.0/24"),
    "outbound six": lambda: recipes.outbound("fd00::/64", uplink="em1"),
    "docker-by-hand": lessons.docker_by_hand,
}
WRONG: list[tuple[str, Any]] = [("version", 2), ("version", None), ("name", "x; reboot"), ("name", "../x"), ("name", 7)]
WRONG += [
    ("steps", 7),
    ("steps", [7]),
    ("steps", [{"kind": "Reboot"}]),
    ("steps", [{"kind": "BridgeAdd", "name": "x"}]),
]
WRONG += [("recipe", "nosuch"), ("recipe", 7), ("command", 7), ("guests", 7), ("parameters", 7)]


def test_every_procedure_is_here() -> None:
    assert {name.split()[0] for name in PLANS} == set(RECIPES) | set(LESSONS)


@pytest.mark.parametrize("name", PLANS)
def test_json_gives_the_plan_back(name: str) -> None:
    plan = PLANS[name]()
    again = render.from_json(render.to_json(plan))
    assert again == plan
    for dialect in ("modern", "document"):
        assert render.text(again, dialect=dialect) == render.text(plan, dialect=dialect)


def test_json_is_documented() -> None:
    form = json.loads(render.to_json(PLANS["attach"]()))
    assert list(form) == ["version", "name", "recipe", "parameters", "command", "guests", "steps"]
    assert form["version"] == 1
    assert {tuple(step) for step in form["steps"]} == {("kind", "operation", "where", "expect", "note", "facts")}


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda part: repr(part)[:30])
def test_wrong_json_is_bad_input(key: str, value: object) -> None:
    form = json.loads(render.to_json(PLANS["bridge"]()))
    with pytest.raises(InputError):
        render.text(render.from_json(json.dumps({**form, key: value})))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "{}"])
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


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_what_json_brings_stays_in_its_quotes(hostile: str) -> None:
    form = json.loads(render.to_json(Plan.of("x", BridgeAdd("br0"))))
    form["steps"][0]["operation"]["name"] = hostile
    form["command"] = hostile
    lines = render.plain(render.from_json(json.dumps(form)))
    body = lines.split("\n", 2)[2]
    assert shlex.split(body)[-3:-2] == [hostile] or hostile in shlex.split(body)


def test_a_plan_made_by_hand() -> None:
    plan = Plan.of("mine", BridgeAdd("br8"), Step(LinkSetUp("br8"), note=""))
    assert "run    ip link set br8 up" in api.script(plan)
    with pytest.raises(InputError):
        Plan.of("not a name", BridgeAdd("br8"))


def test_probes_can_be_left_out() -> None:
    plan = Plan.of("mine", BridgeAdd("br8"), probe(LinkSetUp("br8"), OK, ""))
    assert [step.operation for step in plan.without_probes().steps] == [BridgeAdd("br8")]


def test_what_differs_per_machine() -> None:
    assert PLANS["docker-by-hand"]().variables.keys() == {"GUEST", "IMAGE", "UPLINK", "OUTSIDE"}
    assert PLANS["outbound"]().variables == {"UPLINK": ""}
    assert PLANS["outbound six"]().variables == {"UPLINK": "em1"}
    assert PLANS["docker-by-hand"]().container_ids == ("6414d7278905",)
    assert Plan.of("x", GuestRun("docker", "a", "busybox", ("sh",))).container_ids == ("a",)
