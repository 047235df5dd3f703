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
    firewalls,
    links,
    parameters,
    routes,
    rulesets,
    spaces,
    state,
)
from bridgekit.facts.ask import ask
from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space
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


def test_of_routing_rules_those_that_are_not_usual(fp: FakeProcess) -> None:
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


def _sys(folder: Path, values: dict[str, int]) -> Path:
    """A folder with kernel parameters as /proc/sys has them."""
    for key, value in values.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_text(f"{value}\n")
    return folder


def test_only_what_differs_from_the_usual_accept_ra_is_a_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_links = {f"net/ipv6/conf/{name}/accept_ra": value for name, value in {"default": 1, "e.1": 2, "lo": 1}.items()}
    monkeypatch.setattr(parameters, "_SYS", _sys(tmp_path, {"net/ipv4/ip_forward": 1} | of_links))
    found = parameters.parameters(HOST, [link("e.1", 2), link("lo", 1), link("gone", 3)])
    assert found == {"net.ipv4.ip_forward": "1", "net.ipv6.conf.e.1.accept_ra": "2"}


def link(name: str, index: int, **others: Any) -> Link:
    return Link(index, name, others.pop("kind", "veth"), True, 1500, "", "default", "02::", (), **others)


def numbered(inode: int, nsid: int | None) -> Space:
    space = Space(inode, f"/run/netns/no-such-{inode}", (f"no-such-{inode}",))
    space.__dict__["nsid"] = nsid  # where cached_property keeps it
    return space


def test_a_pair_is_two_links_that_give_each_other_s_index() -> None:
    near, far = link("veth1", 3, far_index=2), link("eth0", 2, far_index=3)
    found = links.peers({HOST: [near, link("veth9", 9, far_index=2)], BLUE: [far, link("lo", 1)]})
    assert found == {(1, 3): (BLUE, far), (2, 2): (HOST, near)}


def test_equal_indices_elsewhere_are_no_pair() -> None:
    """Every namespace may have an eth0 with index 2 whose peer is number 3 of some other."""
    near, decoy, real = (
        link("veth1", 3, far_index=2, far_nsid=5),
        link("n0", 2, far_index=3),
        link("eth0", 2, far_index=3),
    )
    first, second = numbered(2, spaces.NOWHERE), numbered(3, 5)
    found = links.peers({HOST: [near], first: [decoy], second: [real]})
    assert found == {(1, 3): (second, real), (3, 2): (HOST, near)}


def test_a_pair_may_be_in_one_namespace() -> None:
    one, two = link("v0", 1, below="v1"), link("v1", 2, below="v0")
    vlan = link("v0.3", 3, kind="vlan", below="v0")
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
    monkeypatch.setattr(parameters, "_SYS", _sys(tmp_path / "sys", {"net/ipv4/ip_forward": 1}))
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "attach.undo").touch()
    monkeypatch.setattr(spaces, "NAMES", tmp_path / "none")
    monkeypatch.setattr(state, "JOURNALS", runs)
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
        f"host file {tmp_path}/runs/attach.undo",
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
