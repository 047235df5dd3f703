"""Checked words of `ip route`, `ip rule` and `tc`: what each word may be, and what comes after it.  As `names`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network

from bridgekit.errors import InputError
from bridgekit.names.addresses import address_text, target
from bridgekit.names.labels import interface
from bridgekit.names.refusal import refuse
from bridgekit.translation import tr

_MOST = 2**32 - 1
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?\Z", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z", re.ASCII)
_MARK = re.compile(r"(0x[0-9a-f]{1,8}|[0-9]{1,10})(/(0x[0-9a-f]{1,8}|[0-9]{1,10}))?\Z", re.ASCII)
_LOOSE = re.compile(r"[A-Za-z0-9_.:/%+-]{1,64}\Z", re.ASCII)


def destination(text: str) -> str:
    """Where a route leads: `default`, a prefix, or one address, also a multicast one.  Raises InputError."""
    if text == "default":
        return text
    try:
        if not _ADDRESS.match(text):
            raise ValueError
        found = ip_network(text, strict=False)
    except ValueError:
        raise refuse(
            tr("not a destination"), text, tr("default, a network such as 10.0.5.0/24, or an address")
        ) from None
    if "/" in text and text != str(found):
        raise refuse(tr("not a network"), text, tr("did you mean {0}?", found))
    if found.prefixlen == 0:
        raise refuse(tr("every address"), text, tr("write: default"))
    return text if "/" in text else address_text(ip_address(text))


def selector(text: str) -> str:
    """What a rule looks for: `all`, a prefix, or one address.  Raises InputError."""
    return text if text == "all" else destination(text)


def table(text: str) -> str:
    """A routing table: its number, 0 to 4294967295, or its name.  Raises InputError."""
    return _named(text, _MOST)


def kind(text: str) -> str:
    """A protocol, a scope: its number, 0 to 255, or its name.  Raises InputError."""
    return _named(text, 255)


def number(text: str, most: int = _MOST) -> str:
    """A metric, a priority, a size: 0 to 4294967295.  Raises InputError."""
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or int(text) > most:
        raise refuse(tr("not a number"), text, tr("0 to {0}", most))
    return str(int(text))


def mark(text: str) -> str:
    """A packet mark, `0x1` or `0x1/0xff`.  Raises InputError."""
    for each in _fits(_MARK, tr("not a mark"), text).split("/"):
        if not each.startswith("0x"):
            number(each)
    return text


def gateway(text: str) -> str:
    """A gateway's address, without prefix.  Raises InputError."""
    return str(target(text))


def loose(text: str) -> str:
    """A word of a queue discipline's own.  Raises InputError."""
    return _fits(_LOOSE, tr("not a word of tc"), text)


def _named(text: str, most: int) -> str:
    return _fits(_WORD, tr("not a name or a number"), text if not text.isdecimal() else number(text, most))


def _fits(pattern: re.Pattern[str], what: str, text: str) -> str:
    if not pattern.match(text):
        raise refuse(what, text, tr("letters, digits and `_.:/%+-`"))
    return text


OF_ROUTE: dict[str, Callable[[str], str]] = {
    "via": gateway,
    "dev": interface,
    "src": gateway,
    "table": table,
    "metric": number,
    "proto": kind,
    "scope": kind,
    "mtu": number,
}
OF_RULE: dict[str, Callable[[str], str]] = {
    "from": selector,
    "to": selector,
    "fwmark": mark,
    "iif": interface,
    "oif": interface,
    "table": table,
    "priority": number,
}
# Other words of `ip` for the same.
_ALIASES = {"protocol": ("proto",), "preference": ("metric", "priority"), "pref": ("priority",), "order": ("priority",)}
_ALIASES |= {"lookup": ("table",)}


def pairs(words: Sequence[str], known: Mapping[str, Callable[[str], str]]) -> dict[str, str]:
    """Words and what follows each of them, checked, under the first of its names.  Raises InputError."""
    found: dict[str, str] = {}
    for at in range(0, len(words), 2):
        word = next((each for each in _ALIASES.get(words[at], ()) if each in known), words[at])
        if word not in known:
            raise InputError(tr("not understood: {0!r}", words[at]), tr("one of: {0}", ", ".join(known)))
        if word in found:
            raise InputError(tr("twice the same: {0!r}", words[at]), tr("once is enough"))
        if at + 1 == len(words):
            raise InputError(tr("nothing behind {0!r}", words[at]), tr("a word and its value"))
        found[word] = known[word](words[at + 1])
    return found
