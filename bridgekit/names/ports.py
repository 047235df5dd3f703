"""Ports, and the ports of a guest that are published on this host, as the engine's command line writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeVar

from bridgekit.errors import InputError
from bridgekit.names import nobodys
from bridgekit.translation import tr

MOST = 256  # of one command, which then takes half a minute, or with docker-proxies more than one (measured, two cores)
PROTOCOLS = ("tcp", "udp")
T = TypeVar("T")
_ANY = {"", "0.0.0.0"}
_HINT = tr(
    "[ADDRESS:][HOST-PORT:]PORT[/tcp|udp], such as 8080:80, 127.0.0.1:8080:80, 127.0.0.1::80, 7000-7002:80-82/udp"
)
_HOST = tr("an IPv4 address of this host, or 0.0.0.0")
_SPEC = re.compile(
    r"(?:([0-9]+(?:[.][0-9]+){3}):)?(?:([0-9]{0,5})(?:-([0-9]{1,5}))?:)?([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([a-z]+))?\Z",
    re.ASCII,
)
_PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([a-z]+))?\Z", re.ASCII)


@dataclass(frozen=True)
class Port:
    """A port number and its protocol."""

    number: int
    protocol: str = "tcp"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


@dataclass(frozen=True)
class Publication:
    """A port of a guest, published on this host.

    address: the host's address; empty: the network's usual.  low, high: the host's port is one of these; 0: any free.
    """

    port: Port
    address: str = ""
    low: int = 0
    high: int = 0

    @property
    def fixed(self) -> bool:
        """Whether the host's port is known before the script runs."""
        return self.low > 0 and self.low == self.high

    def __str__(self) -> str:
        host = "" if not self.low else str(self.low) if self.fixed else f"{self.low}-{self.high}"
        before = f"{self.address}:{host}:" if self.address else f"{host}:" if host else ""
        return f"{before}{self.port}".removesuffix("/tcp")


def ports(text: str) -> list[Port]:
    """A port or a range of them, `80`, `53/udp`, `7000-7002/tcp`.  Raises InputError."""
    found = _PORT.match(text)
    if not found:
        raise InputError(
            tr("not a port: {0!r}", text), tr("a number with its protocol, such as 80, 53/udp or 7000-7002/tcp")
        )
    low, high = _range(found[1], found[2], text)
    return [Port(number, _protocol(found[3], text)) for number in range(low, high + 1)]


def few(found: list[T]) -> list[T]:
    """The same ports, for each of which a command will make rules.  Raises InputError if they are too many."""
    if len(found) > MOST:
        hint = tr("{0} at most: a command's time grows with the square of their number", MOST)
        raise InputError(tr("too many ports at once: {0}", len(found)), hint)
    return found


def publications(texts: Sequence[str]) -> list[Publication]:
    """Each port that these publish, once.  Raises InputError."""
    found = few([each for text in texts for each in _publications(text)])
    taken: dict[tuple[int, str], list[str]] = {}
    for each in found:
        others = taken.setdefault((each.low, each.port.protocol), [])
        if each.fixed and any(each.address == other or _ANY & {each.address, other} for other in others):
            raise InputError(
                tr("port {0} is already allocated: '{1}'", each.low, each), tr("publish each port of the host once")
            )
        others.append(each.address)
    return found


def _publications(text: str) -> list[Publication]:
    if text.startswith("["):
        raise InputError(
            tr("an IPv6 address of the host is not published at: {0!r}", text), tr("an IPv4 one: 127.0.0.1:8080:80")
        )
    found = _SPEC.match(text.lower())
    if not found or (found[1] and found[2] is None):
        raise InputError(tr("not a port to publish: {0!r}", text), _HINT)
    address, host_low, host_high, low, high, protocol = found.groups()
    first, last = _range(low, high, text)
    where = _address(address, text)
    made = [Port(number, _protocol(protocol, text)) for number in range(first, last + 1)]
    if not host_low or not int(host_low):
        if host_high:
            raise InputError(tr("not a port to publish: {0!r}", text), _HINT)
        return [Publication(port, where) for port in made]
    start, end = _range(host_low, host_high, text)
    if len(made) == 1:
        return [Publication(made[0], where, start, end)]
    if end - start != last - first:
        raise InputError(tr("ranges of unequal length: {0!r}", text), tr("as many ports on both sides: {0}", len(made)))
    return [Publication(port, where, start + number, start + number) for number, port in enumerate(made)]


def _range(low: str, high: str | None, text: str) -> tuple[int, int]:
    first, last = int(low), int(high or low)
    if not 1 <= first <= last <= 65535:
        raise InputError(tr("not a port, or a range of them: {0!r}", text), tr("1 to 65535, the lower one first"))
    return first, last


def _protocol(text: str | None, spec: str) -> str:
    if text not in (None, *PROTOCOLS):
        raise InputError(tr("not a protocol: {0!r}", spec), tr("one of: {0}", ", ".join(PROTOCOLS)))
    return text or "tcp"


def host(text: str) -> str:
    """An address of this host to publish at, IPv4; `0.0.0.0` is every one of them.  Raises InputError."""
    return _address(text, text) or ""


def _address(text: str | None, spec: str) -> str:
    if text is None:
        return ""
    try:
        address = IPv4Address(text)
    except ValueError:
        raise InputError(tr("not an address to publish at: {0!r}", spec), _HOST) from None
    if str(address) not in _ANY and nobodys(address) not in ("", "loopback"):
        raise InputError(tr("no host's address: {0!r}", spec), _HOST)
    return str(address)
