"""Whatever is given to a recipe is refused, or stays what it is in root's shell."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from bridgekit import recipes
from bridgekit.dialects import NAMES as DIALECTS
from bridgekit.errors import InputError
from bridgekit.operations import AddressAdd
from bridgekit.plan import Plan, Step
from tests.meaning import (
    TEXT,
    bodies,
    header,
    heard,
    means_itself,
    quick,
)

NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", fullmatch=True)
GUESTS = NAMES | st.builds("{}:{}".format, st.sampled_from(("docker", "podman", "netns")), NAMES) | st.just("pid:7")
ADDRESSES = st.sampled_from(("10.0.0.2/24", "10.0.0.3/24", "10.0.0.4/30", "2001:db8::2/64", "fd00::2/127"))
ROUTERS = st.sampled_from(("10.0.0.1", "10.0.0.254", "2001:db8::1"))


def _or_any(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.integers(0, 9).flatmap(lambda number: TEXT if number == 0 else good)


def _try(make: Any, given_: dict[str, Any]) -> Plan | None:
    """A recipe's plan, or None where it is refused; any other error is a failure."""
    try:
        plan: Plan = make(**given_)
    except InputError:
        return None
    return plan


def _in_its_place(plan: Plan, given_: dict[str, Any]) -> None:
    for dialect in DIALECTS:
        means_itself(plan, dialect, "found")
    lines = [line.split(None, 1) for line in bodies(plan, "modern").splitlines() if line.startswith("  ")]
    words = {word for verb, *rest in lines for word in shlex.split(rest[0]) if verb in ("run", "undo", "unless")}
    defaults = set(plan.variables.values())
    for name, value in given_.items():
        known = value.rpartition(":")[2] if name == "guest" else value.lower() if name == "mac" else value
        assert name == "handle" or known in words | defaults, (name, value)
    assert header(plan, tuple(plan.variables)) == list(plan.variables.values())
    assert shlex.split(plan.command)[:2] == ["bridgekit", plan.recipe]


@settings(quick, max_examples=100)
@given(st.fixed_dictionaries({"bridge": _or_any(NAMES)}, optional={"address": _or_any(ADDRESSES)}))
def test_anything_given_to_bridge(given_: dict[str, Any]) -> None:
    plan = _try(recipes.bridge, given_)
    if plan:
        _in_its_place(plan, given_)


@settings(quick, max_examples=100)
@given(
    st.fixed_dictionaries(
        {"guest": _or_any(GUESTS), "address": _or_any(ADDRESSES)},
        optional={
            "bridge": _or_any(NAMES),
            "gateway": _or_any(ROUTERS),
            "interface": _or_any(NAMES),
            "veth": _or_any(NAMES),
            "peer": _or_any(NAMES),
            "netns": _or_any(NAMES),
            "handle": _or_any(st.sampled_from(("bind", "symlink"))),
            "mac": _or_any(st.sampled_from(("02:42:0a:00:00:02", "02:42:0A:00:00:FE"))),
        },
    )
)
def test_anything_given_to_attach(given_: dict[str, Any]) -> None:
    plan = _try(recipes.attach, given_)
    if plan:
        _in_its_place(plan, given_)


@settings(quick, max_examples=100)
@given(
    st.fixed_dictionaries(
        {"subnet": _or_any(st.sampled_from(("10.0.0.0/24", "2001:db8::/64")))},
        optional={"bridge": _or_any(NAMES), "uplink": _or_any(NAMES)},
    )
)
def test_anything_given_to_outbound(given_: dict[str, Any]) -> None:
    plan = _try(recipes.outbound, given_)
    if plan:
        _in_its_place(plan, given_)


HOSTIFS = st.sampled_from(("br1", "em1", "mac:02:00:00:00:00:01", "dummy", "ovs0", "ib0", "br20@em1")) | NAMES
PLACES = ADDRESSES | st.sampled_from(("0/0", "10.0.0.2/24@10.0.0.1", "fd00::2/64@fe80::1", "10.0.0.2/24@192.0.2.1"))
MORE = st.sampled_from(("02:42:0A:00:00:02", "U:a $(b)", "@20", "02:42:0a:00:00:02@20", "10.1.0.2/24", "--direct-phys"))
MORE |= st.sampled_from(("-i", "-l", "-a", "--mode", "--route", "--mtu", "--type")) | TEXT


@settings(quick, max_examples=150)
@given(_or_any(HOSTIFS), _or_any(GUESTS), _or_any(PLACES), st.lists(_or_any(MORE), max_size=3))
def test_anything_given_to_pipework(link: str, guest: str, address: str, more: list[str]) -> None:
    plan = _try(recipes.pipework, {"words": [link, guest, address, *more]})
    if plan:
        for dialect in DIALECTS:
            means_itself(plan, dialect, "found")
        words = shlex.split(plan.command)
        assert words == ["bridgekit", "pipework", link, guest, address, *more]
        assert _try(recipes.pipework, {"words": words[2:]}) == plan


def test_the_cases_above_are_not_all_refused() -> None:
    taken = {"guest": "podman:web", "address": "10.0.0.2/24", "mac": "02:42:0A:00:00:FE", "gateway": "10.0.0.1"}
    plan = _try(recipes.attach, taken)
    assert plan is not None
    _in_its_place(plan, taken)
    with pytest.raises(AssertionError):
        _in_its_place(plan, {"address": "10.0.0.3/24"})
    assert _try(recipes.attach, {"guest": "$(id)", "address": "10.0.0.2/24"}) is None


def test_a_gateway_address_is_told_with_its_bridge() -> None:
    """A sentence with an apostrophe and a hostile field: in double quotes nothing of it may act."""
    step = Step(AddressAdd('a"$(echo no)`', "1"), note="gateway-address", facts={"bridge": '$x"`', "address": "\\"})
    read = heard(bodies(Plan.of("x", step), "modern"), "")
    assert read.verbs[0][2] == "Give $x\"` the gateway's address \\, if this run makes the bridge."
    assert not read.programs
