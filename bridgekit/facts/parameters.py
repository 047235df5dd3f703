"""Kernel parameters of a network namespace.  man 8 sysctl; Documentation/networking/ip-sysctl of the kernel."""

from __future__ import annotations

from collections.abc import Sequence

from bridgekit.facts.ask import ask
from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space

FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}
_KEYS = ("net.ipv4.conf.all.accept_redirects", *FORWARDING.values())
_USUAL = "default"


def parameters(space: Space, inside: Sequence[Link]) -> dict[str, str]:
    """The parameters that bridgekit may touch; of each link's accept_ra, only what differs from the default."""
    # The names come back in their own spelling, and -e is silent about those that a host without IPv6 lacks.
    asked = [_accept_ra(name) for name in (_USUAL, *(link.name for link in inside))]
    answer = ask(*space.inside("sysctl", "-e", *_KEYS, *asked)) or ""
    found = dict(line.split(" = ", 1) for line in answer.splitlines() if " = " in line)
    usual = found.pop(f"net.ipv6.conf.{_USUAL}.accept_ra", None)
    return {key: value for key, value in sorted(found.items()) if key in _KEYS or value != usual}


def _accept_ra(link: str) -> str:
    # With slashes, because a link's name may hold dots.
    return f"net/ipv6/conf/{link}/accept_ra"
