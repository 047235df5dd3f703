"""What this host learned from IPv6 routers outlives forwarding; undo leaves it as it was."""

from __future__ import annotations

import time

import pytest

from tests.kernel import measure
from tests.kernel.cases import DIALECTS
from tests.kernel.world import in_throwaway_host, shell

in_a_host = in_throwaway_host("netns:red")
# A router advertisement, RFC 4861: lifetime 1800 s; a prefix to make addresses of, 3600 s.
ADVERTISE = """
import socket, struct, sys
link, prefix = sys.argv[1:]
router = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
told = struct.pack("!BBBBIII16s", 3, 4, 64, 0xC0, 3600, 3600, 0, socket.inet_pton(socket.AF_INET6, prefix))
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as out:
    out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    out.sendto(router + told, ("ff02::1", 0, 0, socket.if_nametoindex(link)))
"""
SECOND = (
    "ip netns add other; ip link add em2 type veth peer name em2_; ip link set em2_ netns other name eth0; "
    "ip link set em2 up; ip -n other link set eth0 up"
)


def learned(netns: str = "") -> list[str]:
    """The links by which a router told a default route."""
    inside = f"-n {netns}" if netns else ""
    return shell(f"ip -6 {inside} route show default proto ra | grep -o 'dev [^ ]*' | sort").stdout.split()[1::2]


def advertised(links: dict[str, str], netns: str = "") -> None:
    """A router of each of these namespaces makes itself known to a link; the host, or a namespace, learns of it."""
    end = time.monotonic() + 20
    while learned(netns) != sorted(links):
        assert time.monotonic() < end, f"never learned: {learned(netns)}"
        for number, router in enumerate(links.values(), 1):
            where = f"ip netns exec {router} python3 -c '{ADVERTISE}'"
            shell(f"{where} eth0 2001:db8:{number}::", check=False)  # no link-local address yet
        time.sleep(0.1)


@pytest.mark.parametrize("command", ["forwarding on --ipv6", "outbound fd00:10::/64 --uplink em1"])
@pytest.mark.parametrize("dialect", DIALECTS)
@in_a_host
def test_learned_routes_stay_on_every_link(command: str, dialect: str) -> None:
    shell(SECOND)
    advertised({"em1": "outside", "em2": "other"})
    before = measure.state()
    shell(f"bridgekit {command} --yes --dialect {dialect}")
    assert learned() == ["em1", "em2"]
    assert shell("sysctl -n net.ipv6.conf.all.forwarding").stdout == "1\n"
    shell("ip -6 route del default dev em1 proto ra")
    advertised({"em1": "outside", "em2": "other"})  # and go on being learned
    shell("bridgekit undo --all")
    measure.same(before, measure.state())


@in_a_host
def test_two_runs_that_need_it_are_undone_in_either_order() -> None:
    advertised({"em1": "outside"})
    before = measure.state()
    for first, last in (("forwarding-on-ipv6", "six"), ("six", "forwarding-on-ipv6")):
        shell("bridgekit forwarding on --ipv6 --yes; bridgekit outbound fd00:10::/64 --name six --yes")
        shell(f"bridgekit undo {first}")
        assert (learned(), shell("sysctl -n net.ipv6.conf.em1.accept_ra").stdout) == (["em1"], "2\n")
        shell(f"bridgekit undo {last}")
        measure.same(before, measure.state(), first)


@in_a_host
def test_a_link_whose_routers_the_kernel_does_not_hear_stays_deaf() -> None:
    """A network manager hears them itself, and gives the kernel the route."""
    shell("sysctl -qw net.ipv6.conf.em1.accept_ra=0; ip -6 route add default via fe80::9 dev em1 proto ra metric 7")
    before = measure.state()
    for command in ("forwarding on --ipv6", "outbound fd00:10::/64"):
        shell(f"bridgekit {command} --yes")
        assert (learned(), shell("sysctl -n net.ipv6.conf.em1.accept_ra").stdout) == (["em1"], "0\n")
        shell("bridgekit undo --all")
        measure.same(before, measure.state())


@in_a_host
def test_a_namespace_that_a_leak_makes_a_router() -> None:
    shell(f"{SECOND}; ip link set em2 netns red; ip -n red link set em2 up; ip netns add blue")
    advertised({"em2": "other"}, "red")
    before = measure.state()
    shell("bridgekit leak blue red fd00:9::/64 --yes")
    assert learned("red") == ["em2"]
    shell("bridgekit undo --all")
    measure.same(before, measure.state())
