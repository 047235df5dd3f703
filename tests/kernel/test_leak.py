"""A route leak: the leaked prefix - only that one - becomes reachable, in one direction."""

from __future__ import annotations

import pytest

from bridgekit import names, recipes
from bridgekit.recipes.leakage import leak_of
from tests.kernel import measure, trial
from tests.kernel.cases import DIALECTS, written
from tests.kernel.test_lending import CLOUDS, table, up
from tests.kernel.world import in_throwaway_host, shell

both_dialects = pytest.mark.parametrize("dialect", DIALECTS)
both_families = pytest.mark.parametrize("family", [4, 6])
PREFIX = {4: "10.9.0.0/24", 6: "fd00:9::/64"}
THERE = {4: "10.9.0.9", 6: "fd00:9::9"}
BESIDE = {4: "10.8.0.9", 6: "fd00:8::9"}
OWN = {4: "10.0.2.2", 6: "fd00:2::2"}
CLOUD = {4: "10.0.2.1", 6: "fd00:2::1"}
# What lies in the management cloud; for IPv6 also the way there.
WORLD = CLOUDS + "".join(
    f"ip -n mgmt-cloud addr add {address} dev lo; " for each in (THERE, BESIDE) for address in each.values()
)
WAY_6 = (
    "ip -n mgmt addr add fd00:2::2/64 dev mgmt0 nodad; ip -n mgmt-cloud addr add fd00:2::1/64 dev eth0 nodad; "
    "ip -n mgmt route add default via fd00:2::1"
)


def reaches(netns: str, address: str, seconds: int = 1) -> bool:
    """Whether an address answers a namespace."""
    return shell(f"ip netns exec {netns} ping -c 1 -w {seconds} {address}", check=False).returncode == 0


@both_families
@both_dialects
@in_throwaway_host()
def test_only_the_leaked_prefix_opens(dialect: str, family: int) -> None:
    shell(WORLD)
    up(table(1, "data"))
    up(table(2, "mgmt"))
    shell(WAY_6)
    for address in (THERE[family], BESIDE[family], CLOUD[family]):
        assert reaches("mgmt", address, 3)
    assert not reaches("data", THERE[family])
    before = measure.state()
    plan = recipes.leak("data", "mgmt", PREFIX[family])
    up(plan, dialect)
    assert reaches("data", THERE[family], 3)
    # Also who adds routes of his own in `data` gets no further, and the other way there is no way in.
    leak = leak_of("data", "mgmt", names.subnet(PREFIX[family]))
    near, far = (str(address.ip) for address in leak.addresses)
    shell(f"ip -n mgmt-cloud route add {near} via {OWN[family]}")
    for address in (BESIDE[family], OWN[family], CLOUD[family]):
        assert not reaches("data", address), address
        shell(f"ip -n data route add {address} via {far}")
        assert not reaches("data", address), address
        shell(f"ip -n data route del {address} via {far}")
    assert not reaches("mgmt-cloud", f"-I {THERE[family]} {near}")
    shell(f"ip -n mgmt-cloud route del {near} via {OWN[family]}")
    assert trial.bash(written(plan, dialect), "down").code == 0
    assert not reaches("data", THERE[family])
    measure.same(before, measure.state(), "by up and down")


@in_throwaway_host()
def test_it_opens_where_everything_else_is_closed() -> None:
    shell(WORLD)
    up(table(1, "data"))
    up(table(2, "mgmt"))
    shell("ip netns exec mgmt iptables -w -P FORWARD DROP")
    up(recipes.leak("data", "mgmt", PREFIX[4], link="10.255.0.0/30"))
    assert reaches("data", THERE[4], 3)


@in_throwaway_host()
def test_two_prefixes_are_two_leaks() -> None:
    shell(WORLD)
    up(table(1, "data"))
    up(table(2, "mgmt"))
    first, second = (recipes.leak("data", "mgmt", prefix) for prefix in (PREFIX[4], "10.8.0.0/24"))
    up(first)
    up(second)
    assert reaches("data", THERE[4], 3)
    assert reaches("data", BESIDE[4], 3)
    assert trial.bash(written(first), "down").code == 0
    assert not reaches("data", THERE[4])
    assert reaches("data", BESIDE[4], 3)
