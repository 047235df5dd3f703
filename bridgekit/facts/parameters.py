"""Kernel parameters of a network namespace.  man 8 sysctl; Documentation/networking/ip-sysctl of the kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space
from bridgekit.names.families import FORWARDING

_BRIDGED = "net.bridge.bridge-nf-call-iptables"
_KEYS = ("net.ipv4.conf.all.accept_redirects", *FORWARDING.values(), _BRIDGED)
_OF_LINK = ("net.ipv4.conf.{}.route_localnet", "net.ipv6.conf.{}.accept_ra")
_USUAL = "default"
_SYS = Path("/proc/sys")


def setting(space: Space, key: str) -> str:
    """A kernel parameter of a namespace, such as `net/ipv4/ip_forward`; empty if it has none."""
    try:
        return space.within(lambda: _value(key))
    except OSError:
        return ""


def _value(key: str) -> str:
    try:
        return (_SYS / key).read_text().strip()
    except OSError:
        return ""


def larger(of_all: str, own: str) -> int:
    """What counts for a link where the kernel takes the larger of two: of `conf/all` and its own; 0 for none."""
    return max((int(value) for value in (of_all, own) if value.lstrip("-").isdecimal()), default=0)


def parameters(space: Space, inside: Sequence[Link]) -> dict[str, str]:
    """The parameters that bridgekit may touch; of those of each link, only what differs from the default."""
    try:
        return dict(sorted(space.within(lambda: list(_found([link.name for link in inside])))))
    except OSError:
        return {}


def _found(links: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = [(key, key.replace(".", "/")) for key in _KEYS]
    yield from ((key, value) for key, path in values if (value := _value(path)))
    for key in _OF_LINK:
        path = key.replace(".", "/")  # before a name is put in, which may hold dots
        usual = _value(path.format(_USUAL))
        found = ((name, _value(path.format(name))) for name in links)
        yield from ((key.format(name), value) for name, value in found if value not in ("", usual))
