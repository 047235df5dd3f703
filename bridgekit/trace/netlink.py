"""The kernel's own words on a packet's way through the rules: a table of ours that asks for them, and what it says.

By hand: pyroute2 (0.9) knows of trace messages only their number, its sockets in another namespace are processes, and
importing it costs more than a trace.  linux/netfilter/nf_tables.h, man 8 nft (meta nftrace, flags owner).

The table belongs to its socket (flag `owner`): the kernel removes it when that closes, also after `kill -9`.  Two of
its chains mark our packet; the others are empty, and each tells that a packet came by, also where nobody has rules.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from struct import pack, unpack, unpack_from

from bridgekit.facts.netlink import ERROR, attributes, listed
from bridgekit.facts.spaces import Space
from bridgekit.trace.packets import Packet, packet

PREFIX = "bridgekit-trace-"
HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
DROP, ACCEPT = 0, 1
_MARKED = ("prerouting", "output")
_SENSORS = (
    *(("prerouting", -150), ("prerouting", 450), ("input", -450), ("input", 450), ("forward", -450)),
    *(("forward", 450), ("output", 450), ("postrouting", -450), ("postrouting", 450)),
)
# Where our tag can stand, behind the IP header: a port or a ping's id; in an error, those of the packet it quotes.
_PLACES = (0, 2, 4, *(8 + head + place for head in (20, 40) for place in (0, 2, 4)))
_INET, _NETFILTER, _NFT, _TRACES = 1, 12, 10 << 8, 9
_NEW_TABLE, _NEW_CHAIN, _NEW_RULE, _GET_RULE, _TRACE = 0, 3, 6, 7, 17
_BEGIN, _END = 16, 17
_POLICY = 1  # NFT_TRACETYPE_POLICY
_OWNER, _TRANSPORT, _NFTRACE = 2, 2, 12


@dataclass(frozen=True)
class Step:
    """Something that the rules did with a packet.

    table, chain: of which; family as in linux/netfilter.h.  handle: the rule's, 0 where it is none.
    policy: whether it is the chain's policy.
    verdict: DROP, ACCEPT or what else nf_tables.h has; jump: the chain that it sends to.
    packet: as it was before this.  iif, oif: indices of links, 0 if there is none yet.
    status: of the connection (nf_conntrack_common.h), 0 where the kernel does not say.
    """

    space: Space
    number: int
    family: int
    table: str
    chain: str
    handle: int
    policy: bool
    verdict: int
    jump: str
    packet: Packet | None
    iif: int
    oif: int
    status: int

    @property
    def ours(self) -> bool:
        """Whether it is a chain of our own, which only tells that the packet came by."""
        return self.table.startswith(PREFIX)

    @property
    def dropped(self) -> bool:
        """Whether it ended the packet's way."""
        return self.verdict == DROP and not self.ours


def _attribute(kind: int, data: bytes) -> bytes:
    return pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def _nested(kind: int, *parts: bytes) -> bytes:
    return _attribute(kind | 0x8000, b"".join(parts))


def _number(value: int) -> bytes:
    return pack("!I", value & 0xFFFFFFFF)


def _text(value: str) -> bytes:
    return value.encode() + b"\0"


def _message(kind: int, flags: int, family: int, body: bytes = b"", resource: int = 0) -> bytes:
    return pack("=IHHIIBBH", 20 + len(body), kind, flags, 0, 0, family, 0, socket.htons(resource)) + body


def _expression(name: str, *parts: bytes) -> bytes:
    return _nested(1, _attribute(1, _text(name)), _nested(2, *parts))


def _rule(place: int, tag: int) -> bytes:
    """The expressions of: if two bytes of the transport header are the tag, trace the packet."""
    register = _attribute(1, _number(1))
    return b"".join(
        (
            _expression("payload", register, *map(_pair, (2, 3, 4), (_TRANSPORT, place, 2))),
            _expression("cmp", register, _pair(2, 0), _nested(3, _attribute(1, pack("!H", tag)))),
            _expression("immediate", register, _nested(2, _attribute(1, b"\1"))),
            _expression("meta", _attribute(3, _number(1)), _pair(2, _NFTRACE)),
        )
    )


def _pair(kind: int, value: int) -> bytes:
    return _attribute(kind, _number(value))


def _batch(tag: int) -> Iterator[bytes]:
    """The messages that make the table."""
    create, append = 0x401, 0xC01  # NLM_F_REQUEST | NLM_F_CREATE, and | NLM_F_APPEND
    table = _attribute(1, _text(f"{PREFIX}{tag}"))
    yield _message(_BEGIN, 1, 0, resource=10)
    yield _message(_NFT | _NEW_TABLE, create, _INET, table + _pair(2, _OWNER))
    for hook, priority in (*((hook, -450) for hook in _MARKED), *_SENSORS):
        where = _nested(4, _pair(1, HOOKS.index(hook)), _pair(2, priority))
        name = _text(f"{hook}{priority:+}")
        body = table + _attribute(3, name) + where + _attribute(7, _text("filter"))
        yield _message(_NFT | _NEW_CHAIN, create, _INET, body)
        if hook in _MARKED and priority == -450:
            for place in _PLACES:
                body = table + _attribute(2, name) + _nested(4, _rule(place, tag))
                yield _message(_NFT | _NEW_RULE, append, _INET, body)
    yield _message(_END, 1, 0, resource=10)


def mark(tag: int) -> socket.socket:
    """Have the kernel trace packets with this tag in this thread's namespace, as long as the socket is open.

    Raises OSError where it refuses.
    """
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER)
    try:
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        kernel.bind((0, 0))
        kernel.send(b"".join(_batch(tag)))
        kernel.setblocking(False)
        with suppress(BlockingIOError):  # what it has to complain of is there already
            while True:
                for kind, _, body in _messages(kernel.recv(1 << 16)):
                    if kind == ERROR and (code := unpack_from("=i", body)[0]):
                        raise OSError(-code, os.strerror(-code))
    except OSError:
        kernel.close()
        raise
    return kernel


def events() -> socket.socket:
    """A socket that hears the traces of this thread's namespace."""
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER)
    kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    kernel.bind((0, 0))
    kernel.setsockopt(270, 1, _TRACES)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
    kernel.setblocking(False)
    return kernel


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Each message's kind, family and what follows its head."""
    place = 0
    while place + 16 <= len(data):
        length, kind = unpack_from("=IH", data, place)
        body = data[place + 16 : place + length]
        yield kind, body[0] if body else 0, body
        place += (length + 3) & ~3 or len(data)


def steps(space: Space, data: bytes) -> Iterator[Step]:
    """What a socket of `events` heard."""
    for kind, family, body in _messages(data):
        if kind == _NFT | _TRACE:
            yield _step(space, family, attributes(body[4:]))


def _step(space: Space, family: int, found: Mapping[int, bytes]) -> Step:
    def value(kind: int) -> int:
        return int(unpack("!I", found[kind])[0]) if kind in found else 0

    verdict = attributes(found.get(5, b""))
    code = verdict.get(1) if value(4) != _POLICY else found.get(16)
    head = found.get(8, b"") + found.get(9, b"")
    return Step(
        space=space,
        number=value(6),
        family=family,
        table=_string(found.get(1)),
        chain=_string(found.get(2)),
        handle=unpack("!Q", found[3])[0] if 3 in found else 0,
        policy=value(4) == _POLICY,
        verdict=unpack("!i", code)[0] if code else ACCEPT,
        jump=_string(verdict.get(2)),
        packet=packet(head),
        iif=value(10),
        oif=value(12),
        status=value(20),
    )


def _string(data: bytes | None) -> str:
    return (data or b"").rstrip(b"\0").decode("utf-8", "replace")


def handles(family: int, table: str, chain: str) -> list[int]:
    """The handles of a chain's rules in this thread's namespace, in their order."""
    chosen = bytes((family, 0, 0, 0)) + _attribute(1, _text(table)) + _attribute(2, _text(chain))
    try:
        found = list(listed(_NFT | _GET_RULE, chosen, _NETFILTER))
    except OSError:
        return []
    return [unpack("!Q", attributes(body[4:])[3])[0] for body in found]
