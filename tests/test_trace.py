"""What `trace` refuses, and how it reads packets."""

from __future__ import annotations

import os
from ipaddress import ip_address
from struct import pack

import pytest

from bridgekit.errors import HostError, InputError
from bridgekit.facts.spaces import Space
from bridgekit.trace import ends, netlink, packets, traced
from bridgekit.trace.packets import Packet, packet
from bridgekit.trace.record import Record
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
