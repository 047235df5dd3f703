"""What passes the links of a namespace, told by the kernel to a packet socket.  man 7 packet."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from struct import unpack

from bridgekit.facts.spaces import Space
from bridgekit.trace.packets import Packet, Question, mac, packet, question

_ALL = 3  # ETH_P_ALL
_STAMP = 35  # SO_TIMESTAMPNS
_OTHERS, _OUTGOING = 3, 4
_ETHERNET = (1, 772)  # ARPHRD_ETHER, and lo's
_ENOUGH = 256  # bytes of a frame: all heads, also those of a packet that an error quotes


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


def wire() -> socket.socket:
    """A socket that hears all links of this thread's namespace.  Raises OSError."""
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    heard.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    heard.setblocking(False)
    return heard


def frames(space: Space, heard: socket.socket) -> Iterator[Frame]:
    """What there is to read now."""
    with suppress(BlockingIOError):
        while True:
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
