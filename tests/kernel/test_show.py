"""The network of a real kernel, as facts and as a picture."""

from __future__ import annotations

import subprocess

from bridgekit import facts
from bridgekit.cli.show import tree
from tests.kernel.world import in_throwaway_host, shell

WIRE = """
ip link add br666 type bridge
ip addr add 10.0.0.1/24 dev br666
ip addr add 2001:db8:9::1/64 dev br666
ip link set br666 up
web=$(docker inspect -f '{{.State.Pid}}' web)
ip link add veth1 type veth peer name eth0 netns "$web"
ip link add veth2 type veth peer name eth0 netns red
ip link set veth1 master br666 up
ip link set veth2 master br666 up
nsenter --net=/proc/$web/ns/net ip addr add 10.0.0.2/24 dev eth0
nsenter --net=/proc/$web/ns/net ip link set eth0 up
ip -n red addr add 10.0.0.3/24 dev eth0
sysctl -qw net.ipv4.ip_forward=1
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
iptables -t nat -N own
iptables -A OUTPUT -d 10.9.9.9 -j DROP
iptables -P FORWARD DROP
iptables -A FORWARD -i br666 -j ACCEPT
"""
UNWIRE = """
ip link del veth1; ip link del veth2; ip link del br666
iptables -t nat -D POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
iptables -t nat -X own
iptables -D OUTPUT -d 10.9.9.9 -j DROP
iptables -D FORWARD -i br666 -j ACCEPT
iptables -P FORWARD ACCEPT
sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=1
"""


@in_throwaway_host("web", "netns:red")
def test_the_tree_leads_from_bridge_to_guest() -> None:
    shell(WIRE)
    seen = facts.picture()
    lines = tree(seen).splitlines()
    assert lines[: lines.index("routes")] == [
        "bridges",
        "└─ br666  10.0.0.1/24  2001:db8:9::1/64",
        "   ├─ veth1 ── web: eth0  10.0.0.2/24",
        "   └─ veth2 ── red: eth0  down  10.0.0.3/24",
        "other interfaces",
        "└─ em1  203.0.113.1/24  2001:db8:113::1/64 ── outside: eth0  203.0.113.2/24  2001:db8:113::2/64",
    ]
    assert seen.firewalls[0] == facts.Firewall(
        4,
        ("POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE",),
        "DROP",
        ("-i br666 -j ACCEPT",),
        True,
        {"OUTPUT": ("-d 10.9.9.9/32 -j DROP",)},
    )
    for line in (
        "├─ 10.0.0.0/24 dev br666 proto kernel scope link src 10.0.0.1",
        "└─ POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE",
        "forward (policy DROP)",
        "└─ -i br666 -j ACCEPT",
        "├─ IPv4 on",
    ):
        assert line in lines


@in_throwaway_host("web", "netns:red")
def test_a_snapshot_comes_back_when_the_network_does() -> None:
    before = facts.snapshot(macs=True)
    shell(WIRE)
    after = facts.snapshot(macs=True)
    changes = facts.changes(before, after)
    assert {
        "+ host link br666 bridge up mtu 1500",
        "+ host address br666 10.0.0.1/24",
        "+ host route6 2001:db8:9::/64 dev br666 proto kernel metric 256",
        "+ host iptables filter -P FORWARD DROP",
        "+ host iptables nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE",
        "- host sysctl net.ipv4.ip_forward 0",
        "+ host sysctl net.ipv4.ip_forward 1",
        "+ red address eth0 10.0.0.3/24",
    } <= set(changes)
    starts = ("+ host link veth2 veth up mtu 1500 master br666 peer eth0 in red mac ", "+ red link eth0 veth down")
    assert all(any(line.startswith(start) for line in changes) for start in starts)
    shell(UNWIRE)
    assert facts.changes(before, facts.snapshot(macs=True)) == []


@in_throwaway_host("netns:red")
def test_a_snapshot_does_not_change_by_itself() -> None:
    shell("ip link add veth2 type veth peer name eth0 netns red; ip link set veth2 up; ip -n red link set eth0 up")
    shell("ip addr add 2001:db8:2::1/64 dev veth2")
    first = facts.digest()
    # Duplicate address detection ends, link-local addresses come, packets are counted.
    shell("sleep 2.5; ping -c 1 203.0.113.2")
    assert facts.digest() == first


@in_throwaway_host()
def test_a_namespace_without_a_name_is_called_by_its_process() -> None:
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as guest:
        pid = guest.pid
        shell(f"until [ ! /proc/{pid}/ns/net -ef /proc/self/ns/net ]; do sleep 0.01; done")
        # Somebody else's eth0 with the same two indices must not be taken for it.
        shell("ip link add index 77 name veth1 type veth peer index 5 name eth0 netns " + str(pid))
        shell(
            "ip netns add a; ip netns add b; ip -n a link add index 5 name eth0 type veth peer index 77 name x netns b"
        )
        seen = facts.picture()
        guest.kill()
    assert f"├─ veth1  down ── pid {pid} (sleep): eth0  down" in tree(seen).replace("└", "├")


@in_throwaway_host("netns:red")
def test_names_are_listed_even_if_they_lead_nowhere() -> None:
    shell("touch /run/netns/left-over; ln -s /proc/0/ns/net /run/netns/gone; ip netns attach self 1")
    found = facts.snapshot()
    assert [line for line in found if line.startswith("host netns ")] == [
        f"host netns {name}" for name in ("gone", "left-over", "outside", "red", "self")
    ]
    assert "red link lo loopback down mtu 65536" in found
    assert "self link lo loopback up mtu 65536" in found
    assert facts.picture().namespaces == ("gone", "left-over", "outside", "red", "self")
