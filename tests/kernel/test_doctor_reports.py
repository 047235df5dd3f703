"""`doctor` in situations that people have reported: each is named, where it is, with what mends it."""

from __future__ import annotations

import re

from bridgekit import doctor
from bridgekit.doctor import Finding
from tests.kernel.test_verify_reports import attach
from tests.kernel.world import in_throwaway_host, shell

CABLE = "ip link add {0} type veth peer name {0}p; ip link set {0} up; ip link set {0}p up"


def notes() -> dict[tuple[str, str], Finding]:
    """The notes of what is there, by section and name."""
    return {(each.section, each.name): each for each in doctor.standing() if each.sign == doctor.NOTE}


def mended(section: str, name: str) -> None:
    """Do what a note says, which then is gone."""
    advice = notes()[section, name].advice
    commands = re.search(r"(?:^|: )((?:ip|ip6|ipset|iptables|iptables-legacy|sysctl|nsenter) .*)$", advice)
    assert commands, advice
    shell(commands[1])
    assert (section, name) not in notes(), notes()[section, name]


def said(section: str, name: str) -> str:
    """What a note says."""
    found = notes()
    assert (section, name) in found, list(found)
    return f"{found[section, name].found} -> {found[section, name].advice}"


@in_throwaway_host()
def test_what_a_usual_network_needs_no_word_about() -> None:
    attach("red", "10.0.0.2")
    attach("blue", "10.0.0.3")
    shell("bridgekit outbound 10.0.0.0/24 --yes; bridgekit dns netns:red --dns 203.0.113.2 --yes")
    shell("bridgekit dns netns:blue --dns 203.0.113.2 --yes; iptables -P FORWARD DROP")
    shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.bridge.bridge-nf-call-iptables=0")
    found = {name for section, name in notes() if section != "network"}
    assert found <= {"nftables"}, found  # which is about a program that this machine may not have


@in_throwaway_host()
def test_what_single_links_are_told() -> None:
    attach("red", "10.0.0.2")
    attach("blue", "10.0.0.3")
    attach("red2", "10.0.1.2", "br7")
    # A router made of a namespace, for whom blue has it.
    attach("rt", "10.0.0.9", gateway=False)
    attach("rt", "10.0.1.9", "br7", gateway=False)
    shell("ip -n blue route add 10.0.1.0/24 via 10.0.0.9; ip netns exec rt sysctl -qw net.ipv4.ip_forward=0")
    shell("ip netns exec rt sysctl -qw net.ipv4.conf.eth1.rp_filter=1")
    shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.br666.rp_filter=1 net.ipv4.conf.br7.forwarding=0")
    shell("sysctl -qw net.ipv4.conf.br7.proxy_arp=1")
    shell(
        "ip -n red addr add fd00::2/64 dev eth0 nodad; ip netns exec blue sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1"
    )
    shell(
        "ip -6 route del default; sysctl -qw net.ipv6.conf.all.forwarding=1; sysctl -qw net.ipv6.conf.em1.accept_ra=1"
    )
    assert "strict on br666 -> " in said("links", "rp_filter")
    assert "strict on eth1 -> " in said("links", "rp_filter, netns:rt")
    assert "1 on em1, while IPv6 is forwarded" in said("links", "accept_ra")
    assert "on for br7" in said("links", "proxy_arp")
    assert "on for eth0 of netns:blue, though others at br666 have IPv6" in said("links", "disable_ipv6")
    assert "off for br7, though on for all" in said("links", "forwarding")
    assert "off, but it is a gateway of netns:blue -> it forwards nothing: " in said("links", "forwarding, netns:rt")
    for name in ("rp_filter", "rp_filter, netns:rt", "accept_ra", "proxy_arp", "disable_ipv6"):
        mended("links", name)
    mended("links", "forwarding")
    mended("links", "forwarding, netns:rt")


@in_throwaway_host("web")
def test_bridges_and_who_hangs_at_them() -> None:
    attach("red", "10.0.0.2", mtu=9000)
    attach("blue", "10.0.0.3")
    shell("ip link set em1 mtu 1400")
    assert "netns:red eth0 9000" in said("bridges", "br666: MTU")
    assert "MTU 1500, but the way out by em1 takes 1400" in said("bridges", "br666: way out")
    mended("bridges", "br666: way out")
    shell("ip link add br0 type bridge stp_state 1 forward_delay 3000; ip link set br0 up")
    attach("new", "10.0.1.2", "br0")
    assert "ports listen or learn still" in said("bridges", "br0: spanning tree")
    assert "ip link set br0 type bridge stp_state 0" in said("bridges", "br0: spanning tree")
    # Two of one MAC, and two of one address.
    shell("ip -n blue link set eth0 address $(ip -n red -j link show eth0 | jq -r '.[0].address')")
    shell("ip -n new addr add 10.0.1.1/24 dev eth0")
    assert "belongs to netns:blue, netns:red" in said("guests", "br666")
    assert "10.0.1.1 belongs to host, netns:new" in said("guests", "br0")
    # Namespaces take this host's resolv.conf, where 127.x is their own; a container that has a name does not.
    shell("ip netns attach web $(docker inspect -f '{{.State.Pid}}' web)")
    assert "netns:blue, netns:new, netns:red ask 127.0.0.1" in said("routes", "resolv.conf")


@in_throwaway_host()
def test_firewalls_wherever_they_are() -> None:
    attach("red", "10.0.0.2")
    shell("bridgekit outbound 10.0.0.0/24 --yes; iptables -I FORWARD -j REJECT")  # as somebody's firewall came later
    words = said("firewalls", "FORWARD")
    assert "`-j REJECT --reject-with icmp-port-unreachable` ends the chain" in words
    assert "rules after it are never asked, such as `-i br666" in words
    mended("firewalls", "FORWARD")
    shell("iptables-legacy -P FORWARD DROP; ip6tables -P INPUT DROP; iptables -P INPUT DROP")
    assert "policy DROP; no rule accepts br666" in said("firewalls", "FORWARD, iptables-legacy")
    mended("firewalls", "FORWARD, iptables-legacy")
    assert "guests do not reach this host" in said("firewalls", "INPUT")
    assert "ip6tables -I INPUT -i br666 -j ACCEPT" in said("firewalls", "INPUT, ip6tables")
    mended("firewalls", "INPUT")
    # Docker was here, and podman is.
    shell("iptables -F FORWARD; iptables -P FORWARD DROP")
    shell("iptables -N NETAVARK_FORWARD; iptables -A FORWARD -j NETAVARK_FORWARD")
    shell("ip link add podman0 type bridge; ip addr add 10.88.0.1/16 dev podman0")
    shell("iptables -A NETAVARK_FORWARD -d 10.88.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
    shell("iptables -A NETAVARK_FORWARD -s 10.88.0.0/16 -j ACCEPT")
    assert "ports that podman publishes" in said("firewalls", "podman0")
    mended("firewalls", "podman0")


@in_throwaway_host()
def test_routes_that_meet() -> None:
    attach("red", "10.0.0.2")
    shell(CABLE.format("tun0") + "; ip addr add 10.8.0.1/24 dev tun0; ip route add 172.17.0.0/16 via 10.8.0.9")
    shell(
        "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up",
    )
    assert "172.17.0.0/16 leads to docker0, and 172.17.0.0/16 to tun0" in said("routes", "docker0")
    shell("ip route add 0.0.0.0/1 via 10.8.0.9; ip route add 128.0.0.0/1 via 10.8.0.9")
    assert "0.0.0.0/1, 128.0.0.0/1 by tun0, beside the default route" in said("routes", "default route")
    shell("ip route add default via 10.8.0.9 metric 700")
    assert "203.0.113.2 by em1, metric 0; 10.8.0.9 by tun0, metric 700" in said("routes", "default routes")
    shell("ip route flush default; ip route add default nexthop via 203.0.113.2 nexthop via 10.8.0.9")
    assert "packets leave by either" in said("routes", "default routes")
    attach("red", "10.0.1.2", "br7", gateway=False)
    shell("ip -n red route add default via 10.0.1.1 metric 9")
    assert "only the smallest metric counts" in said("routes", "default routes, netns:red")
    # A bridge in the middle of the uplink's own network.
    shell("ip link add br9 type bridge; ip addr add 203.0.113.129/25 dev br9; ip link set br9 up")
    assert "203.0.113.128/25 of br9 is a part of 203.0.113.0/24 of em1" in said("routes", "br9")
