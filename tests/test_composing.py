"""Plans one after the other in one: each part's variables are its own."""

from __future__ import annotations

import re

import pytest

from bridgekit import recipes, render
from bridgekit.compile import apart, compiled
from bridgekit.operations import BridgeAdd, Ping
from bridgekit.plan import Expect, Plan, Step
from bridgekit.words import Var
from tests.plans import PLANS

WEB = recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1")
DB = recipes.attach("podman:db", "10.0.0.3/24", gateway="10.0.0.1")
BOTH = Plan.joined("both", WEB, DB)
CAPTURED = re.compile(r"^  (\w+)=\$", re.M)


def script(plan: Plan) -> str:
    return str(render.script(plan))


def captured(plan: Plan) -> list[str]:
    """The variables that the script's steps learn, in order."""
    return CAPTURED.findall(script(plan).partition("\nSTEPS\n")[0])


def test_each_part_asks_for_its_own_guest() -> None:
    assert compiled(BOTH).variables == {"GUEST": "web", "GUEST_2": "db"}
    text = script(BOTH)
    assert "GUEST=${GUEST:-web}" in text
    assert "GUEST_2=${GUEST_2:-db}" in text
    assert captured(BOTH) == ["pid", "pid_2"]
    assert "mount --bind /proc/$pid/ns/net /var/run/netns/web" in text.replace('"', "")
    assert "mount --bind /proc/$pid_2/ns/net /var/run/netns/db" in text.replace('"', "")
    assert "inspect -f '{{.State.Pid}}' \"$GUEST_2\"" in text


def test_the_second_part_is_the_plan_alone_but_for_its_names() -> None:
    alone, after = compiled(DB).lines, compiled(BOTH).lines[len(compiled(WEB).lines) :]
    first = len(compiled(WEB).numbered)
    assert [line.number and line.number + first for line in alone] == [line.number for line in after]
    assert [line.kind for line in alone] == [line.kind for line in after]
    own = [tuple(each + first for each in line.part_of) for line in alone]
    assert own == [line.part_of for line in after]


def test_what_is_the_same_has_one_name() -> None:
    """A guest with two links is asked for once more, and is still one guest."""
    second = recipes.attach("web", "10.1.0.2/24", bridge="br7", interface="eth1")
    assert compiled(Plan.joined("twice", WEB, second)).variables == {"GUEST": "web"}


def test_the_variable_that_answers_instead_is_of_its_own_part() -> None:
    both = Plan.joined("out", recipes.outbound("10.0.0.0/24"), recipes.outbound("fd00::/64"))
    assert list(compiled(both).variables) == ["UPLINK", "UPLINK_2"]
    assert "uplink_2=${UPLINK_2:-$(" in script(both)


def test_a_variable_that_only_an_answer_or_a_fact_names_is_the_scripts_too() -> None:
    known = Step(Ping("10.0.0.1"), None, Expect(True, Var("GUEST", "web")))
    for other in (
        Step(Ping("10.0.0.2"), None, Expect(True, Var("GUEST", "db"))),
        Step(BridgeAdd("br7"), facts={"guest": Var("GUEST", "db")}),
    ):
        assert compiled(Plan.of("x", known, other)).variables == {"GUEST": "web", "GUEST_2": "db"}


def test_three_parts_and_parts_of_parts() -> None:
    third = recipes.attach("netns:red", "10.0.0.4/24")
    fourth = recipes.attach("cache", "10.0.0.5/24")
    flat = Plan.joined("all", WEB, DB, third, fourth)
    assert compiled(flat).variables == {"GUEST": "web", "GUEST_2": "db", "GUEST_3": "cache"}
    nested = Plan.joined("all", Plan.joined("one", WEB, DB), Plan.joined("two", third, fourth))
    assert script(nested) == script(flat) == script(Plan.of("all", *WEB.steps, *DB.steps, *third.steps, *fourth.steps))


def test_a_name_that_is_taken_is_not_given_again() -> None:
    mesh = recipes.mesh("br0", "10.9.0.0/24", ["web", "podman:db"])
    plan = Plan.joined("many", mesh, recipes.mesh("br1", "10.8.0.0/24", ["cache", "podman:box"]))
    assert captured(plan) == ["pid_1", "pid_2", "pid_1_2", "pid_2_2"]
    assert len(compiled(plan).variables) == 4


def test_joined_plans_know_their_guests() -> None:
    assert BOTH.guests == ("web", "podman:db")
    assert Plan.joined("mine", WEB, Plan.of("mine", BridgeAdd("br8"))).guests == ("web",)


@pytest.mark.parametrize("name", PLANS)
def test_where_nothing_collides_names_stay(name: str) -> None:
    plan = PLANS[name]()
    assert apart(plan) is plan
