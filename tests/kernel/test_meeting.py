"""What else is on the host stands in a recipe's way: it is refused before anything is touched, or told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel.cases import DIALECTS
from tests.kernel.reasons import refused
from tests.kernel.world import in_throwaway_host, shell

REJECTS = "iptables -A FORWARD -j REJECT"
RED = "ip netns add red; bridgekit attach netns:red 10.0.0.2/24 --gateway 10.0.0.1 --yes"
RED_SIX = "ip netns add red; bridgekit attach netns:red fd00:10::2/64 --gateway fd00:10::1 --yes"
DB = "ip netns add db"
TUN0 = "ip link add tun0 type veth peer name far; ip link set tun0 up; ip link set far up"
TUN0 += "; ip addr add 10.8.0.2/24 dev tun0"
ALL_BY_TUN0 = f"{TUN0}; ip route add 0.0.0.0/1 via 10.8.0.1; ip route add 128.0.0.0/1 via 10.8.0.1"
ONE_MAC = "02:42:ac:11:00:02"


def outbound(subnet: str = "10.0.0.0/24", **options: str) -> Callable[[], Plan]:
    return lambda: recipes.outbound(subnet, **options)


def attach(guest: str, address: str, **options: str) -> Callable[[], Plan]:
    return lambda: recipes.attach(guest, address, **options)


# What is on the host, the plan, and words of the refusal.
REFUSED: dict[str, tuple[str, Callable[[], Plan], str]] = {
    "a rule that rejects all, outbound": (f"{RED}; {REJECTS}", outbound(), ": -A FORWARD -j REJECT"),
    "a rule that drops all, IPv6": (
        f"{RED_SIX}; ip6tables -A FORWARD -j DROP",
        outbound("fd00:10::/64"),
        ": -A FORWARD -j DROP",
    ),
    "a rule that rejects all, mesh": (REJECTS, lambda: recipes.mesh("br7", "10.7.0.0/24", count=2), ": -A FORWARD"),
    "a rule that rejects all, publish": (
        f"{RED}; {REJECTS}",
        lambda: recipes.publish("netns:red", ["8080:80"]),
        ": -A FORWARD",
    ),
    "a rule that rejects all, vm": (REJECTS, lambda: recipes.vm("tap0", forward=True), ": -A FORWARD"),
    "another subnet than the bridge's": (RED, outbound("10.9.0.0/24"), "br666 has addresses, but none in 10.9.0.0/24"),
    "no such uplink": (RED, outbound(uplink="eth9"), "no interface eth9"),
    "a VPN's two halves of the world": (f"{ALL_BY_TUN0}; {RED}", outbound(), "does not leave by em1"),
    "a default route with two next hops": (
        f"{TUN0}; ip route replace default nexthop via 203.0.113.2 dev em1 nexthop via 10.8.0.1 dev tun0",
        outbound(),
        "no default route by one interface alone",
    ),
    "an address of others": (
        RED,
        lambda: recipes.publish("netns:red", ["9.9.9.9:8080:80"]),
        "have the address 9.9.9.9",
    ),
    "another guest's address": (f"{RED}; {DB}", attach("netns:db", "10.0.0.2/24"), "the address 10.0.0.2; choose"),
    "another guest's address, IPv6": (f"{RED_SIX}; {DB}", attach("netns:db", "fd00:10::2/64"), "fd00:10::2; choose"),
    "the bridge's address": (f"{RED}; {DB}", attach("netns:db", "10.0.0.1/24"), "br666 has the address 10.0.0.1"),
    "another guest's MAC address": (
        f"ip netns add red; bridgekit attach netns:red 10.0.0.2/24 --mac {ONE_MAC} --yes; {DB}",
        attach("netns:db", "10.0.0.3/24", mac=ONE_MAC),
        f"the MAC address {ONE_MAC}; choose",
    ),
    "the uplink's own subnet, attach": (
        DB,
        attach("netns:db", "203.0.113.50/24", gateway="203.0.113.1"),
        "overlaps 203.0.113.0/24",
    ),
    "a VPN's subnet, bridge": (
        "ip route add 10.5.0.0/16 via 203.0.113.2",
        lambda: recipes.bridge("br5", address="10.5.7.1/24"),
        ": 10.5.0.0/16 via 203.0.113.2",
    ),
    "a VPN's subnet, IPv6": (
        "ip route add fd00:5::/48 via 2001:db8:113::2",
        lambda: recipes.bridge("br5", address="fd00:5:0:1::1/64"),
        ": fd00:5::/48 via",
    ),
    "a VPN's subnet, docker0": (
        "ip route add 172.17.0.0/16 via 203.0.113.2",
        recipes.docker0,
        "overlaps 172.17.0.0/16",
    ),
    "a file in place of a namespace": (
        "touch /run/netns/b",
        attach("netns:b", "10.0.0.2/24"),
        "ip netns del b",
    ),
}


@pytest.mark.parametrize(("situation", "dialect"), [(each, DIALECTS[at % 2]) for at, each in enumerate(REFUSED)])
@in_throwaway_host()
def test_refused_before_anything_is_touched(situation: str, dialect: str) -> None:
    there, make, words = REFUSED[situation]
    refused(there, make, dialect, words)


@in_throwaway_host()
def test_what_was_built_before_a_rule_that_rejects_all_is_as_it_was() -> None:
    """Its rules stand before that one, and are not appended again."""
    shell(f"{RED}; bridgekit outbound 10.0.0.0/24 --yes; {REJECTS}")
    again = shell("bridgekit outbound 10.0.0.0/24 --yes")
    assert {line.split()[0] for line in again.stdout.splitlines()} <= {"same", "ok"}, again
    assert shell("ip netns exec red ping -c 1 -W 2 203.0.113.2").returncode == 0


@in_throwaway_host()
def test_a_vpns_two_halves_of_the_world_are_no_subnets_of_its() -> None:
    shell(f"{ALL_BY_TUN0}; {RED}; bridgekit outbound 10.0.0.0/24 --uplink tun0 --yes")


@in_throwaway_host()
def test_an_uplink_that_is_named_need_not_be_the_way_out() -> None:
    """One rule, whether the option names it or the script's variable; but it must be there."""
    shell(f"{ALL_BY_TUN0}; {RED}; bridgekit outbound 10.0.0.0/24 -n >/run/out.sh")
    shell("bridgekit outbound 10.0.0.0/24 --uplink em1 --yes && bridgekit undo outbound-10.0.0.0-24-em1")
    shell("UPLINK=em1 bash /run/out.sh && bridgekit check outbound-10.0.0.0-24 && bridgekit undo outbound-10.0.0.0-24")
    gone = shell("UPLINK=eth9 bash /run/out.sh", check=False)
    assert (gone.returncode, "no interface eth9" in gone.stderr) == (3, True), gone


@in_throwaway_host()
def test_what_may_still_come_is_told_and_done() -> None:
    """Notes, of a bridge that is not there yet, of a port nobody listens on, of a filtered bridge; and not without."""
    said = shell("bridgekit outbound 10.0.0.0/24 --yes")
    assert said.stderr == "note: there is no bridge br666 yet; the rules wait for it\n"
    assert shell(RED).stderr == ""
    assert shell("bridgekit outbound 10.0.0.0/24 --yes").stderr == ""
    publish = "bridgekit publish netns:red 8080:80 --yes"
    listen = (
        "ip netns exec red python3 -c 'import socket, time; s = socket.create_server((\"{}\", 80)); time.sleep(30)'"
    )
    nobody = "note: nobody in the guest listens on port 80/tcp yet, or only at 127.0.0.1\n"
    assert shell(publish).stderr == nobody
    for address, told in (("127.0.0.1", nobody), ("0.0.0.0", "")):
        there = "until ip netns exec red ss -Hltn | grep -q :80; do sleep 0.02; done"
        assert shell(f"{listen.format(address)} & {there}; {publish}; kill %1").stderr == told, address
    if Path("/proc/sys/net/bridge").exists():
        shell("iptables -P FORWARD DROP; sysctl -q net.bridge.bridge-nf-call-iptables=1")
        told = shell(f"{DB}; bridgekit attach netns:db 10.0.0.9/24 --bridge br9 --yes").stderr
        assert told.startswith("note: FORWARD drops what goes from port to port of br9"), told
        assert shell("bridgekit undo attach-netns-db-eth0; bridgekit vm tap0 --yes").stderr.startswith("note: FORWARD")
        shell("bridgekit undo vm-tap0")
        assert shell("bridgekit vm tap0 --forward --yes").stderr == ""
