"""pipework: what its users asked for in vain, in hosts that tests share where they leave them as they were."""

from __future__ import annotations

import time

from tests.kernel import measure
from tests.kernel.cases import in_the_host
from tests.kernel.test_links import inside
from tests.kernel.test_pipework import pipework
from tests.kernel.world import shell


@in_the_host
def test_several_interfaces_in_one_call_are_one_run() -> None:
    measure.name_guests()
    before = measure.state()
    words = "br1 web 192.168.1.1/24@192.168.1.9 + em1 web 203.0.113.7/24 + br2 -i lan web fd00::1/64"
    pipework(words)
    for name, address in (("eth1", "192.168.1.1/24"), ("eth2", "203.0.113.7/24"), ("lan", "fd00::1/64")):
        assert f" {address} " in shell(f"{inside('web')}ip -o addr show dev {name}").stdout, name
    assert shell("bridgekit check").stdout == "pipework-web-eth1-eth2-lan: holds\n"
    up = measure.state()
    assert {line.split()[0] for line in pipework(words).stdout.splitlines()} <= {"ok", "same"}
    measure.same(up, measure.state(), "by the same again")
    one = shell("bridgekit pipework --remove web eth2", check=False)
    assert (one.returncode, "bridgekit pipework --remove web eth1+eth2+lan" in one.stderr) == (3, True), one
    measure.same(up, measure.state(), "by removing one of three that go together")
    assert "pipework-web-eth1-eth2-lan" in shell("bridgekit pipework --list web eth2").stdout
    shell("bridgekit pipework --remove web eth1+eth2+lan")
    measure.same(before, measure.state(), "by removing it")
    shell("ip link add br2 type dummy 2>/dev/null || ip link add br2 type veth peer name other")
    there = measure.state()
    last = pipework(words, check=False)
    assert (last.returncode, "br2 exists and is not a bridge" in last.stderr) == (3, True), last
    measure.same(there, measure.state(), "by what is refused for the third alone")


@in_the_host
def test_a_card_by_its_mac_address_moves_and_is_known_again() -> None:
    shell(
        "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 up; "
        "ip link set nic1 address 02:00:00:00:00:31; ip addr add 192.0.2.9/24 dev nic1"
    )
    measure.name_guests()
    before, words = measure.state(), "--direct-phys mac:02:00:00:00:00:31 web 192.168.1.1/24"
    pipework(words)
    assert "02:00:00:00:00:31" in shell(f"{inside('web')}ip -o link show dev eth1").stdout
    up, again = measure.state(), pipework(words)
    assert {line.split()[0] for line in again.stdout.splitlines()} <= {"ok", "same"}
    measure.same(up, measure.state(), "by the same again")
    assert shell("bridgekit check").stdout == "pipework-web-eth1: holds\n"
    other = pipework("--direct-phys mac:02:00:00:00:00:31 db 192.168.1.2/24", check=False)
    assert (other.returncode, "02:00:00:00:00:31" in other.stderr) == (3, True), "it is not another run's to take"
    shell("bridgekit pipework --remove web")
    measure.same(before, measure.state(), "by undo")


@in_the_host
def test_the_host_reaches_a_macvlan_by_ipv6() -> None:
    measure.name_guests()
    before, address = measure.state(), "2001:db8:113::7"
    assert shell(f"ping -c 1 -W 1 {address}", check=False).returncode != 0
    pipework(f"em1 --host-route web {address}/64")
    assert shell(f"ping -c 1 -W 2 {address}", check=False).returncode == 0
    assert shell(f"{inside('web')}ping -c 1 -W 2 2001:db8:113::1", check=False).returncode == 0
    assert shell("ping -c 1 -W 2 2001:db8:113::2", check=False).returncode == 0, "its own network as before"
    shell("bridgekit pipework --remove web")
    measure.same(before, measure.state(), "by undo")


@in_the_host
def test_a_lease_is_waited_for_as_long_as_was_said() -> None:
    measure.name_guests()
    before, start = measure.state(), time.monotonic()
    given = pipework("br1 web udhcpc --timeout 1", check=False)
    assert (given.returncode, "no DHCP server answered (eth1, 1 s)" in given.stderr) == (1, True), given
    assert time.monotonic() - start < 20, "it is 30 s otherwise"
    measure.same(before, measure.state(), "by what did not come")
