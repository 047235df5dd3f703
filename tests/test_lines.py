"""A line's words: what a value is in it, and that it can be read backwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given

from bridgekit.operations import Operation, Question, VethAdd, lines
from bridgekit.operations.backwards import read
from bridgekit.operations.network import AddressAdd
from bridgekit.operations.settings import LinkSet
from bridgekit.words import Answer, Argv, Operator, Var, Word
from tests.meaning import TEXT
from tests.plans import PLANS

PID = Var("pid")


@pytest.mark.parametrize(
    ("line", "values", "argv"),
    [
        ("ip link add {name} up", {"name": "a b"}, ("ip", "link", "add", "a b", "up")),
        ("test -e /proc/{pid}/ns/net", {"pid": PID}, ("test", "-e", ("/proc/", PID, "/ns/net"))),
        ("test -e /proc/{pid}/ns/net", {"pid": "7"}, ("test", "-e", "/proc/7/ns/net")),
        ("has '' ip", {}, ("has", "", "ip")),
        ("a {x}", {"x": ("b", PID)}, ("a", ("b", PID))),
        ("a {xs...} c", {"xs": ("b", PID)}, ("a", "b", PID, "c")),
        ("a [--x {x}] [{ys...}] c", {"x": "", "ys": ()}, ("a", "c")),
        ("a [--x={x}] [{ys...}] c", {"x": "1", "ys": ("2",)}, ("a", "--x=1", "2", "c")),
        ("a {n}", {"n": 7}, ("a", "7")),
        ("a {x.y}", {"x": SimpleNamespace(y="z")}, ("a", "z")),
        ("a {x}", {"x": SimpleNamespace(word=("/", PID))}, ("a", ("/", PID))),
        ("a '{{.State.{x}}}{{end}} {b: \"{x}\"}'", {"x": "P"}, ("a", '{{.State.P}}{{end}} {b: "P"}')),
        ("echo {x} > f && b", {"x": "1"}, ("echo", "1", Operator(">"), "f", Operator("&&"), "b")),
        ("a >> b || c ; d", {}, ("a", Operator(">>"), "b", Operator("||"), "c", Operator(";"), "d")),
        ("a x=$(b {x} | c '|')", {"x": "1"}, ("a", ("x=", Answer((("b", "1"), ("c", "|")))))),
        ("a `b`", {}, ("a", Answer((("b",),), backticks=True))),
        ("a '['{x}']'", {"x": "1"}, ("a", "[1]")),
    ],
)  # fmt: skip
def test_a_line_is_filled(line: str, values: dict[str, Any], argv: Argv) -> None:
    assert lines.fill(line, SimpleNamespace(**values)) == argv


@given(TEXT, TEXT)
def test_a_value_is_one_word_whatever_is_in_it(one: str, two: str) -> None:
    filled = lines.fill("a {one} -x={two} [b {one}] c", SimpleNamespace(one=one, two=two))
    assert filled == ("a", one, f"-x={two}", *(("b", one) if one else ()), "c")


@pytest.mark.parametrize("line", ["a [b", "a ]", "a $(b", "a `b", "a )"])
def test_a_line_with_a_bracket_too_many(line: str) -> None:
    with pytest.raises(AssertionError):
        lines.split(line)


def test_the_fields_that_a_line_needs() -> None:
    assert lines.fields("a {x} [b {y}] $(c {z...})") == {"y": False, "x": True, "z": True}


# Their lines are computed, or name what is.
NOT_SIMPLE = {"RuleAppend", "RuleInsert", "RuleList", "RuleSearch", "AddressAdd", "ChainAdd", "PolicySet"}
NOT_SIMPLE |= {
    "PackagesAdd",
    "PackagesRefresh",
    "PackagesUpgrade",
    "ServiceStart",
    "GuestStart",
    "EngineStop",
    "EngineStart",
    "RouteChange",
    "PolicyRuleAdd",
    "PolicyRuleDel",
    "QdiscSet",
    "LeaseFolderAdd",
    "DefaultReplace",
    "IpvlanAdd",
    "IpoibAdd",
    "DummyAdd",
}


@pytest.mark.parametrize("name", PLANS)
def test_every_command_can_be_read_backwards(name: str) -> None:
    for step in PLANS[name]().steps:
        operation = step.operation
        argv = operation.argv(operation.line)
        if argv:
            again = read(argv)
            assert (again is None) == (operation.entry in NOT_SIMPLE), operation
            assert again is None or again.argv(again.line) == argv


@pytest.mark.parametrize(
    ("argv", "operation"),
    [
        (("ip", "link", "set", "br0", "mtu", "1400"), LinkSet("br0", "mtu", "1400")),
        (("ip", "link", "set", "br0", "up"), LinkSet("br0", "up")),
        (("ip", "link", "add", "name", "a", "type", "veth", "peer", "name", "b"), VethAdd("a", "b")),
        (AddressAdd("a", "10.0.0.1/24").argv("ip link set {device} nomaster"), None),
        (("reboot",), None),
        ((), None),
    ],
)
def test_a_command_is_read(argv: Argv, operation: Operation | None) -> None:
    assert read(argv) == operation


def test_a_value_with_parts_is_read() -> None:
    netns: Word = ("a", PID)
    found = read(("ip", "link", "set", "eth0", "netns", netns))
    assert found is not None
    assert not isinstance(found, Question)
    assert found.values["netns"] == netns
