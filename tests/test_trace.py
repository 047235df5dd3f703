"""What `trace` refuses, and how it reads packets."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from struct import pack

import pytest

from bridgekit.errors import HostError, InputError
from bridgekit.facts.links import Link
from bridgekit.facts.neighbours import Table
from bridgekit.facts.spaces import Space
from bridgekit.facts.survey import Survey
from bridgekit.journal import Change, Run
from bridgekit.trace import ends, netlink, packets, traced
from bridgekit.trace.kernel import Kernel
from bridgekit.trace.packets import Packet, packet
from bridgekit.trace.path import Path
from bridgekit.trace.reasons import makers, silence
from bridgekit.trace.reasons.case import Case
from bridgekit.trace.record import Record
from bridgekit.trace.scene import Scene
from bridgekit.trace.send import Asked, _sum


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("web", ("web", None, "tcp")),
        ("web:80", ("web", 80, "tcp")),
        ("web:53/udp", ("web", 53, "udp")),
        ("netns:red", ("netns:red", None, "tcp")),
        ("netns:80", ("netns:80", None, "tcp")),
        ("netns:red:80", ("netns:red", 80, "tcp")),
        ("pid:4242", ("pid:4242", None, "tcp")),
        ("pid:4242:53/udp", ("pid:4242", 53, "udp")),
        ("10.0.0.2", ("10.0.0.2", None, "tcp")),
        ("10.0.0.2:80", ("10.0.0.2", 80, "tcp")),
        ("fd00::2", ("fd00::2", None, "tcp")),
        ("fd00::2:80", ("fd00::2:80", None, "tcp")),
        ("[fd00::2]", ("fd00::2", None, "tcp")),
        ("[fd00::2]:80", ("fd00::2", 80, "tcp")),
    ],
)
def test_to_and_its_port(text: str, found: tuple[str, int | None, str]) -> None:
    assert ends.split(text) == found


@pytest.mark.parametrize(
    ("text", "port"),
    [("web:http", "http"), ("web:", ""), ("10.0.0.2:http", "http"), ("[fd00::2]:http", "http"), ("netns:red:x", "x")],
)
def test_a_port_by_its_name(text: str, port: str) -> None:
    """Not `not a guest`, which it is not, and what would be right."""
    with pytest.raises(InputError, match=re.escape(f"not a port: {port!r}, of {text!r}")) as refused:
        ends.split(text)
    assert f"{text.rpartition(':')[0]}:80, or" in refused.value.hint


@pytest.mark.parametrize("source", ["web:80", "netns:red:80", "10.0.0.2:80", "[fd00::2]:80"])
def test_who_sends_has_no_port(source: str) -> None:
    with pytest.raises(InputError, match="without a port") as refused:
        ends.wanted(source, "db", 80, "tcp", None, None)
    assert "--sport N" in refused.value.hint


MADE = (
    Change("", "-", "true", r"iptables -w -D FORWARD -i docker0 \! -o docker0 -j DROP"),
    Change("", "-", "true", "iptables -w -t mangle -D PREROUTING -s 10.0.0.2 -p tcp --dport 80 -j DROP"),
    Change("", "-", "true", "ip link set v1 type bridge_slave isolated off"),
    Change("red", "-", "true", "ip netns exec red iptables -w -D OUTPUT -d 10.0.0.3 -j DROP"),
    Change("", "net.ipv4.ip_forward", "is 0 echo 0", "sysctl -w net.ipv4.ip_forward=1"),
    Change("red", "net/ipv4/conf/eth0/rp_filter", "is 1 echo 0", "sysctl -w net/ipv4/conf/eth0/rp_filter=0"),
    Change("red", "mtu of eth0", "true", "ip -n red link set eth0 mtu 1500"),
)


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("iptables -t filter -D FORWARD -i docker0 ! -o docker0 -j DROP", True),
        ("iptables -t filter -D FORWARD ! -i docker0 -o docker0 -j DROP", False),
        ("iptables -t mangle -D PREROUTING -s 10.0.0.2/32 -p tcp -m tcp --dport 80 -j DROP", True),
        ("iptables -t raw -D PREROUTING -s 10.0.0.2/32 -p tcp -m tcp --dport 80 -j DROP", False),
        ("iptables -t mangle -D PREROUTING -d 10.0.0.2/32 -p tcp -m tcp --dport 80 -j DROP", False),
        ("nsenter --net=/run/netns/red iptables -t filter -D OUTPUT -d 10.0.0.3/32 -j DROP", True),
        ("iptables -t filter -D OUTPUT -d 10.0.0.3/32 -j DROP", False),
        ("bridgekit forwarding on", True),
        ("nsenter --net=/run/netns/red sysctl -w net.ipv4.conf.eth0.rp_filter=2", False),  # somebody set it since
        ("ip -n red link set eth0 mtu 4000", True),
        ("ip -n blue link set eth0 mtu 4000", False),
        ("", False),
    ],
)
def test_what_a_run_made_so(command: str, made: bool) -> None:
    """Rules are told in another order than they were given, and with more words."""
    assert (makers._maker([Run("own", changes=MADE)], command) is not None) == made


def test_of_many_namespaces_those_on_the_way_are_watched() -> None:
    """What stands for the outside of a throw-away host is on many a way, and has but one link."""
    spaces = [
        Space(1),
        *(Space(number, f"/n{number}", (name,)) for number, name in enumerate(("a", "b", "outside"), 2)),
    ]
    scene = Scene(Survey({space: (_link("eth0"),) for space in spaces}, {}))
    assert scene.relevant(spaces[1], "192.0.2.9", 24) == [spaces[1], spaces[0], *spaces[2:]]
    assert scene.relevant(spaces[1], "192.0.2.9", 2) == [spaces[1], spaces[0], spaces[3]]


def _link(name: str) -> Link:
    return Link(2, name, "veth", True, 1500, "", "default", "02::2", ())


def test_a_full_table_of_neighbours_is_that_of_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "table", {4: Table(1, 1024), 6: Table(1020, 1024)}.get)
    case = Case(Path(Record(Asked(Space(1), "fd00::9", 1)), Scene(Survey({Space(1): ()}, {})), Kernel()))
    found = silence._full(case, silence.Asking(Space(1), "eth0", "fd00::9"))
    assert found is not None
    assert found.mend == "sysctl -w net.ipv6.neigh.default.gc_thresh3=4096"
    assert silence._full(case, silence.Asking(Space(1), "eth0", "10.0.0.9")) is None


@pytest.mark.parametrize("text", ["web:0", "web:65536", "web:80/sctp"])
def test_a_port_that_is_none(text: str) -> None:
    with pytest.raises(InputError, match=text.partition(":")[2].partition("/")[2] or text.partition(":")[2]):
        ends.split(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"source": "-odd"}, "-odd"),
        ({"target": "$(reboot)"}, r"\$\(reboot\)"),
        ({"target": "10.0.0.0/24"}, "10.0.0.0/24"),
        ({"target": "224.0.0.1"}, "224.0.0.1"),
        ({"target": "fe80::1%eth0"}, "fe80::1%eth0"),
        ({"port": 0}, "0"),
        ({"port": 80, "protocol": "sctp"}, "sctp"),
        ({"sport": 65536}, "65536"),
        ({"port": 80, "sport": 80}, "80"),
        ({"port": 80, "size": 1500}, "connection"),
        ({"size": 27}, "27"),
        ({"size": 65536}, "65536"),
    ],
)
def test_what_is_refused_before_anything_is_looked_at(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        traced(**({"source": "web", "target": "db"} | given))  # type: ignore[arg-type]


def test_an_ordinary_user_is_told_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HostError, match="needs root: reading a wire and asking for a trace are root's") as refused:
        traced("web", "203.0.113.2")
    assert "bridgekit sandbox" in refused.value.hint


def four(protocol: int, rest: bytes, source: str = "10.0.0.2", target: str = "203.0.113.2") -> bytes:
    """An IPv4 packet."""
    head = pack("!BBHHHBBH", 0x45, 0, 20 + len(rest), 7, 0, 64, protocol, 0)
    return head + ip_address(source).packed + ip_address(target).packed + rest


TCP = four(6, pack("!HHIIBBHHH", 45000, 80, 0, 0, 0x50, 0x02, 0, 0, 0))
UNREACHABLE = four(1, pack("!BBHHH", 3, 4, 0, 0, 1400) + TCP, "10.0.0.1", "10.0.0.2")


def test_heads_of_packets() -> None:
    syn = packet(TCP)
    assert syn == Packet(4, 40, 64, 6, "10.0.0.2", "203.0.113.2", 45000, 80, "S")
    assert str(syn) == "10.0.0.2:45000 > 203.0.113.2:80"
    error = packet(UNREACHABLE)
    assert error
    assert (error.error, error.kind, error.code, error.mtu, error.inner) == (True, 3, 4, 1400, syn)
    ping = packet(four(1, pack("!BBHHH", 8, 0, 0, 45000, 1)))
    assert ping
    assert (ping.ping, ping.sport, str(ping)) == (True, 45000, "10.0.0.2 > 203.0.113.2")
    six = pack("!IHBB", 6 << 28, 8, 58, 64) + ip_address("fd00::2").packed + ip_address("fd00::1").packed
    asked = packet(six + pack("!BBHHH", 128, 0, 0, 45000, 1))
    assert asked
    assert (asked.version, asked.length, asked.ping, asked.source) == (6, 48, True, "fd00::2")


def test_packets_that_end_anywhere() -> None:
    """What comes by a wire can be anything."""
    for whole in (TCP, UNREACHABLE, b"\x60" + bytes(80), bytes(range(256))):
        for length in range(len(whole)):
            packet(whole[:length])
            packets.question(0x0806, whole[:length])
            packets.question(0x86DD, whole[:length])
            list(netlink.steps(Space(1), whole[:length]))


def test_which_way_a_packet_goes() -> None:
    record = Record(Asked(Space(1), "203.0.113.2", 45000, "tcp", 80))
    assert record.way(packet(TCP)) == "there"
    assert record.way(packet(UNREACHABLE)) == "error"
    assert record.way(packet(four(6, pack("!HHIIBBHHH", 80, 45000, 0, 0, 0x50, 0x12, 0, 0, 0)))) == "back"
    assert record.way(packet(four(6, pack("!HHIIBBHHH", 80, 45001, 0, 0, 0x50, 0x12, 0, 0, 0)))) == ""
    assert record.way(packet(four(1, pack("!BBHHH", 8, 0, 0, 45000, 1)))) == "there"
    assert record.way(packet(four(1, pack("!BBHHH", 0, 0, 0, 45000, 1)))) == "back"
    assert record.way(None) == ""


def test_the_sum_of_a_ping() -> None:
    """RFC 1071 has this as its example."""
    assert _sum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
