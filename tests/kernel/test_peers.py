"""`show peers` and `show networks` on a real kernel, without an engine."""

from __future__ import annotations

import json

from bridgekit import facts
from bridgekit.facts import Wire
from tests.kernel.world import in_throwaway_host, shell

WIRE = """
ip link add br666 type bridge
ip link set br666 up
web=$(docker inspect -f '{{.State.Pid}}' web)
ip link add index 14 name veth1 type veth peer index 13 name eth0 netns "$web"
ip link set veth1 master br666
"""


@in_throwaway_host("web", "podman:db", "netns:red")
def test_each_end_has_the_index_that_the_other_shows() -> None:
    shell(WIRE)
    shell("db=$(podman inspect -f '{{.State.Pid}}' db); ip link add veth2 type veth peer name eth0 netns $db")
    found = {wire.guest: wire for wire in facts.wires()}
    assert found["web"] == Wire("web", "eth0", 13, "this host", "veth1", 14, "br666")
    assert shell("ip -o link show veth1").stdout.startswith("14: veth1@if13:")
    assert (found["podman:db"].peer, found["podman:db"].bridge) == ("veth2", "")
    assert set(found) == {"web", "podman:db", "outside"}, "red has no veth"
    lines = shell("bridgekit show peers").stdout.splitlines()
    assert lines[-1].split() == ["web", "eth0", "13", "veth1", "14", "br666"]
    assert json.loads(shell("bridgekit show peers --json").stdout)[-1] == found["web"].to_json()


@in_throwaway_host("netns:red", "netns:blue", "netns:green", "netns:black")
def test_equal_indices_do_not_mislead() -> None:
    """Both ends of each cable are number 2, in namespaces to which no link of the host leads."""
    shell("ip link add v0 netns red type veth peer name v1 netns black")
    shell("ip link add v0 netns green type veth peer name v1 netns blue")
    pairs = {(wire.guest, wire.index, wire.where, wire.peer_index) for wire in facts.wires()}
    assert pairs == {
        ("red", 2, "black", 2),
        ("black", 2, "red", 2),
        ("green", 2, "blue", 2),
        ("blue", 2, "green", 2),
        ("outside", 2, "this host", 2),
    }


@in_throwaway_host("netns:red")
def test_a_bridge_may_be_in_another_guest() -> None:
    shell("ip -n red link add br0 type bridge; ip netns add blue")
    shell("ip link add eth0 netns blue type veth peer name port netns red; ip -n red link set port master br0")
    assert Wire("blue", "eth0", 2, "red", "port", 3, "br0") in facts.wires()


@in_throwaway_host("web")
def test_without_an_engine_the_bridges_are_shown() -> None:
    shell(WIRE)
    shell("ip addr add 10.0.0.1/24 dev br666")
    done = shell("bridgekit show networks")
    assert done.stdout.splitlines() == [
        "bridges",
        "└─ br666  no carrier  10.0.0.1/24",
        "   └─ veth1  down ── web: eth0  down",
    ]
    assert "No engine answers" in done.stderr
    assert json.loads(shell("bridgekit show networks --json").stdout)["engine"] is False
