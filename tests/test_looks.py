"""`show peers` and `show networks`: what belongs together, and how it is printed.  The programs are faked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_subprocess import FakeProcess

from bridgekit import facts
from bridgekit.cli import looks
from bridgekit.cli.trees import table
from bridgekit.facts import Interface, Member, Network, Networks, Ports, Wire, spaces, told
from tests.golden import answer

CASE = json.loads((Path(__file__).parent / "cases/docker_networks.json").read_text("utf-8"))
IDS = [item["Id"] for item in CASE]


@pytest.fixture
def host(fp: FakeProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProcess:
    """A host with docker0 (nothing in it) and br666, and no process but bridgekit."""
    own = tmp_path / "proc/self/ns/net"
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.setattr(spaces, "PROCESSES", tmp_path / "proc")
    monkeypatch.setattr(spaces, "NAMES", tmp_path / "none")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(told, "present", lambda engine: engine == "docker")
    links: list[dict[str, Any]] = [
        _link(2, "docker0", "bridge", ["UP", "NO-CARRIER"], "172.17.0.1"),
        _link(3, "br666", "bridge", [], "10.0.0.1"),
        _link(4, "veth4", "veth", ["UP"]) | {"master": "docker0", "link_index": 9, "link_netnsid": 0},
    ]
    fp.register(["ip", "-j", "-d", "addr"], stdout=json.dumps(links))
    return fp


def _link(index: int, name: str, kind: str, flags: list[str], *addresses: str) -> dict[str, Any]:
    return {
        "ifindex": index,
        "ifname": name,
        "flags": flags,
        "mtu": 1500,
        "link_type": "ether",
        "linkinfo": {"info_kind": kind},
        "addr_info": [{"local": address, "prefixlen": 16} for address in addresses],
    }


def test_a_network_is_read_with_its_bridge_and_members(host: FakeProcess) -> None:
    """Of the first network the engine does not tell the gateway, which is the bridge's own address."""
    host.register(["docker", "network", "ls", "-q"], stdout="\n".join(IDS))
    host.register(["docker", "network", "inspect", *IDS], stdout=json.dumps(CASE))
    seen = facts.networks()
    port = Interface("veth4", "veth", True, 1500, (), End, master="docker0")
    docker0 = Ports("docker0", "no carrier", ("172.17.0.1/16",), (port,))
    members = (
        Member("busybox1", ("172.17.0.2/16",), "02:42:ac:11:00:02"),
        Member("busybox2", ("172.17.0.3/16", "fd00:17::3/64"), "02:42:ac:11:00:03"),
    )
    assert seen == Networks(
        True,
        (
            Network("bridge", "bridge", ("172.17.0.0/16",), ("172.17.0.1",), False, members, docker0),
            Network("host", "host", (), (), False, (), None),
            Network("inner", "bridge", ("10.7.0.0/24", "fd00:7::/64"), ("10.7.0.1", "fd00:7::1"), True, (), None),
        ),
        (Ports("br666", "down", ("10.0.0.1/16",), ()),),
    )


End = facts.End("")


def test_without_an_engine_there_are_the_bridges_alone(host: FakeProcess) -> None:
    host.register(["docker", "network", "ls", "-q"], returncode=1)
    given = answer("show", "networks")
    assert (given.code, given.err) == (0, "No engine answers, so these are the bridges alone.\n")
    assert given.out.splitlines() == [
        "bridges",
        "├─ br666  down  10.0.0.1/16",
        "└─ docker0  no carrier  172.17.0.1/16",
        "   └─ veth4 ── a namespace that cannot be seen from here",
    ]


def test_a_network_that_went_meanwhile_does_not_hide_the_others(host: FakeProcess) -> None:
    host.register(["docker", "network", "ls", "-q"], stdout="\n".join(IDS[:2]))
    host.register(["docker", "network", "inspect", *IDS[:2]], returncode=1)
    host.register(["docker", "network", "inspect", IDS[0]], stdout=json.dumps(CASE[:1]))
    host.register(["docker", "network", "inspect", IDS[1]], returncode=1, stdout="[]")
    assert [each.name for each in facts.networks().networks] == [CASE[0]["Name"]]


@pytest.mark.parametrize("said", ['[{"name": "podman", "id": "x", "driver": "bridge"}]', "podman", "[]"])
def test_what_does_not_answer_as_docker_is_no_engine(host: FakeProcess, said: str) -> None:
    host.register(["docker", "network", "ls", "-q"], stdout="podman")
    host.register(["docker", "network", "inspect", "podman"], stdout=said)
    assert not facts.networks().engine


PODMANS = [
    {
        "name": name,
        "id": name * 3,
        "driver": "bridge",
        "network_interface": bridge,
        "subnets": [{"subnet": "10.88.0.0/16", "gateway": "10.88.0.1"}] if name == "podman" else None,
        "internal": name == "inner",
    }
    for name, bridge in (("podman", "br666"), ("inner", "podman1"))
]
JOINED = """["web",{"podman":{"IPAddress":"10.88.0.2","IPPrefixLen":16,"MacAddress":"02::2","GlobalIPv6Address":""}}]
["alone",{}]
["odd",null]
"""


def test_podmans_networks_stand_beside_dockers(host: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its containers the network says nothing; they say it of themselves."""
    monkeypatch.setattr(told, "present", lambda _: True)
    monkeypatch.setattr("bridgekit.facts.podman.would_begin", lambda *_: False)
    host.register(["docker", "network", "ls", "-q"], stdout="")
    host.register(["podman", "network", "ls", "-q"], stdout="podman\ninner")
    host.register(["podman", "network", "inspect", "podman", "inner"], stdout=json.dumps(PODMANS))
    host.register(["podman", "ps", "-q"], stdout="a b c")
    host.register(["podman", "inspect", "-f", host.any(), "a", "b", "c"], stdout=JOINED)
    inner, podman = facts.networks().networks
    assert (inner.name, inner.internal, inner.members, inner.bridge) == ("inner", True, (), None)
    assert (podman.engine, podman.subnets, podman.gateways) == ("podman", ("10.88.0.0/16",), ("10.88.0.1",))
    assert podman.members == (Member("web", ("10.88.0.2/16",), "02::2"),)
    assert podman.bridge is not None
    assert podman.bridge.name == "br666"


NETWORKS = Networks(
    True,
    (
        Network(
            "bridge",
            "bridge",
            ("172.17.0.0/16",),
            ("172.17.0.1",),
            False,
            (Member("busybox1", ("172.17.0.2/16",), "02:42:ac:11:00:02", "veth4"),),
            Ports(
                "docker0",
                "up",
                ("172.17.0.1/16",),
                (Interface("veth4", "veth", True, 1500), Interface("mine", "veth", True, 1500, (), End)),
            ),
        ),
        Network("inner", "bridge", (), (), True, ()),
    ),
    (),
)


def test_networks_are_drawn_as_a_tree() -> None:
    assert looks.picture(NETWORKS).splitlines() == [
        "networks of Docker",
        "├─ bridge  driver bridge  172.17.0.0/16  gateway 172.17.0.1",
        "│  ├─ bridge docker0  up  172.17.0.1/16",
        "│  ├─ busybox1  172.17.0.2/16  MAC 02:42:ac:11:00:02  port veth4",
        "│  └─ port mine ── a namespace that cannot be seen from here",
        "└─ inner  driver bridge  internal",
        "other bridges",
        "└─ none",
    ]


def test_peers_are_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = (
        Wire("blue", "v1", 2, "red", "v0", 3),
        Wire("far", "eth0", 5, peer_index=7),
        Wire("web", "eth0", 13, "this host", "veth4", 14, "docker0"),
    )
    monkeypatch.setattr(looks, "wires", lambda: found)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    looks.show_peers(json=False)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "GUEST  INTERFACE  INDEX  PEER       INDEX  BRIDGE",
        "blue   v1         2      v0 in red  3      -",
        "far    eth0       5      -          7      -",
        "web    eth0       13     veth4      14     docker0",
    ]
    assert "need root" in printed.err
    looks.show_peers(json=True)
    assert json.loads(capsys.readouterr().out)[2] == {
        "guest": "web",
        "interface": "eth0",
        "index": 13,
        "where": "this host",
        "peer": "veth4",
        "peer_index": 14,
        "bridge": "docker0",
    }


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table([("A", "B"), ("long", "")]) == "A     B\nlong  -"


@pytest.mark.parametrize("arguments", ["show peer", "show peers web", "show networks --jsn"])
def test_what_show_does_not_know_is_refused(arguments: str) -> None:
    given = answer(*arguments.split())
    assert (given.code, given.out) == (2, "")
    assert "Traceback" not in given.err
