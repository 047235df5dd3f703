"""An interface of the host put to another use: what then works, and that it comes back with all that it had."""

from __future__ import annotations

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import DIALECTS, OUTSIDE, SETTING, in_the_host, written
from tests.kernel.world import in_throwaway_host, shell

both_dialects = pytest.mark.parametrize("dialect", DIALECTS)
MAC = "52:54:00:12:34:56"
MACHINE = f"vm run machine --tap tap0 --mac {MAC} --address 203.0.113.50/24 --gateway 203.0.113.2"
FETCH = "import urllib.request as u; print(u.urlopen('http://203.0.113.2', timeout=5).read().decode())"
# Two clouds with the same subnet and the same host in it, each behind an interface of this host.
CLOUDS = "".join(
    f"ip netns add {name}-cloud; ip link add {name}0 type veth peer name eth0 netns {name}-cloud; "
    f"ip -n {name}-cloud link set lo up; ip -n {name}-cloud link set eth0 up; "
    f"ip -n {name}-cloud addr add 10.0.{number}.1/24 dev eth0; ip -n {name}-cloud addr add 192.168.1.9/32 dev lo; "
    f"ip addr add 10.0.{number}.2/24 dev {name}0; ip link set {name}0 up; "
    for number, name in ((1, "data"), (2, "mgmt"))
)


def table(number: int, name: str) -> Plan:
    return recipes.vrf(name, f"{name}0", f"10.0.{number}.2/24", gateway=f"10.0.{number}.1")


def up(plan: Plan, dialect: str = "modern") -> None:
    done = trial.bash(written(plan, dialect))
    assert done.code == 0, done


def asked_by(name: str, number: int) -> bool:
    """Whether the host of this cloud gets an answer from the interface that leads to the cloud."""
    ping = f"ip netns exec {name}-cloud ping -c 1 -w 2 -I 192.168.1.9 10.0.{number}.2"
    return shell(ping, check=False).returncode == 0


# ------------------------------------------------------------------------------------------------ vrf


@both_dialects
@in_throwaway_host()
def test_each_interface_has_a_table_of_its_own(dialect: str) -> None:
    shell(CLOUDS)
    before = measure.state()
    shell("ip route add 192.168.1.0/24 via 10.0.1.1")
    assert asked_by("data", 1)
    assert not asked_by("mgmt", 2)  # one table: the answer goes to the other cloud
    shell("ip route del 192.168.1.0/24 via 10.0.1.1")
    up(table(1, "data"), dialect)
    up(table(2, "mgmt"), dialect)
    for number, name in ((1, "data"), (2, "mgmt")):
        way = shell(f"ip -n {name} route get 192.168.1.9").stdout
        assert f"192.168.1.9 via 10.0.{number}.1 dev {name}0 " in way
        assert asked_by(name, number)
    for number, name in ((2, "mgmt"), (1, "data")):
        assert trial.bash(written(table(number, name), dialect), "down").code == 0
    measure.same(before, measure.state(), "by both and their undo")


@in_throwaway_host()
def test_subnets_may_overlap() -> None:
    shell(CLOUDS)
    shell("ip -n data-cloud addr add 10.9.0.1/24 dev eth0; ip -n mgmt-cloud addr add 10.9.0.1/24 dev eth0")
    up(recipes.vrf("data", "data0", "10.9.0.2/24", gateway="10.9.0.1"))
    up(recipes.vrf("mgmt", "mgmt0", "10.9.0.2/24", gateway="10.9.0.1"))
    shell("ip -n data-cloud link set eth0 down")
    assert shell("ip netns exec mgmt ping -c 1 -w 2 192.168.1.9").returncode == 0
    assert shell("ip netns exec data ping -c 1 -w 1 192.168.1.9", check=False).returncode != 0


# Not `killed-before` alone: what outlives the script would be told that a command went well which was never run.
@pytest.mark.parametrize("how", ["killed-after", "all-killed-before", "all-killed-after"])
@pytest.mark.parametrize("target", ["ip -force -batch -", "ip -n data link set dev em1 netns *"])
@in_the_host
def test_an_undo_that_was_killed_is_finished_by_the_next(target: str, how: str) -> None:
    shell(SETTING["vrf-4"])
    script = written(recipes.vrf("data", "em1", "192.168.1.2/24"))
    before = measure.state()
    assert trial.bash(script).code == 0
    trial.prepare([target])
    trial.strike(script, target, how, "down")
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), f"{target} {how}")


@in_the_host
def test_a_lent_interface_that_is_gone_is_not_missed() -> None:
    shell("ip link add nic1 type veth peer name cable; ip addr add 192.0.2.9/24 dev nic1")
    script = written(recipes.vrf("data", "nic1", "192.168.1.2/24"))
    assert trial.bash(script).code == 0
    shell("ip link del cable")
    down = trial.bash(script, "down")
    gone = "nic1 is gone: its addresses and routes cannot come back\n"
    assert (down.code, down.err, down.out) == (0, "", f"{gone}undone vrf-data-nic1\n")
    assert not shell("ls /run/bridgekit", check=False).stdout


# ------------------------------------------------------------------------------------------------- vm


@both_dialects
@in_throwaway_host()
def test_the_machine_on_the_tap_is_on_the_network_itself(dialect: str) -> None:
    own = "fe:ff:ff:ff:ff:fe"  # a bridge left to itself takes the least of its ports' addresses
    shell(f"ip link set em1 address {own}")
    shell("ip netns exec outside ping -c 1 -w 2 203.0.113.1")
    up(recipes.vm("tap0"), dialect)
    shell(MACHINE)
    shell("ip netns exec outside ping -c 1 -w 2 203.0.113.50")
    assert f"lladdr {MAC} " in shell("ip -n outside neigh show 203.0.113.50").stdout
    assert "-A" not in shell("iptables -w -t nat -S").stdout
    assert shell("sysctl -n net.ipv4.ip_forward").stdout == "0\n"
    assert "you come from 203.0.113.50\n" in shell(f'vm exec machine python3 -c "{FETCH}"').stdout
    # The host is where it was, for its neighbours too.
    for address in ("203.0.113.1", "2001:db8:113::1"):
        shell(f"ip netns exec outside ping -c 1 -w 2 {address}")
        assert f"lladdr {own} " in shell(f"ip -n outside neigh show {address}").stdout
    for address in OUTSIDE.values():
        assert "dev br0 " in shell(f"ip route get {address}").stdout
        shell(f"ping -c 1 -w 2 {address}")
    shell("vm stop machine")


@both_dialects
@pytest.mark.parametrize("family", [4, 6])
@in_the_host
def test_a_gateway_that_does_not_answer_brings_everything_back(dialect: str, family: int) -> None:
    shell(SETTING["vm"])
    shell(f"ip netns exec outside sysctl -qw net.ipv{family}.{'icmp_' if family == 4 else 'icmp.'}echo_ignore_all=1")
    before = measure.state()
    result = trial.bash(written(recipes.vm("tap0", gateway=None if family == 4 else OUTSIDE[6]), dialect))
    assert result.code == 1, result
    assert "rolled back" in result.err, result
    measure.same(before, measure.state(), "and back")


@pytest.mark.parametrize(
    "how", ["TERM", "fails", "killed-after", "killed-during", "all-killed-before", "all-killed-after"]
)
@pytest.mark.parametrize("mode", ["up", "down"])
@in_the_host
def test_a_move_that_was_cut_in_two_is_taken_back(mode: str, how: str) -> None:
    shell(SETTING["vm"])
    script = written(recipes.vm("tap0"))
    before = measure.state()
    trial.prepare(["ip"])
    if mode == "down":
        assert trial.bash(script).code == 0
    trial.strike(script, "ip -force -batch -", how, mode)
    assert trial.bash(script, "down").code == 0
    trial.landed()
    measure.same(before, measure.state(), f"{mode} {how}")


@in_the_host
def test_a_bridge_that_was_there_keeps_what_it_had() -> None:
    shell("ip link add br0 type bridge; ip addr add 198.51.100.1/24 dev br0; ip link set br0 up")
    before = measure.state()
    script = written(recipes.vm("tap0"))
    assert trial.bash(script).code == 0
    assert "198.51.100.1/24" in shell("ip addr show dev br0").stdout
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "by up and down")
