"""Has a namespace routing rules or IPv6 routes that not every new one has?  Of most `ip` need not be asked for them.

man 7 rtnetlink; linux/fib_rules.h, rtnetlink.h.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from struct import pack, unpack_from

from bridgekit.facts.spaces import Space

_GET_ROUTE, _GET_RULE, _DUMP, _DONE, _ERROR = 26, 34, 0x301, 3, 2
_FAMILIES = {"-4": socket.AF_INET, "-6": socket.AF_INET6}
_SECONDS = 2
_HEAD = 12  # bytes, of a rule and of a route
_TO_TABLE, _MAIN, _DST, _ROUTES_TABLE = 1, 254, 1, 15
_PRIORITY, _SUPPRESS, _TABLE, _PROTOCOL = 6, 14, 15, 21
# By family, priority and table.
_USUAL = {
    socket.AF_INET: [(0, 255), (32766, 254), (32767, 253)],
    socket.AF_INET6: [(0, 255), (32766, 254)],
}
_OF_LINKS = {(b"\xfe\x80".ljust(16, b"\0"), 64), (b"\xff".ljust(16, b"\0"), 8)}  # what each has: fe80::/64, ff00::/8


def usual_rules(space: Space, family: str) -> bool:
    """Whether its routing rules are the usual ones, family `-4` or `-6`; False if the kernel does not tell."""
    number = _FAMILIES[family]
    try:
        return [_rule(body) for body in space.within(lambda: list(_listed(_GET_RULE, number)))] == _USUAL[number]
    except OSError:
        return False


def no_routes6(space: Space) -> bool:
    """Whether its main table has no IPv6 routes but those of links themselves; False if the kernel does not tell."""
    try:
        found = space.within(lambda: list(_listed(_GET_ROUTE, socket.AF_INET6)))
    except OSError:
        return False
    return all(map(_of_links, found))


def _listed(question: int, family: int) -> Iterator[bytes]:
    """The bodies of the kernel's answers.  Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
        kernel.settimeout(_SECONDS)
        kernel.send(pack("=IHHIIB11x", 16 + _HEAD, question, _DUMP, 0, 0, family))
        while True:
            answer = kernel.recv(1 << 16)
            while answer:
                length, kind = unpack_from("=IH", answer)
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    raise OSError(-unpack_from("=i", answer, 16)[0], "NETLINK_ROUTE")
                yield answer[16:length]
                answer = answer[length + -length % 4 :]


def _attributes(body: bytes) -> dict[int, bytes]:
    found, rest = {}, body[_HEAD:]
    while len(rest) >= 4:
        length, kind = unpack_from("=HH", rest)
        found[kind] = rest[4:length]
        rest = rest[max(4, length + -length % 4) :]
    return found


def _rule(body: bytes) -> tuple[int, int] | None:
    """Priority and table of a rule that is of everything; None of another one."""
    _, to, source, tos, _, _, _, action, flags = unpack_from("=8BI", body)
    found = _attributes(body)
    no_limit = found.pop(_SUPPRESS, b"\xff" * 4) == b"\xff" * 4
    plain = no_limit and found.keys() <= {_PRIORITY, _TABLE, _PROTOCOL}
    if not plain or (to, source, tos, action, flags) != (0, 0, 0, _TO_TABLE, 0):
        return None
    return _number(found.get(_PRIORITY)), _number(found.get(_TABLE))


def _number(attribute: bytes | None) -> int:
    return int(unpack_from("=I", attribute)[0]) if attribute else 0


def _of_links(body: bytes) -> bool:
    found = _attributes(body)
    return _number(found.get(_ROUTES_TABLE)) != _MAIN or (found.get(_DST, b""), body[1]) in _OF_LINKS
