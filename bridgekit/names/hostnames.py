"""Checked values of name lookup: host names, search domains, resolvers, NAME:IP pairs.  As `names`, or refused."""

from __future__ import annotations

import re
from ipaddress import ip_address

from bridgekit.errors import InputError
from bridgekit.names import Address, nobodys
from bridgekit.translation import tr

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z", re.ASCII)
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+\Z", re.ASCII)
_HINT = tr("labels of letters, digits and `-`, joined by dots: db or db.example.test; no label longer than 63")
_STUBS = ("127.0.0.53", "127.0.0.54")
_RESOLVERS = 3  # MAXNS of resolv.h: the C library asks no more


def hostname(text: str) -> str:
    """A host's own name: RFC 1123, at most 64 bytes (HOST_NAME_MAX).  Raises InputError."""
    return _name(tr("a host name"), text, 64)


def host(text: str) -> str:
    """A name to look up: RFC 1123, at most 253 bytes.  Raises InputError."""
    return _name(tr("a host name"), text, 253)


def domain(text: str) -> str:
    """A domain to search: RFC 1123, at most 253 bytes.  Raises InputError."""
    return _name(tr("a search domain"), text, 253)


def _name(what: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise InputError(tr("{0} of more than {1} characters: {2!r}", what, longest, text), tr("a shorter one"))
    labels = text.split(".")
    if not all(map(_LABEL.match, labels)):
        raise InputError(
            tr("not {0}: {1!r}", what, text),
            _HINT,
        )
    if labels[-1].isdigit():
        raise InputError(tr("not {0}: {1!r}", what, text), tr("a number at the end would be read as an address"))
    return text


def resolver(text: str) -> str:
    """The address of a name server; the guest's own loopback is one.  Raises InputError."""
    hint = tr("an address without prefix, such as 203.0.113.2")
    found = str(_address(tr("the address of a name server"), text, hint))
    if found in _STUBS:
        raise InputError(
            tr("only the host's own programs reach systemd-resolved at {0!r}", found),
            tr("a server that the guest can reach; the host asks those of: resolvectl dns"),
        )
    return found


def resolvers(texts: tuple[str, ...]) -> tuple[str, ...]:
    """As many as are ever asked.  Raises InputError."""
    found = distinct(tuple(map(resolver, texts)))
    if len(found) > _RESOLVERS:
        raise InputError(
            tr("too many name servers: {0}", len(found)), tr("the C library asks the first {0} alone", _RESOLVERS)
        )
    return found


def entry(text: str) -> tuple[str, str]:
    """A name and its address of `NAME:IP`; an IPv6 address has colons of its own.  Raises InputError."""
    hint = tr("NAME:IP, such as db:10.0.0.3 or db:fd00::3")
    name, colon, address = text.partition(":")
    if not colon:
        raise InputError(tr("not a name with its address: {0!r}", text), hint)
    return host(name), str(_address(tr("an address"), address, hint))


def distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The same values.  Raises InputError if one is there twice."""
    for number, text in enumerate(texts):
        if text in texts[:number]:
            raise InputError(tr("twice the same: {0!r}", text), tr("once is enough"))
    return texts


def _address(what: str, text: str, hint: str) -> Address:
    try:
        if not _ADDRESS.match(text):
            raise ValueError
        address = ip_address(text)
    except ValueError:
        raise InputError(tr("not {0}: {1!r}", what, text), hint) from None
    if nobodys(address) in ("multicast", "broadcast"):
        raise InputError(tr("no single host's address: {0!r}", text), hint)
    return address
