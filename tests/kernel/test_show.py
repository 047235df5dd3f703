"""The network of a real kernel, as facts and as a picture."""

from __future__ import annotations

import json
import socket
import subprocess
from struct import pack

from bridgekit import facts
from bridgekit.cli.as_tree import tree
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
        "ACCEPT",
        (),
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


ROUTER = """
ip netns add router; ip netns add far
ip link add r0 type veth peer name eth0 netns router; ip link set r0 up; ip -n router link set eth0 up
ip -n router link add eth1 type veth peer name eth0 netns far; ip -n router link set eth1 up; ip -n far link set eth0 up
ip -n router addr add 10.1.0.1/24 dev eth0; ip -n router addr add 10.2.0.1/24 dev eth1
ip -n far addr add 10.2.0.2/24 dev eth0; ip -n far route add default via 10.2.0.1
nsenter --net=/run/netns/router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=0
nsenter --net=/run/netns/router iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE
nsenter --net=/run/netns/router iptables -P FORWARD DROP
nsenter --net=/run/netns/router iptables -A INPUT -i eth1 -j DROP
ip -n router rule add from 10.1.0.0/24 table 5 priority 100
"""
BRIDGES = """
ip link add br-stp type bridge stp_state 1 mcast_snooping 0
ip link set br-stp up
for name in pa pb; do
  ip link add "$name" type veth peer name "$name-far" netns far
  ip link set "$name" master br-stp mtu 1400 up
  ip -n far link set "$name-far" up
done
ip link set pa type bridge_slave isolated on
ip link set pb type bridge_slave hairpin on
ebtables -A FORWARD -i pa -o pb -j DROP
"""
OTHERS = """
ip link add link em1 name mac0 netns red type macvlan mode bridge
ip -n red addr add 203.0.113.7/24 dev mac0; ip -n red link set mac0 up
docker run -d --name helper --net=container:web busybox sleep infinity >/dev/null
iptables -P INPUT DROP; iptables -A INPUT -i lo -j ACCEPT
ip rule add from 10.0.0.0/24 table 5 priority 100
ip route replace default nexthop via 203.0.113.2 dev em1 nexthop via 203.0.113.3 dev em1
"""
LEGACY = "iptables-legacy -A FORWARD -s 10.7.0.0/16 -j DROP"


def add_foreign_table() -> None:
    """A table like netavark's, with a chain that drops; not every machine has the program `nft` to make it."""

    def part(kind: int, data: bytes) -> bytes:
        return pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)

    def message(kind: int, flags: int, *parts: bytes, family: int = 1, resource: int = 0) -> bytes:
        body = pack(">BBH", family, 0, resource) + b"".join(parts)
        return pack("=IHHII", 16 + len(body), kind, flags, 0, 0) + body

    nft, table = 10 << 8, part(1, b"netavark\0")
    hook = part(0x8004, part(1, pack(">I", 2)) + part(2, pack(">I", 0)))
    chain = (table, part(3, b"forward\0"), hook, part(5, pack(">I", 0)), part(7, b"filter\0"))
    begin, end = (message(kind, 1, family=0, resource=10) for kind in (16, 17))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as kernel:
        kernel.send(begin + message(nft, 0x401, table) + message(nft | 3, 0x401, *chain) + end)


@in_throwaway_host("web", "netns:red")
def test_each_namespace_has_its_own_part_and_what_is_not_usual_is_told() -> None:
    shell(ROUTER + BRIDGES + OTHERS)
    add_foreign_table()
    legacy = shell(LEGACY, check=False).returncode == 0  # not every kernel has it
    lines = tree(facts.picture()).splitlines()
    told = {
        "└─ br-stp  mtu 1400  STP on  multicast snooping off",
        "   ├─ pa  mtu 1400  listening  isolated ── far: pa-far",
        "   └─ pb  mtu 1400  listening  hairpin ── far: pb-far",
        "├─ default nexthop via 203.0.113.2 dev em1 weight 1 nexthop via 203.0.113.3 dev em1 weight 1",
        "└─ 100: from 10.0.0.0/24 lookup 5",
        "input (policy DROP)",
        "└─ -i lo -j ACCEPT",
        "│  └─ FORWARD -i pa -o pb -j DROP",
        "└─ nft inet netavark  forward drop  rules: 0",
        *(["├─ iptables-legacy filter  rules: 1", "│  └─ FORWARD -s 10.7.0.0/16 -j DROP"] if legacy else []),
    }
    assert not told - set(lines), told - set(lines)
    at = lines.index("guests")
    assert [line for line in lines[at:] if "-far" not in line] == [
        "guests",
        "├─ far",
        "│  ├─ eth0  10.2.0.2/24 ── router: eth1  10.2.0.1/24",
        "│  └─ default via 10.2.0.1 dev eth0",
        "├─ helper, web  share a namespace",
        "├─ outside",
        "│  └─ eth0  203.0.113.2/24  2001:db8:113::2/64 ── this host: em1  203.0.113.1/24  2001:db8:113::1/64",
        "├─ red",
        "│  └─ mac0  macvlan on em1 of this host  203.0.113.7/24",
        "└─ router  forwards IPv4",
        "   ├─ eth0  10.1.0.1/24 ── this host: r0",
        "   ├─ eth1  10.2.0.1/24 ── far: eth0  10.2.0.2/24",
        "   ├─ rule 100: from 10.1.0.0/24 lookup 5",
        "   ├─ nat POSTROUTING -o eth1 -j MASQUERADE",
        "   ├─ forward (policy DROP)",
        "   └─ input (policy ACCEPT)",
        "      └─ -i eth1 -j DROP",
    ]


@in_throwaway_host("web", "db", "netns:red")
def test_what_is_left_of_a_container_is_stale_and_the_command_frees_it() -> None:
    for name, address in (("web", "10.0.0.2/24"), ("db", "10.0.0.3/24")):
        shell(f"bridgekit attach {name} {address} --yes")
    assert not [line for line in shell("bridgekit show").stdout.splitlines() if "stale" in line]
    shell("docker stop web; docker start web; docker stop db; touch /run/netns/left; ip netns add no-container-s")
    lines = shell("bridgekit show").stdout.splitlines()
    stale = [line.lstrip("│├└─ ") for line in lines if "stale" in line]
    assert stale == [
        "veth_84aa61e ── netns:web: eth0  10.0.0.2/24  stale",
        "veth_ba5c7cf ── db: eth0  10.0.0.3/24  stale",
        "db  stale: container db does not run any more -> bridgekit undo attach-db-eth0",
        "left  stale: it leads to no namespace -> ip netns del left",
        "netns:web  stale: container web was started again, in another namespace"
        " -> bridgekit repair --anew attach-web-eth0",
    ]
    told = json.loads(shell("bridgekit show --json").stdout)["guests"]
    for each in told:
        if each["stale"]:
            shell(each["stale"]["mend"])
    lines = shell("bridgekit show").stdout.splitlines()
    assert not [line for line in lines if "stale" in line]
    assert "   └─ veth_84aa61e ── web: eth0  10.0.0.2/24" in lines, "web is connected again"


@in_throwaway_host("web")
def test_a_container_that_was_restarted_after_commands_by_hand() -> None:
    """No run tells of it, so its name goes, and with it the ghost that answers."""
    pid = "$(docker inspect -f '{{.State.Pid}}' web)"
    shell(f"ip netns attach web {pid}; ip link add v type veth peer name eth0 netns web; ip link set v up")
    shell("docker stop web; docker start web")
    (stale,) = [each for each in facts.picture().guests if each.stale]
    assert (stale.name, stale.stale) == ("netns:web", facts.Stale(stale.stale.why, "ip netns del web", "web"))  # type: ignore[union-attr]
    shell("ip netns del web; until ! ip link show v >/dev/null 2>&1; do sleep 0.01; done")
    assert not [each for each in facts.picture().guests if each.stale]


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
