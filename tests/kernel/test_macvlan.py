"""A guest on its host's network by a macvlan: who reaches whom, and what stays others'."""

from __future__ import annotations

import pytest

from bridgekit import recipes
from tests.kernel import measure
from tests.kernel.cases import OUTSIDE, in_the_host, written
from tests.kernel.test_links import connects, inside, up
from tests.kernel.trial import bash
from tests.kernel.world import shell

ADDRESS = {4: "203.0.113.7/24", 6: "2001:db8:113::7/64"}
OTHER = {4: "203.0.113.8/24", 6: "2001:db8:113::8/64"}
HOST = {4: "203.0.113.1", 6: "2001:db8:113::1"}
BOTH = pytest.mark.parametrize("family", [4, 6])


def alone(address: str) -> str:
    return address.partition("/")[0]


def answers(guest: str, address: str) -> bool:
    return shell(f"{inside(guest)}ping -c 1 -W 1 {address}", check=False).returncode == 0


@BOTH
@pytest.mark.parametrize("mode", ["bridge", "private"])
@in_the_host
def test_the_guest_reaches_outside_and_its_host_does_not_reach_it(mode: str, family: int) -> None:
    for guest, address in (("web", ADDRESS[family]), ("db", OTHER[family])):
        up(recipes.macvlan(guest, address, parent="em1", mode=mode, gateway=OUTSIDE[family]))
    assert connects("web", "netns:outside", OUTSIDE[family]) == alone(ADDRESS[family]), "as a machine of its own"
    assert answers("netns:outside", alone(ADDRESS[family]))
    assert not answers("host", alone(ADDRESS[family]))
    assert not answers("web", HOST[family])
    assert answers("web", alone(OTHER[family])) == (mode == "bridge")


@in_the_host
def test_a_namesake_in_the_guest_is_not_ours() -> None:
    """The guest's eth0 went, and one of others' has its name: of another mode, or on another parent."""
    script = written(recipes.macvlan("web", ADDRESS[4], parent="em1"))
    assert bash(script).code == 0
    shell(f"{inside('web')}ip link del eth0; {inside('web')}ip link add eth0 type bridge")
    down = bash(script, "down")
    assert down.code == 0, down
    assert shell(f"{inside('web')}ip link show dev eth0 type bridge").stdout


@in_the_host
def test_a_parent_that_goes_takes_it_along() -> None:
    shell("ip link add nic1 type veth peer name cable; ip link set cable up")
    before = [line for line in measure.state() if "nic1" not in line and "cable" not in line]
    shell("ip link set nic1 up")
    script = written(recipes.macvlan("web", ADDRESS[4], parent="nic1"))
    assert bash(script).code == 0
    shell("ip link del nic1")
    down = bash(script, "down")
    assert down.code == 0, down
    measure.same(before, measure.state(), "by up and down")


@in_the_host
def test_a_bridge_that_is_a_parent_is_not_undone_under_it() -> None:
    shell("bridgekit bridge br7 --address 10.7.0.1/24 --yes; bridgekit macvlan web 10.7.0.2/24 --parent br7 --yes")
    script = written(recipes.bridge("br7", address="10.7.0.1/24"))
    down = bash(script, "down")
    assert down.code == 3, down
    assert "macvlan-web-eth0" in down.err, down
