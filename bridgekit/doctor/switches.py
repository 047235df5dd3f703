"""Judging what the kernel is told of single links, on this host and in guests: only where it changes something here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bridgekit.doctor.finding import ANY, FORWARDED, Breaks, Finding, note, some
from bridgekit.facts.links import Link
from bridgekit.facts.parameters import larger
from bridgekit.facts.places import HOST, Place, Seen
from bridgekit.translation import tr

_SECTION = tr("links")
_STRICT = 1


def switches(seen: Seen) -> Iterator[Finding]:
    """rp_filter, forwarding, accept_ra, proxy_arp, disable_ipv6."""
    for place in (seen.host, *seen.guests):
        yield from _rp_filter(place)
    yield from _forwarding(seen.host)
    yield from _routers(seen)
    yield from _accept_ra(seen.host)
    yield from _proxy_arp(seen.host)
    yield from _without_ipv6(seen)


def _speaking(place: Place) -> list[Link]:
    """The links that have addresses."""
    return [link for link in place.real if link.addresses]


def _effective(place: Place, link: str, key: str) -> int:
    return larger(place.get("all", key), place.get(link, key))


def _set(place: Place, links: Sequence[str], key: str, value: int) -> str:
    """The command that sets a parameter of links; slashes, because a link's name may hold dots."""
    version, _, name = key.partition(".")
    inside = "" if place.name == HOST else f"nsenter --net={shlex.quote(place.space.path)} "
    words = (shlex.quote(f"net/{version}/conf/{link}/{name}={value}") for link in links)
    return f"{inside}sysctl -w {' '.join(words)}"


def _rp_filter(place: Place) -> Iterator[Finding]:
    key = "ipv4.rp_filter"
    strict = [link.name for link in _speaking(place) if _effective(place, link.name, key) == _STRICT]
    of_new = place.name == HOST and _effective(place, "default", key) == _STRICT
    # With one way in and out no packet comes by another.
    if not (len(_speaking(place)) > 1 and strict) and not of_new:
        return
    new = [tr("each new link")] if of_new else []
    found = tr("strict on {0}", some([*strict, *new]))
    advice = tr(
        "packets, also ARP's questions, are dropped that come by another link than the answer would take; "
        "where that is meant: {0}",
        _set(place, [*strict, *(["default"] if of_new else [])], key, 2),
    )
    concerns = () if place.name == HOST else (place.name,)
    yield note(_SECTION, _named(place, "rp_filter"), found, advice, Breaks(ANY, concerns, (4,)))


def _named(place: Place, name: str) -> str:
    return name if place.name == HOST else f"{name}, {place.name}"


def _forwarding(host: Place) -> Iterator[Finding]:
    off = [each.name for each in _speaking(host) if host.get(each.name, "ipv4.forwarding") == "0"]
    if host.get("all", "ipv4.forwarding") == "1" and off:
        found = tr("off for {0}, though on for all", some(off))
        advice = tr(
            "what comes in by it goes no further; if that is not meant: {0}", _set(host, off, "ipv4.forwarding", 1)
        )
        yield note(_SECTION, "forwarding", found, advice, Breaks((FORWARDED,), versions=(4,)))


def _routers(seen: Seen) -> Iterator[Finding]:
    """Guests that others have for their gateway, and that do not forward."""
    for guest in seen.guests:
        own = {address.split()[0].partition("/")[0] for link in guest.links for address in link.addresses}
        others = [place for place in (seen.host, *seen.guests) if place is not guest]
        asking = [each.name for each in others for route in each.routes for hop in route.hops if hop.gateway in own]
        if asking and guest.get("all", "ipv4.forwarding") == "0" and len(guest.real) > 1:
            found = tr("off, but it is a gateway of {0}", some(list(dict.fromkeys(asking))))
            advice = tr("it forwards nothing: {0}", _set(guest, ["all"], "ipv4.forwarding", 1))
            yield note(_SECTION, _named(guest, "forwarding"), found, advice, Breaks(ANY, (guest.name, *asking), (4,)))


def _accept_ra(host: Place) -> Iterator[Finding]:
    """Who forwards does not listen to routers, unless told to: the way out that one told him of goes."""
    defaults = [route for route in host.routes if route.version == 6 and route.to == "default"]
    if any(route.made_by != "ra" for route in defaults):
        return
    ways = {hop.link for route in host.routes if route.to == "default" for hop in route.hops}
    deaf = [
        link.name
        for link in host.real
        if link.name in ways
        and (host.get(link.name, "ipv6.forwarding"), host.get(link.name, "ipv6.accept_ra")) == ("1", "1")
    ]
    if deaf:
        found = tr("1 on {0}, while IPv6 is forwarded", some(deaf))
        advice = tr(
            "router advertisements are ignored: there is no IPv6 route out, or it will expire: {0}",
            _set(host, deaf, "ipv6.accept_ra", 2),
        )
        yield note(_SECTION, "accept_ra", found, advice)


def _proxy_arp(host: Place) -> Iterator[Finding]:
    on = [each.name for each in _speaking(host) if _effective(host, each.name, "ipv4.proxy_arp") == 1]
    if on:
        found = tr("on for {0}", some(on))
        advice = tr(
            "this host answers there for each address that it has a route to by another link, "
            "so that it may be taken for a neighbour; if that is not meant: {0}",
            _set(host, on, "ipv4.proxy_arp", 0),
        )
        yield note(_SECTION, "proxy_arp", found, advice)


def _without_ipv6(seen: Seen) -> Iterator[Finding]:
    """A bridge, or a guest at it, that must not speak the IPv6 that the other end has addresses of."""
    key = "ipv6.disable_ipv6"
    for bridge in seen.bridges:
        ends = [end for port in seen.ports(bridge.name) if (end := seen.guest_at(port))]
        all_ = [(seen.host, bridge), *ends]
        speaking = [(place, link) for place, link in all_ if any(":" in each for each in link.addresses)]
        for place, link in all_ if speaking else ():
            if place.get(link.name, key) == "1":
                found = tr("on for {0} of {1}, though others at {2} have IPv6", link.name, place.name, bridge.name)
                advice = tr("it neither asks nor answers there: {0}", _set(place, [link.name], key, 0))
                yield note(_SECTION, "disable_ipv6", found, advice, Breaks(ANY, (place.name,), (6,)))
