"""What passes the links of a namespace, told by the kernel to a packet socket.  man 7 packet."""

from __future__ import annotations

import ctypes
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import pack, unpack

from bridgekit.facts.spaces import Space
from bridgekit.trace.packets import ICMP, ICMP6, Packet, Question, mac, packet, question

_ALL = 3  # ETH_P_ALL
_STAMP = 35  # SO_TIMESTAMPNS
_OTHERS, _OUTGOING = 3, 4
_ETHERNET = (1, 772)  # ARPHRD_ETHER, and lo's
_ENOUGH = 256  # bytes of a frame: all heads, also those of a packet that an error quotes
_AT_ONCE = 512  # frames: whoever reads has other sockets too
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER
_NETWORK, _KIND = -0x100000, -0x1000  # SKF_NET_OFF: the IP header, on whatever link; SKF_AD_PROTOCOL
_BYTE, _HALF, _BEHIND, _AND, _SHIFT, _TO_X, _RETURN = 0x30, 0x28, 0x48, 0x54, 0x64, 0x07, 0x06
# Jumps if equal: to the end, where the frame is taken; or else to where it is refused; or to the part of IPv4.
_EQUAL, _NEEDED, _IS_FOUR = 0x015, 0x115, 0x215


@dataclass(frozen=True)
class Frame:
    """A packet, or a question for a neighbour, on a link.

    time: in seconds.  out: whether it left there.  others: whether it came for another MAC address than the link's.
    """

    space: Space
    link: str
    time: float
    out: bool
    others: bool
    source: str
    target: str
    packet: Packet | None = None
    question: Question | None = None


def wire(ports: Sequence[int] = (), protocol: int = ICMP) -> socket.socket:
    """A socket that hears all links of this thread's namespace.  Raises OSError.

    The kernel hands over neighbours' questions, ICMP, and of a protocol what has one of these ports: others' traffic
    may be more than can be read.
    """
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    code = ctypes.create_string_buffer(b"".join(pack("=HBBI", *each) for each in _program(ports, protocol)))
    heard.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, pack("HP", len(code) // 8, ctypes.addressof(code)))
    heard.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    heard.setblocking(False)
    return heard


def _program(ports: Sequence[int], protocol: int) -> Iterator[tuple[int, int, int, int]]:
    """A program of classic BPF: an operation, where to go on if it is so and if not, a value.  linux/filter.h."""
    four = [(_BYTE, _NETWORK + 9), (_EQUAL, ICMP), (_NEEDED, protocol)]
    four += [(_BYTE, _NETWORK), (_AND, 15), (_SHIFT, 2), (_TO_X, 0)]
    six = [(_BYTE, _NETWORK + 6), (_EQUAL, ICMP6), (_NEEDED, protocol)]
    for place in (0, 2):
        four += [(_BEHIND, _NETWORK + place), *((_EQUAL, port) for port in ports)]
        six += [(_HALF, _NETWORK + 40 + place), *((_EQUAL, port) for port in ports)]
    lines = [(_HALF, _KIND), (_EQUAL, 0x0806), (_IS_FOUR, 0x0800), (_NEEDED, 0x86DD)]
    lines += [*six, (_RETURN, 0), *four, (_RETURN, 0), (_RETURN, _ENOUGH)]
    for number, (operation, value) in enumerate(lines):
        taken, refused = len(lines) - number - 2, len(lines) - number - 3
        jumps = {_EQUAL: (taken, 0), _NEEDED: (0, refused), _IS_FOUR: (2 + len(six), 0)}.get(operation, (0, 0))
        yield (operation & 0xFF, *jumps, value & 0xFFFFFFFF)


def frames(space: Space, heard: socket.socket) -> Iterator[Frame]:
    """What there is to read now."""
    with suppress(BlockingIOError):
        for _ in range(_AT_ONCE):
            data, notes, _, (link, kind, how, hardware, *_) = heard.recvmsg(_ENOUGH, 64)
            if link == "lo" and how == _OUTGOING:  # what goes by lo is seen a second time as it comes in
                continue
            rest = data[14:] if hardware in _ETHERNET else data
            asked = question(kind, rest)
            passed = None if asked else packet(rest)
            if asked or passed:
                at = next((_seconds(stamp) for _, what, stamp in notes if what == _STAMP), time.time())
                yield Frame(
                    *(space, link, at, how == _OUTGOING, how == _OTHERS, mac(data[6:12]), mac(data[:6])), passed, asked
                )


def _seconds(stamp: bytes) -> float:
    seconds, rest = unpack("=qq", stamp[:16])
    return float(seconds) + float(rest) / 1e9
