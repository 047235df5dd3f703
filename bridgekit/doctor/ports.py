"""Judging bridges: what their ports let pass, of which size, and how many there are."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from bridgekit.doctor.finding import ANY, FULL_SIZE, Breaks, Finding, note, some
from bridgekit.facts.links import Link
from bridgekit.facts.places import Seen
from bridgekit.translation import tr

_SECTION = tr("bridges")
_MOST_PORTS, _MANY_PORTS = 1023, 900  # BR_MAX_PORTS of the kernel's net/bridge, but for one
_WAITING = ("listening", "learning")


def ports(seen: Seen, clamped: Collection[str]) -> Iterator[Finding]:
    """Each bridge of this host.  clamped: the links by which TCP leaves in segments that fit; `*` is each."""
    for bridge in seen.bridges:
        yield from _waiting(bridge, seen)
        yield from _sizes(bridge, seen)
        yield from _number(bridge, seen)
        if "*" not in clamped:
            yield from _uplinks(bridge, seen, clamped)


def _waiting(bridge: Link, seen: Seen) -> Iterator[Finding]:
    waiting = [port for port in seen.ports(bridge.name) if port.state in _WAITING]
    if waiting:
        behind = [end[0].name for port in waiting if (end := seen.guest_at(port))]
        found = tr("ports listen or learn still: {0}", some([each.name for each in waiting]))
        advice = tr(
            "spanning tree lets nothing pass by a new port for 30 s; without loops it is not needed: {0}", _off(bridge)
        )
        yield note(_SECTION, tr("{0}: spanning tree", bridge.name), found, advice, Breaks(ANY, behind))


def _off(bridge: Link) -> str:
    return f"ip link set {shlex.quote(bridge.name)} type bridge stp_state 0"


def _sizes(bridge: Link, seen: Seen) -> Iterator[Finding]:
    """The smallest MTU of all that hang at a bridge: what is bigger vanishes in it without a word."""
    ends = {bridge.name: bridge.mtu} if bridge.addresses else {}
    behind: dict[str, str] = {}
    for port in seen.ports(bridge.name):
        ends[port.name] = port.mtu
        if end := seen.guest_at(port):
            ends[f"{end[0].name} {end[1].name}"] = end[1].mtu
            behind[f"{end[0].name} {end[1].name}"] = end[0].name
    least = min(ends.values(), default=0)
    bigger = {name: mtu for name, mtu in ends.items() if mtu > least}
    if bigger:
        small = next(name for name, mtu in ends.items() if mtu == least)
        found = tr("MTU {0} of {1}, but {2}", least, small, some([f"{name} {mtu}" for name, mtu in bigger.items()]))
        advice = tr("what is bigger than {0} bytes is dropped without a word: give all of them one MTU", least)
        yield note(_SECTION, tr("{0}: MTU", bridge.name), found, advice, Breaks((FULL_SIZE,)))


def _number(bridge: Link, seen: Seen) -> Iterator[Finding]:
    number = len(seen.ports(bridge.name))
    if number >= _MANY_PORTS:
        advice = tr("the kernel takes no more than {0}: put further guests on a bridge of their own", _MOST_PORTS)
        yield note(_SECTION, tr("{0}: ports", bridge.name), str(number), advice)


def _uplinks(bridge: Link, seen: Seen, clamped: Collection[str]) -> Iterator[Finding]:
    """The ways out that take smaller packets than a bridge of guests."""
    ways = {hop.link for route in seen.host.routes if route.to == "default" for hop in route.hops}.difference(clamped)
    guests = [end[0].name for port in seen.ports(bridge.name) if (end := seen.guest_at(port))]
    for link in seen.host.links:
        if link.name in ways and bridge.addresses and link.mtu < bridge.mtu and link.name != bridge.name:
            found = tr("MTU {0}, but the way out by {1} takes {2}", bridge.mtu, link.name, link.mtu)
            clamp = (
                f"iptables -t mangle -A FORWARD -o {shlex.quote(link.name)} -p tcp --tcp-flags SYN,RST SYN "
                "-j TCPMSS --clamp-mss-to-pmtu"
            )
            advice = tr(
                "where ICMP is filtered, what guests send out stops: attach --mtu {0}, or: {1}", link.mtu, clamp
            )
            yield note(_SECTION, tr("{0}: way out", bridge.name), found, advice, Breaks((FULL_SIZE,), guests))
