"""Plan -> Lines: commands in their places, and what each step is part of."""

from __future__ import annotations

import pytest

from bridgekit.compile import compiled
from bridgekit.operations import (
    AddressAdd,
    BridgeAdd,
    ChainAdd,
    FileCopy,
    LinkLend,
    LinkRename,
    LinkSet,
    LinkSetNetns,
    NetnsAdd,
    NetnsBind,
    Operation,
    RouteAdd,
    Rule,
    RuleAppend,
    SysctlSet,
    VethAdd,
)
from bridgekit.plan import OK, Container, Netns, Plan, Step, probe, within
from bridgekit.recipes import attach, mesh
from bridgekit.render import as_plain
from bridgekit.words import Answer

PAIR = VethAdd("a", "b")


def _parts(*steps: Step | Operation) -> list[tuple[int, ...]]:
    """What each step is part of."""
    return [line.part_of for line in compiled(Plan.of("x", *steps)).numbered]


@pytest.mark.parametrize(
    "part",
    [
        AddressAdd("a", "10.0.0.1/24"),
        RouteAdd("10.0.0.9", "a"),
        LinkSet("a", "up"),
        LinkSet("a", "mtu", "1400"),
        LinkSet("a", "master", "br0"),
        LinkRename("a", "c"),
    ],
)
def test_what_is_part_of_a_link(part: Operation) -> None:
    assert _parts(PAIR, part) == [(), (1,)]
    assert _parts(part) == [()]


def test_both_ends_of_a_pair_are_the_pair() -> None:
    assert _parts(PAIR, LinkSet("b", "up")) == [(), (1,)]


def test_a_port_is_part_of_either() -> None:
    port = LinkSet("a", "master", "br0")
    assert _parts(BridgeAdd("br0"), PAIR, port) == [(), (), (1, 2)]
    assert _parts(BridgeAdd("br0"), port) == [(), (1,)]


@pytest.mark.parametrize("root", [SysctlSet("net.ipv4.ip_forward", "1"), FileCopy("/a", "/b"), BridgeAdd("br1")])
def test_what_is_a_root(root: Operation) -> None:
    assert _parts(PAIR, root) == [(), ()]


def test_a_rule_goes_by_itself_since_its_chain_must_be_empty_to_go() -> None:
    assert _parts(ChainAdd("OWN"), RuleAppend(Rule("OWN", "RETURN"))) == [(), ()]
    assert _parts(RuleAppend(Rule("FORWARD", "ACCEPT"))) == [()]


def test_what_is_in_a_namespace_of_ours_is_part_of_it() -> None:
    ours = NetnsAdd("red")
    inside = [BridgeAdd("br0"), LinkSet("lo", "up"), RuleAppend(Rule("FORWARD", "DROP")), RouteAdd("10.0.0.9", "x")]
    assert _parts(ours, *(within("red", each) for each in inside)) == [(), (1,), (1,), (1,), (1,)]
    assert _parts(*(within("red", each) for each in inside)) == [(), (), (), ()]
    assert _parts(ours, *(within("blue", each) for each in inside)) == [(), (), (), (), ()]


def test_a_part_of_a_part_is_told_by_its_root() -> None:
    steps = NetnsAdd("red"), within("red", BridgeAdd("br0")), within("red", LinkSet("br0", "up"))
    assert _parts(*steps) == [(), (1,), (1,)]


def test_a_link_takes_its_parts_along() -> None:
    moved = LinkSetNetns("b", "red"), within("red", LinkRename("b", "eth0")), within("red", LinkSet("eth0", "up"))
    assert _parts(PAIR, *moved) == [(), (1,), (1,), (1,)]
    assert _parts(PAIR, *moved, LinkSet("b", "up"))[-1] == ()
    assert _parts(NetnsAdd("red"), PAIR, *moved) == [(), (), (1, 2), (1, 2), (1, 2)]


def test_what_is_in_a_namespace_of_anothers_is_no_part_of_its_name() -> None:
    bound = NetnsAdd("red"), NetnsBind("red", "7")
    assert _parts(*bound, within("red", BridgeAdd("br0")), within("red", LinkSet("lo", "up"))) == [(), (), (), ()]
    assert _parts(*bound, PAIR, LinkSetNetns("b", "red")) == [(), (), (), (3,)]


def test_a_card_of_the_hosts_survives_its_namespace() -> None:
    lent = NetnsAdd("red"), LinkLend("em1", "red")
    assert _parts(*lent, within("red", LinkSet("em1", "mtu", "1400"))) == [(), (), ()]
    assert _parts(*lent, within("red", AddressAdd("em1", "10.0.0.1/24"))) == [(), (), (1,)]


def test_a_probe_is_part_of_nothing() -> None:
    assert _parts(PAIR, probe(LinkSet("a", "up"), OK, "")) == [(), ()]


def _roots(plan: Plan) -> list[str]:
    return [as_plain.command(line) for line in compiled(plan).numbered if line.kind == "step" and not line.part_of]


def test_the_roots_of_a_mesh_of_new_namespaces() -> None:
    roots = _roots(mesh("br0", "10.0.0.0/24", count=2))
    assert [" ".join(root.split()[:4]) for root in roots] == [
        "ip link add name",
        "iptables -w -A FORWARD",
        *("ip netns add br0-1", "ip link add name"),
        *("ip netns add br0-2", "ip link add name"),
    ]


def test_the_roots_of_a_guest_on_a_bridge() -> None:
    """What is in a guest's own namespace does not go with the name that it got."""
    roots = _roots(attach("pid:7", "10.0.0.2/24", gateway="10.0.0.1"))
    assert [" ".join(root.split()[:4]) for root in roots] == [
        "ip netns add 7",
        "mount --bind /proc/7/ns/net /var/run/netns/7",
        "ip link add name",
        "ip -n 7 link",
        "ip link add name",
    ]


# ------------------------------------------------------------------------------------ places


def test_a_command_is_done_in_its_place() -> None:
    (up,) = compiled(Plan.of("x", within("red", LinkSet("eth0", "mtu", "9000")))).lines
    assert up.run == ("ip", "-n", "red", "link", "set", "eth0", "mtu", "9000")
    assert up.unless[:5] == ("has", " mtu 9000 ", "ip", "-n", "red")
    (answer,) = (word for word in up.undo if isinstance(word, Answer | tuple))
    assert isinstance(answer, tuple)
    assert isinstance(answer[0], Answer)
    assert answer[0].pipeline[0][:3] == ("ip", "-n", "red")


def test_a_document_has_no_short_form() -> None:
    (up,) = compiled(Plan.of("x", within("red", LinkSet("eth0", "up"))), "document").lines
    assert up.run[:4] == ("ip", "netns", "exec", "red")


def test_words_of_the_script_are_done_here() -> None:
    (moved,) = compiled(Plan.of("x", within("red", LinkSetNetns("eth0", "blue")))).lines
    assert moved.undo == ("fetch", "eth0", "blue")
    (set_,) = compiled(Plan.of("x", within("red", SysctlSet("net.ipv4.ip_forward", "1")))).lines
    assert set_.undo[:5] == ("ip", "netns", "exec", "red", "bash")


def test_nothing_is_done_in_a_container_where_there_is_nothing_to_do() -> None:
    (line,) = compiled(Plan.of("x", Step(NetnsAdd("red"), Container("docker", "web")))).lines
    assert line.run[:3] == ("docker", "exec", "web")
    (line,) = compiled(Plan.of("x", probe(NetnsAdd("red"), OK, "", Netns("blue")))).lines
    assert (line.undo, line.unless) == ((), ())


def test_what_is_started_in_a_namespace_must_be_there() -> None:
    """A redirection has no place but the host, so that in a namespace the document's `echo` is a `sysctl`."""
    plan = Plan("x", "by-hand", (within("red", SysctlSet("net.ipv4.ip_forward", "1")),), document="003")
    found = compiled(plan, "document")
    assert found.lines[0].run[:5] == ("ip", "netns", "exec", "red", "sysctl")
    assert "sysctl" in found.programs


def test_what_is_not_explained_is_else_the_same() -> None:
    plan = attach("web", "10.0.0.2/24", gateway="10.0.0.1")
    told, short = (compiled(plan, explained=explained).lines for explained in (True, False))
    assert short == tuple(line._replace(asks="", why="", more="") for line in told) != told
