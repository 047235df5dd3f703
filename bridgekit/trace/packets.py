"""What stands at the head of a packet.  RFC 791, 8200, 793, 768, 792, 4443, 826, 4861."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from struct import unpack_from

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
ECHO = {ICMP: (8, 0), ICMP6: (128, 129)}  # the question's type, the answer's
_ERRORS: dict[int, Container[int]] = {ICMP: (3, 4, 5, 11, 12), ICMP6: range(1, 128)}
_FLAGS = "FSRPAU"


@dataclass(frozen=True)
class Packet:
    """An IP packet.

    version: 4 or 6.  length: of the whole, in bytes.  protocol: ICMP, TCP, UDP or ICMP6.
    sport, dport: of TCP and UDP; of a ping both are its id.  flags: of TCP, letters of FSRPAU.
    kind, code: of ICMP.  mtu: of an ICMP error that it was too long.  inner: the packet that an error is about.
    """

    version: int
    length: int
    ttl: int
    protocol: int
    source: str
    target: str
    sport: int = 0
    dport: int = 0
    flags: str = ""
    kind: int = -1
    code: int = -1
    mtu: int = 0
    inner: Packet | None = None

    @property
    def error(self) -> bool:
        """Whether it is an ICMP error about another packet."""
        return self.kind in _ERRORS.get(self.protocol, ())

    @property
    def ping(self) -> bool:
        """Whether it is a ping or the answer to one."""
        return self.kind in ECHO.get(self.protocol, ())

    def __str__(self) -> str:
        if self.protocol not in (TCP, UDP):
            return f"{self.source} > {self.target}"
        six = self.version == 6
        source, target = (f"[{self.source}]", f"[{self.target}]") if six else (self.source, self.target)
        return f"{source}:{self.sport} > {target}:{self.dport}"


@dataclass(frozen=True)
class Question:
    """An ARP packet, or IPv6's neighbour solicitation and advertisement.

    answer: whether it is the answer.  mac: the sender's.  sender: his address.  target: the address that is asked for.
    """

    answer: bool
    mac: str
    sender: str
    target: str


def packet(data: bytes, depth: int = 1) -> Packet | None:
    """The packet that begins here; None if it is none that is understood.  depth: how deep errors may quote."""
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= 20:
        length, protocol = unpack_from("!H", data, 2)[0], data[9]
        source, target = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20]))
        if unpack_from("!H", data, 6)[0] & 0x1FFF:  # a later fragment has no head
            return None
        return _whole(Packet(4, length, data[8], protocol, source, target), data[(data[0] & 15) * 4 :], depth)
    if version == 6 and len(data) >= 40:
        length, protocol = 40 + unpack_from("!H", data, 4)[0], data[6]
        source, target = str(IPv6Address(data[8:24])), str(IPv6Address(data[24:40]))
        return _whole(Packet(6, length, data[7], protocol, source, target), data[40:], depth)
    return None


def _whole(head: Packet, rest: bytes, depth: int) -> Packet | None:
    more: dict[str, object] = {}
    if head.protocol in (TCP, UDP) and len(rest) >= 4:
        more["sport"], more["dport"] = unpack_from("!HH", rest)
        if head.protocol == TCP and len(rest) >= 14:
            more["flags"] = "".join(letter for bit, letter in enumerate(_FLAGS) if rest[13] & (1 << bit))
    elif head.protocol in (ICMP, ICMP6) and len(rest) >= 8:
        kind = rest[0]
        more["kind"], more["code"] = kind, rest[1]
        if kind in _ERRORS[head.protocol]:
            more["mtu"] = unpack_from("!I", rest, 4)[0] & (0xFFFF if head.protocol == ICMP else 0xFFFFFFFF)
            more["inner"] = packet(rest[8:], depth - 1) if depth else None
        else:
            more["sport"] = more["dport"] = unpack_from("!H", rest, 4)[0]
    else:
        return None
    return Packet(**(vars(head) | more))


def question(kind: int, data: bytes) -> Question | None:
    """The neighbour question or answer that begins here; None if it is none.  kind: of the Ethernet frame."""
    if kind == 0x0806 and len(data) >= 28:
        sender, target = str(IPv4Address(data[14:18])), str(IPv4Address(data[24:28]))
        return Question(data[7] == 2, mac(data[8:14]), sender, target)
    if kind == 0x86DD and len(data) >= 64 and data[6] == ICMP6 and data[40] in (135, 136):
        source, target = str(IPv6Address(data[8:24])), str(IPv6Address(data[48:64]))
        answer = data[40] == 136
        return Question(answer, _option(data[64:]), target if answer else source, target)
    return None


def _option(data: bytes) -> str:
    """The MAC address that an option of a neighbour question tells; empty if none does."""
    return mac(data[2:8]) if len(data) >= 8 and data[0] in (1, 2) else ""


def mac(data: bytes) -> str:
    """A MAC address as it is written."""
    return data.hex(":")
