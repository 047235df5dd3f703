"""Reading the network: what counts as a fact, and what belongs together.  The programs are faked."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pytest_subprocess import FakeProcess

from bridgekit import facts
from bridgekit.errors import HostError
from bridgekit.facts import (
    Bridge,
    End,
    Firewall,
    Interface,
    Picture,
    Ruleset,
    Stale,
    ebtables,
    firewalls,
    guests,
    links,
    parameters,
    routes,
    rulesets,
    spaces,
    stale,
    state,
)
from bridgekit.facts.ask import ask
from bridgekit.facts.links import Link
from bridgekit.facts.nftables import Table
from bridgekit.facts.spaces import Space
from bridgekit.facts.survey import Survey
from bridgekit.facts.tables import tables

CASES = Path(__file__).parent / "cases/facts"
HOST = Space(1)
BLUE = Space(2, "/run/netns/no-such-blue", ("no-such-blue",))


def _given(fp: FakeProcess, command: list[str], items: object) -> None:
    fp.register(command, stdout=items if isinstance(items, str) else json.dumps(items))


def _addresses(fp: FakeProcess, case: Any) -> tuple[str, ...]:
    _given(fp, ["ip", "-j", "-d", "addr"], case["given"])
    return links.links(HOST)[0].addresses


def _routes(fp: FakeProcess, case: Any) -> tuple[str, ...]:
    _given(fp, ["ip", "-j", "-4", "route", "show", "table", "main"], case["given"])
    return routes.routes(HOST, "-4")


def _rules(fp: FakeProcess, case: Any) -> tuple[str, ...]:
    _given(fp, ["ip", "-j", "-4", "rule"], case["given"])
    return routes.rules(HOST, "-4")


def _tables(fp: FakeProcess, case: Any) -> tuple[str, ...]:
    _given(fp, ["iptables-save"], "\n".join(case["given"]))
    return tuple(map(str, tables(HOST, 4) or ()))


READERS: dict[str, Callable[[FakeProcess, Any], tuple[str, ...]]] = {
    "addresses": _addresses,
    "routes": _routes,
    "rules": _rules,
    "tables": _tables,
}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_a_case_is_read_as_expected(fp: FakeProcess, path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    assert list(READERS[case["reads"]](fp, case)) == case["expect"]


def test_of_routing_rules_those_that_are_not_usual(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "usual_rules", lambda *_: False)
    known = {0: "local", 32766: "main", 32767: "default"}
    usual = [{"priority": priority, "src": "all", "table": table} for priority, table in known.items()]
    own = {"priority": 100, "src": "10.0.0.0", "srclen": 24, "table": "5"}
    for found, told in (
        (usual, ()),
        ([usual[0], own, *usual[1:]], ("100: from 10.0.0.0/24 lookup 5",)),
        ([usual[0], own, usual[2]], ("missing: 32766: from all lookup main", "100: from 10.0.0.0/24 lookup 5")),
        ([], ()),  # it could not be asked
    ):
        _given(fp, ["ip", "-j", "-4", "rule"], found)
        assert routes.unusual_rules(HOST, "-4") == told


def test_an_absent_or_failing_program_has_no_answer(fp: FakeProcess) -> None:
    fp.allow_unregistered(True)
    fp.register(["iptables-save"], returncode=1, stdout="half an answ")
    assert ask("no-such-program-of-bridgekit") is None
    assert tables(HOST, 4) is None


def test_without_ip_the_host_is_not_ready(fp: FakeProcess) -> None:
    fp.register(["ip", fp.any()], returncode=1)
    with pytest.raises(HostError, match="apt-get install iproute2"):
        links.links(HOST)


def test_a_namespace_that_vanished_has_no_links(fp: FakeProcess) -> None:
    fp.register(["ip", "-n", "no-such-blue", fp.any()], returncode=1)
    assert links.links(BLUE) == ()


def test_commands_go_where_the_namespace_is() -> None:
    process = Space(3, "/proc/77/ns/net", pid=77)
    assert HOST.ip("rule") == ("ip", "rule")
    assert BLUE.ip("rule") == ("ip", "-n", "no-such-blue", "rule")
    assert BLUE.inside("iptables-save") == ("nsenter", "--net=/run/netns/no-such-blue", "iptables-save")
    assert process.ip("rule") == ("nsenter", "--net=/proc/77/ns/net", "ip", "rule")


def test_only_what_differs_from_the_usual_accept_ra_is_a_fact(fp: FakeProcess) -> None:
    lines = ("net.ipv4.ip_forward = 1", "net.ipv6.conf.default.accept_ra = 1", "net.ipv6.conf.em1.accept_ra = 2")
    fp.register(["sysctl", fp.any()], stdout="\n".join((*lines, "net.ipv6.conf.lo.accept_ra = 1")))
    found = parameters.parameters(HOST, [_link("em1", 2), _link("lo", 1)])
    assert found == {"net.ipv4.ip_forward": "1", "net.ipv6.conf.em1.accept_ra": "2"}


def _link(name: str, index: int, **others: Any) -> Link:
    return Link(index, name, others.pop("kind", "veth"), True, 1500, "", "default", "02::", (), **others)


def _numbered(inode: int, nsid: int | None) -> Space:
    space = Space(inode, f"/run/netns/no-such-{inode}", (f"no-such-{inode}",))
    space.__dict__["nsid"] = nsid  # where cached_property keeps it
    return space


def test_a_pair_is_two_links_that_give_each_other_s_index() -> None:
    near, far = _link("veth1", 3, far_index=2), _link("eth0", 2, far_index=3)
    found = links.peers({HOST: [near, _link("veth9", 9, far_index=2)], BLUE: [far, _link("lo", 1)]})
    assert found == {(1, 3): (BLUE, far), (2, 2): (HOST, near)}


def test_equal_indices_elsewhere_are_no_pair() -> None:
    """Every namespace may have an eth0 with index 2 whose peer is number 3 of some other."""
    near, decoy, real = (
        _link("veth1", 3, far_index=2, far_nsid=5),
        _link("n0", 2, far_index=3),
        _link("eth0", 2, far_index=3),
    )
    first, second = _numbered(2, spaces.NOWHERE), _numbered(3, 5)
    found = links.peers({HOST: [near], first: [decoy], second: [real]})
    assert found == {(1, 3): (second, real), (3, 2): (HOST, near)}


def test_a_pair_may_be_in_one_namespace() -> None:
    one, two = _link("v0", 1, below="v1"), _link("v1", 2, below="v0")
    vlan = _link("v0.3", 3, kind="vlan", below="v0")
    assert links.peers({HOST: [one, two, vlan]}) == {(1, 1): (HOST, two), (1, 2): (HOST, one)}


def test_names_that_cannot_be_opened_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "left-over").touch()
    (tmp_path / "gone").symlink_to("/proc/0/ns/net")
    (tmp_path / "mine").symlink_to("/proc/self/ns/net")
    monkeypatch.setattr(spaces, "NAMES", tmp_path)
    assert spaces.names() == ("gone", "left-over", "mine")
    assert [(space.is_host, space.names) for space in spaces.named()] == [(True, ("mine",))]


ADDRESSES = [
    {"ifindex": 1, "ifname": "lo", "flags": ["UP"], "mtu": 65536, "link_type": "loopback", "address": "00::"},
    {"ifindex": 2, "ifname": "br666", "flags": [], "mtu": 1500, "link_type": "ether", "address": "02::2"},
    {"ifindex": 3, "ifname": "veth1", "flags": ["UP"], "mtu": 1400, "link_type": "ether", "address": "02::3"},
]
DETAILS: list[dict[str, Any]] = [
    {"addr_info": []},
    {"linkinfo": {"info_kind": "bridge"}, "addr_info": [{"local": "10.0.0.1", "prefixlen": 24}]},
    {
        "linkinfo": {"info_kind": "veth"},
        "addr_info": [],
        "master": "br666",
        "group": "7",
        "link_index": 9,
        "link": None,
    },
]


@pytest.fixture
def small_host(fp: FakeProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProcess:
    """A host with one bridge, without iptables, IPv6 or named namespaces."""
    fp.keep_last_process(True)
    _given(fp, ["ip", "-j", "-d", "addr"], [one | two for one, two in zip(ADDRESSES, DETAILS, strict=True)])
    fp.register(["ip", "-j", "-6", fp.any()], returncode=1)
    _given(fp, ["ip", "-j", "-4", "rule"], [])
    _given(fp, ["ip", "-j", "-4", "route", "show", "table", "main"], [{"dst": "default", "dev": "em1", "flags": []}])
    for command in (["iptables", "-V"], ["ip6tables", "-V"], ["iptables-save"], ["ip6tables-save"]):
        fp.register(command, returncode=127)
    fp.register(["sysctl", fp.any()], stdout="net.ipv4.ip_forward = 1\n")
    for question in ("usual_rules", "no_routes6"):
        monkeypatch.setattr(routes, question, lambda *_: False)
    (tmp_path / "attach.undo").touch()
    monkeypatch.setattr(spaces, "NAMES", tmp_path / "none")
    monkeypatch.setattr(state, "JOURNALS", tmp_path)
    return fp


@pytest.mark.usefixtures("small_host")
def test_a_snapshot_is_one_fact_a_line(tmp_path: Path) -> None:
    found = facts.snapshot()
    assert found == (
        "host link br666 bridge down mtu 1500",
        "host link lo loopback up mtu 65536",
        "host link veth1 veth up mtu 1400 master br666 group 7 peer elsewhere",
        "host address br666 10.0.0.1/24",
        "host route default dev em1",
        "host sysctl net.ipv4.ip_forward 1",
        f"host file {tmp_path}/attach.undo",
    )
    assert facts.digest() == sha256("\n".join(found).encode()).hexdigest()


@pytest.mark.usefixtures("small_host")
def test_hardware_addresses_are_facts_only_when_asked_for() -> None:
    assert [line for line in facts.snapshot(macs=True) if " mac " in line] == [
        "host link veth1 veth up mtu 1400 master br666 group 7 peer elsewhere mac 02::3"
    ]
    assert facts.digest(macs=True) != facts.digest()


@pytest.mark.usefixtures("small_host")
def test_a_picture_says_what_could_not_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "proc/self/ns/net"
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.setattr(spaces, "PROCESSES", tmp_path / "proc")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    monkeypatch.setattr(rulesets, "nftables", lambda _: None)
    monkeypatch.setattr(rulesets, "setting", lambda _, key: {"net/ipv4/ip_forward": "1"}.get(key, ""))
    monkeypatch.setattr(firewalls, "legacy_tables", lambda *_: ())
    port = Interface("veth1", "veth", True, 1400, (), End(""), None, "02::3", "br666")
    assert facts.picture() == Picture(
        bridges=(Bridge("br666", False, 1500, ("10.0.0.1/24",), (port,), "02::2"),),
        others=(Interface("lo", "loopback", True, 65536, mac="00::"),),
        routes=("default dev em1",),
        firewalls=(Firewall(4, (), "", (), True), Firewall(6, (), "", (), None)),
        namespaces=(),
    )


def test_changes_are_what_went_and_what_came() -> None:
    before = ("host link lo", "host rule a", "host rule b", "host sysctl k 0")
    after = ("host link br666", "host link lo", "host rule b", "host rule a", "host sysctl k 1")
    assert facts.changes(before, before) == []
    assert facts.changes(before, after) == [
        "+ host link br666",
        "+ host rule b",
        "- host rule b",
        "- host sysctl k 0",
        "+ host sysctl k 1",
    ]


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
    told = stale.stale(Survey({HOST: (), blue: (_link("eth0", 2),)}, sharing))
    assert told == ({blue: Stale(found.why, "ip netns del blue", found.container)} if found else {})
    # With nothing in it, it may be anybody's own.
    assert stale.stale(Survey({HOST: (), blue: (_link("lo", 1, kind="loopback"),)}, sharing)) == {}


def test_who_is_not_root_is_told_of_none_that_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert stale.stale(Survey({HOST: (), BLUE: ()}, {})) == {}


def test_names_that_lead_nowhere_are_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "left over").touch()
    monkeypatch.setattr(spaces, "NAMES", tmp_path)
    assert stale.dead_names() == {"left over": Stale("it leads to no namespace", "ip netns del 'left over'")}


def test_a_macvlan_s_parent_is_found_in_the_namespace_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    parent, other = _link("em1", 5, kind="ether"), _link("em9", 5, kind="ether")
    inside = _link("eth1", 2, kind="macvlan", far_index=5, far_nsid=3)
    blue, red = _numbered(2, 7), _numbered(3, 8)
    seen = Survey({HOST: (parent,), red: (other,), blue: (inside, _link("eth1.7", 3, kind="vlan", below="eth1"))})
    monkeypatch.setattr(Space, "number_of", lambda _, other: {HOST: 3, red: 4}.get(other))
    assert seen.parent(blue, inside) == (HOST, parent)
    assert seen.parent(blue, seen.links[blue][1]) == (blue, inside)
    assert seen.parent(blue, _link("lo", 1, kind="loopback")) is None


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
    monkeypatch.setattr(rulesets, "legacy_tables", lambda _, version: ("filter",) if version == 4 else ())
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
