"""Has a namespace routing rules or routes that not every new one has?  Of most `ip` need not be asked for them.

man 7 rtnetlink; linux/fib_rules.h, rtnetlink.h.
"""

from __future__ import annotations

import socket
from struct import pack, unpack_from

from bridgekit.facts.netlink import attributes, listed
from bridgekit.facts.spaces import Space

_GET_ROUTE, _GET_RULE = 26, 34
_FAMILIES = {"-4": socket.AF_INET, "-6": socket.AF_INET6}
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
        return [_rule(body) for body in space.within(lambda: list(listed(_GET_RULE, _of(number))))] == _USUAL[number]
    except OSError:
        return False


def no_routes(space: Space, family: str) -> bool:
    """Whether its main table has no routes but IPv6's of links themselves; False if the kernel does not tell."""
    try:
        found = space.within(lambda: list(listed(_GET_ROUTE, _of(_FAMILIES[family]))))
    except OSError:
        return False
    return all(map(_of_links, found))


def _of(family: int) -> bytes:
    return pack("=B11x", family)


def _rule(body: bytes) -> tuple[int, int] | None:
    """Priority and table of a rule that is of everything; None of another one."""
    _, to, source, tos, _, _, _, action, flags = unpack_from("=8BI", body)
    found = attributes(body[_HEAD:])
    no_limit = found.pop(_SUPPRESS, b"\xff" * 4) == b"\xff" * 4
    plain = no_limit and found.keys() <= {_PRIORITY, _TABLE, _PROTOCOL}
    if not plain or (to, source, tos, action, flags) != (0, 0, 0, _TO_TABLE, 0):
        return None
    return _number(found.get(_PRIORITY)), _number(found.get(_TABLE))


def _number(attribute: bytes | None) -> int:
    return int(unpack_from("=I", attribute)[0]) if attribute else 0


def _of_links(body: bytes) -> bool:
    found = attributes(body[_HEAD:])
    return _number(found.get(_ROUTES_TABLE)) != _MAIN or (found.get(_DST, b""), body[1]) in _OF_LINKS
