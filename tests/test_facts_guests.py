"""Guests and rules: what engines say, what is stale, what each program's tables hold.  The programs are faked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.facts import (
    Firewall,
    Ruleset,
    Stale,
    ebtables,
    firewalls,
    guests,
    rulesets,
    spaces,
    stale,
    tables,
)
from bridgekit.facts.nftables import Table
from bridgekit.facts.spaces import Space
from bridgekit.facts.survey import Survey
from tests.test_facts import BLUE, HOST, link, numbered


def _engine(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch, *installed: str) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: name if name in installed else None)
    monkeypatch.setattr("bridgekit.facts.podman.would_begin", lambda *_: False)
    monkeypatch.setattr(guests, "inode_of", {41: 1041, 42: 1042}.get)
    for engine in installed:
        fp.register([engine, "ps", "-q"], stdout="a\nb\n")


def test_containers_are_found_by_one_question_for_all(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(fp, monkeypatch, "podman")
    fp.register(["podman", "inspect", "-f", "{{.State.Pid}} {{.Name}}", "a", "b"], stdout="41 web\n0 stopped\n")
    assert guests.containers() == {1041: "podman:web"}


def test_containers_that_share_a_namespace_are_found_together(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(fp, monkeypatch, "docker")
    monkeypatch.setattr(guests, "inode_of", lambda _: 1041)
    fp.register(["docker", "inspect", "-f", "{{.State.Pid}} {{.Name}}", "a", "b"], stdout="41 /web\n42 /helper\n")
    assert guests.together() == {1041: ("helper", "web")}


RESTARTED = Stale("container blue was started again, in another namespace", "", "blue")


@pytest.mark.parametrize(
    ("used", "sharing", "ps", "found"),
    [
        ((), {9: ("blue",)}, "blue\nred\n", RESTARTED),
        ((), {}, "blue\n", Stale("container blue does not run any more", "")),
        ((), {9: ("red",)}, "red\n", None),
        ((2,), {9: ("blue",)}, "blue\n", None),
        ((), {2: ("blue",)}, "blue\n", None),
    ],
    ids=["restarted", "stopped", "nobody-s", "somebody-is-in-it", "its-container-runs"],
)
def test_what_is_left_of_a_container_is_stale(
    used: tuple[int, ...],
    sharing: dict[int, tuple[str, ...]],
    ps: str,
    found: Stale | None,
    fp: FakeProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blue = Space(2, "/run/netns/blue", ("blue",))
    monkeypatch.setattr(stale, "inhabited", lambda: frozenset(used))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for engine in ("docker", "podman"):
        fp.register([engine, "ps", "-a", "--format", "{{.Names}}"], stdout=ps if engine == "docker" else "")
    told = stale.stale(Survey({HOST: (), blue: (link("eth0", 2),)}, sharing))
    assert told == ({blue: Stale(found.why, "ip netns del blue", found.container)} if found else {})
    # With nothing in it, it may be anybody's own.
    assert stale.stale(Survey({HOST: (), blue: (link("lo", 1, kind="loopback"),)}, sharing)) == {}


def test_who_is_not_root_is_told_of_none_that_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert stale.stale(Survey({HOST: (), BLUE: ()}, {})) == {}


def test_names_that_lead_nowhere_are_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "left over").touch()
    monkeypatch.setattr(spaces, "NAMES", tmp_path)
    assert stale.dead_names() == {"left over": Stale("it leads to no namespace", "ip netns del 'left over'")}


def test_a_macvlan_s_parent_is_found_in_the_namespace_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    parent, other = link("em1", 5, kind="ether"), link("em9", 5, kind="ether")
    inside = link("eth1", 2, kind="macvlan", far_index=5, far_nsid=3)
    blue, red = numbered(2, 7), numbered(3, 8)
    seen = Survey({HOST: (parent,), red: (other,), blue: (inside, link("eth1.7", 3, kind="vlan", below="eth1"))})
    monkeypatch.setattr(Space, "number_of", lambda _, other: {HOST: 3, red: 4}.get(other))
    assert seen.parent(blue, inside) == (HOST, parent)
    assert seen.parent(blue, seen.links[blue][1]) == (blue, inside)
    assert seen.parent(blue, link("lo", 1, kind="loopback")) is None


EBTABLES = "*filter\n:INPUT ACCEPT\n:FORWARD DROP\n-A FORWARD -i veth1 -j DROP\n"


LISTED = """Bridge table: filter

Bridge chain: INPUT, entries: 0, policy: ACCEPT

Bridge chain: FORWARD, entries: 1, policy: DROP
-p IPv4 -i veth1 -j ACCEPT
"""


def test_rules_of_every_program_are_read(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the kernel has no table that a program shows, that is not asked."""
    listed = (Table("bridge", "filter", ("forward",)), Table("inet", "netavark", ("forward", "input"), ("input",), 4))
    monkeypatch.setattr(rulesets, "nftables", lambda _: listed)
    monkeypatch.setattr(tables, "legacy_tables", lambda _, version: ("filter",) if version == 4 else ())
    monkeypatch.setattr(firewalls, "legacy_tables", lambda *_: ("filter",))
    monkeypatch.setattr(rulesets, "setting", lambda _, key: {"net/ipv4/ip_forward": "1"}.get(key, ""))
    fp.register(["iptables", "-V"], stdout="iptables v1.8.9 (nf_tables)\n")
    fp.register(["iptables-save"], stdout="*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n")
    fp.register(["iptables-legacy-save"], stdout="*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i a -j ACCEPT\n")
    fp.register(["ebtables-save"], stdout=EBTABLES)
    modules = tmp_path / "modules"
    modules.write_text("ebtable_filter 16384 1 - Live 0x0\nebtables 40960 1 ebtable_filter, Live 0x0\n")
    monkeypatch.setattr(ebtables, "_MODULES", modules)
    fp.register(["ebtables-legacy", "-t", "filter", "-L"], stdout=LISTED)
    mine, others = rulesets.rulesets(HOST)
    assert mine == (
        Firewall(4, (), "ACCEPT", (), True, {}, "DROP", ("-i lo -j ACCEPT",)),
        Firewall(6, (), "ACCEPT", (), None, {}, "ACCEPT", ()),
    )
    assert others == (
        Ruleset("iptables-legacy", "filter", ("FORWARD DROP",), 1, ("FORWARD -i a -j ACCEPT",)),
        Ruleset("ebtables", "filter", ("FORWARD DROP",), 1, ("FORWARD -i veth1 -j DROP",)),
        Ruleset("ebtables-legacy", "filter", ("FORWARD DROP",), 1, ("FORWARD -p IPv4 -i veth1 -j ACCEPT",)),
        Ruleset("nft", "inet netavark", ("forward", "input drop"), 4),
    )
    assert not ebtables.legacy(Space(7, "/proc/7/ns/net", pid=7)), "it would be made there"


def test_an_engine_that_does_not_answer_is_no_engine(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(fp, monkeypatch)
    assert guests.containers() == {}
    monkeypatch.setattr("shutil.which", lambda name, **_: name if name == "docker" else None)
    fp.register(["docker", "ps", "-q"], returncode=1)
    assert guests.containers() == {}


def test_a_guest_is_called_by_its_best_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "comm", {42: "sleep"}.get)
    named, bare = Space(7, "/x", ("blue",)), Space(8, "/y", pid=42)
    assert guests.label(HOST, {}) == "this host"
    assert guests.label(named, {}) == "blue"
    assert guests.label(named, {7: "web"}) == "web (netns blue)"
    assert guests.label(named, {7: "blue"}) == "blue"
    assert guests.label(bare, {8: "podman:db"}) == "podman:db"
    assert guests.label(bare, {}) == "pid 42 (sleep)"
    assert guests.label(named, {9: "blue"}) == "netns:blue", "a container of that name is elsewhere"
    podmans = Space(7, "/x", ("netns-1a2b3c4d-0000-ffff-9999-0123456789ab",))
    assert guests.label(podmans, {7: "podman:web"}) == "podman:web", "what podman calls it says nothing"
