"""Kernel parameters of a network namespace.  man 8 sysctl; Documentation/networking/ip-sysctl of the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridgekit.facts.ask import ask
from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space
from bridgekit.names.families import FORWARDING

_BRIDGED = "net.bridge.bridge-nf-call-iptables"
_KEYS = ("net.ipv4.conf.all.accept_redirects", *FORWARDING.values(), _BRIDGED)
# With slashes, because a link's name may hold dots.
_OF_LINK = ("net/ipv4/conf/{}/route_localnet", "net/ipv6/conf/{}/accept_ra")
_USUAL = "default"
_SYS = Path("/proc/sys")


def setting(space: Space, key: str) -> str:
    """A kernel parameter of a namespace, such as `net/ipv4/ip_forward`; empty if it has none."""
    try:
        return space.within(lambda: (_SYS / key).read_text().strip())
    except OSError:
        return ""


def larger(of_all: str, own: str) -> int:
    """What counts for a link where the kernel takes the larger of two: of `conf/all` and its own; 0 for none."""
    return max((int(value) for value in (of_all, own) if value.lstrip("-").isdecimal()), default=0)


def parameters(space: Space, inside: Sequence[Link]) -> dict[str, str]:
    """The parameters that bridgekit may touch; of those of each link, only what differs from the default."""
    # The names come back in their own spelling, and -e is silent about those that a host without IPv6 lacks.
    asked = [key.format(name) for name in (_USUAL, *(link.name for link in inside)) for key in _OF_LINK]
    answer = ask(*space.inside("sysctl", "-e", *_KEYS, *asked)) or ""
    found = dict(line.split(" = ", 1) for line in answer.splitlines() if " = " in line)
    usual = {key.rpartition(".")[2]: found.pop(key) for key in list(found) if f".conf.{_USUAL}." in key}
    return {
        key: value for key, value in sorted(found.items()) if key in _KEYS or value != usual.get(key.rpartition(".")[2])
    }
