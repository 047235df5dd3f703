"""One real packet, or connection, and what its sender hears of it.  man 7 ip, icmp, tcp, udp, raw."""

from __future__ import annotations

import errno
import socket
import time
from dataclasses import dataclass
from struct import pack, unpack, unpack_from

from bridgekit.facts.spaces import Space, within
from bridgekit.trace.packets import ECHO, ICMP, ICMP6

_HEADS = {4: 28, 6: 48}  # bytes: IP with UDP, or with a ping
_PING = 84  # bytes of a ping that has no size of its own, as those of `ping`
_WORDS = b"bridgekit trace"
# A question that every name server answers, with whatever code: the address of example.test.
_DNS = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\4test\0\0\1\0\1"
_RECVERR, _MTU_DISCOVER, _PROBE = {4: 11, 6: 25}, {4: 10, 6: 23}, 3  # man 7 ip, ipv6
_LEVEL = {4: socket.IPPROTO_IP, 6: socket.IPPROTO_IPV6}


@dataclass(frozen=True)
class Asked:
    """What is to be sent.

    space: from where.  address: to which.  source: from which; empty: the kernel's choice.
    protocol: `icmp`, `tcp` or `udp`; port: 0 for a ping.  size: of the whole packet in bytes; 0: the usual.
    tag: its source port, or its id.
    whom: the namespace that is meant, if it was not named by an address.
    """

    space: Space
    address: str
    tag: int
    protocol: str = "icmp"
    port: int = 0
    size: int = 0
    source: str = ""
    whom: Space | None = None

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


@dataclass(frozen=True)
class Outcome:
    """What the sender heard.  answered: whether it was the answer.  error: of errno.h, 0 for none.  seconds: after."""

    answered: bool = False
    error: int = 0
    seconds: float = 0.0


class Attempt:
    """The packet on its way."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.started, self._failed = asked, time.monotonic(), 0
        self.socket = within(asked.space.path, self._made)

    def begin(self) -> None:
        """Send it."""
        self.started = time.monotonic()
        try:
            self._send()
        except OSError as refused:
            if refused.errno != errno.EINPROGRESS:
                self._failed = refused.errno or errno.EIO

    def outcome(self) -> Outcome | None:
        """What has been heard; None if nothing yet."""
        after = time.monotonic() - self.started
        if self._failed:
            return Outcome(False, self._failed, after)
        try:
            return Outcome(True, 0, after) if self._answered() else None
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as refused:
            return Outcome(False, refused.errno or errno.EIO, after)

    @property
    def writes(self) -> bool:
        """Whether the answer is that it can be written to."""
        return self.asked.protocol == "tcp"

    def _made(self) -> socket.socket:
        six = self.asked.version == 6
        kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM, "icmp": socket.SOCK_RAW}
        kind = kinds[self.asked.protocol]
        ping = (ICMP6 if six else ICMP) if kind == socket.SOCK_RAW else 0
        made = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind, ping)
        made.setblocking(False)
        made.setsockopt(_LEVEL[self.asked.version], _RECVERR[self.asked.version], kind != socket.SOCK_STREAM)
        if self.asked.size:  # not what is known of the way already, but what there is
            made.setsockopt(_LEVEL[self.asked.version], _MTU_DISCOVER[self.asked.version], _PROBE)
        return made

    def _send(self) -> None:
        asked = self.asked
        if asked.protocol != "icmp":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((asked.source, asked.tag))
        elif asked.source:
            self.socket.bind((asked.source, 0))
        self.socket.connect((asked.address, asked.port))
        if asked.protocol != "tcp":
            self.socket.send(self._body())

    def _body(self) -> bytes:
        room = (self.asked.size or _PING) - _HEADS[self.asked.version]
        if self.asked.protocol == "udp":
            words = _DNS if self.asked.port == 53 else _WORDS
            return words.ljust(room, b"\0") if self.asked.size else words
        return _ping(self.asked.version, self.asked.tag, _WORDS.ljust(room, b".")[:room])

    def _answered(self) -> bool:
        if self.asked.protocol == "tcp":
            return self._connected()
        while True:
            heard = self.socket.recv(1 << 16)
            if self.asked.protocol == "udp" or self._ours(heard):
                return True

    def _connected(self) -> bool:
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "connect")
        try:
            self.socket.getpeername()
        except OSError:
            return False
        return True

    def _ours(self, heard: bytes) -> bool:
        """Whether a raw socket heard the answer to our ping; of IPv4 it hears the IP header too."""
        six = self.asked.version == 6
        said = heard if six else heard[(heard[0] & 15) * 4 :]
        answer = ECHO[ICMP6 if six else ICMP][1]
        return len(said) >= 8 and said[0] == answer and unpack_from("!H", said, 4)[0] == self.asked.tag


def _ping(version: int, tag: int, body: bytes) -> bytes:
    kind = ECHO[ICMP6 if version == 6 else ICMP][0]
    head = pack("!BBHHH", kind, 0, 0, tag, 1)
    if version == 6:  # the kernel fills the sum in, which takes the addresses
        return head + body
    whole = head + body
    return pack("!BBHHH", kind, 0, _sum(whole), tag, 1) + body


def _sum(data: bytes) -> int:
    """The Internet checksum.  RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
