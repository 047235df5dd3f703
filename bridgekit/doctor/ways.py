"""Judging routes and name servers: networks that meet, ways out, whom a guest would ask for a name."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from bridgekit.doctor.finding import ANY, FORWARDED, Breaks, Finding, note, some
from bridgekit.facts.places import HOST, Place, Route, Seen
from bridgekit.translation import joined, tr

_SECTION = tr("routes")
_SPLIT = {"0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"}  # with which a VPN takes all, beside the default route


def ways(seen: Seen) -> Iterator[Finding]:
    """What the routes of this host and its guests do to guests."""
    yield from _overlaps(seen)
    yield from _vpn(seen.host)
    for place in (seen.host, *seen.guests):
        yield from _defaults(place)
    yield from _resolvers(seen)


def _network(route: Route) -> IPv4Network | IPv6Network:
    everything = "::/0" if route.version == 6 else "0.0.0.0/0"
    return ip_network(everything if route.to == "default" else route.to, strict=False)


def _overlaps(seen: Seen) -> Iterator[Finding]:
    """A bridge's own network that another route takes, or a part of it, or that hides a part of another link's."""
    routes = [route for route in seen.host.routes if not route.to.startswith(("fe80:", "ff00:"))]
    bridges = {link.name for link in seen.bridges}
    own = [route for route in routes if route.made_by == "kernel" and route.hops[0].link in bridges]
    for route in own:
        network, bridge = _network(route), route.hops[0].link
        for other in routes:
            link = other.hops[0].link
            theirs = _network(other)
            if link == bridge or route.version != other.version or not theirs.overlaps(network):
                continue
            if theirs == network and link in bridges and link < bridge:
                continue  # which was said the other way round
            if theirs.prefixlen >= network.prefixlen:
                yield _taken(route, other)
            elif other.made_by == "kernel" and link not in bridges:
                yield _hidden(route, other)


def _taken(route: Route, other: Route) -> Finding:
    bridge, link = route.hops[0].link, other.hops[0].link
    found = tr("{0} leads to {1}, and {2} to {3}", route.to, bridge, other.to, link)
    advice = tr(
        "packets for guests on {0} may leave by {1}, and the other way round: give one of them another subnet",
        bridge,
        link,
    )
    return note(_SECTION, bridge, found, advice, Breaks(ANY, versions=(route.version,)))


def _hidden(route: Route, other: Route) -> Finding:
    bridge, link = route.hops[0].link, other.hops[0].link
    found = tr("{0} of {1} is a part of {2} of {3}", route.to, bridge, other.to, link)
    advice = tr("hosts of that part behind {0} are not reached from here: give {1} another subnet", link, bridge)
    return note(_SECTION, bridge, found, advice)


def _vpn(host: Place) -> Iterator[Finding]:
    split = [route for route in host.routes if route.to in _SPLIT]
    usual = [hop.link for route in host.routes if route.to == "default" and route.version == 4 for hop in route.hops]
    links = dict.fromkeys(hop.link for route in split for hop in route.hops)
    if split and set(links) - set(usual):
        found = tr("{0} by {1}, beside the default route", joined(route.to for route in split), ", ".join(links))
        advice = tr(
            "guests' packets leave by it: masquerade there: bridgekit outbound SUBNET --uplink {0}", next(iter(links))
        )
        yield note(_SECTION, tr("default route"), found, advice, Breaks((FORWARDED,)))


def _defaults(place: Place) -> Iterator[Finding]:
    for version in (4, 6):
        routes = [each for each in place.routes if each.to == "default" and each.version == version]
        hops = [(hop, route.metric) for route in routes for hop in route.hops]
        if len({hop.link for hop, _ in hops}) < 2:
            continue
        each = joined(
            (tr("{0} by {1}, metric {2}", hop.gateway or "-", hop.link, metric) for hop, metric in hops), "; "
        )
        at_once = [route for route in routes if len(route.hops) > 1]
        if at_once:
            advice = tr("packets leave by either: a rule that masquerades is needed for each link")
        elif place.name == HOST:
            advice = tr(
                "the smallest metric counts, until its link is down; `outbound --uplink` names the one that is meant"
            )
        else:
            advice = tr(
                "only the smallest metric counts: what came in by the others is answered by it, and may be lost so"
            )
        name = tr("default routes") if place.name == HOST else tr("default routes, {0}", place.name)
        concerns = () if place.name == HOST else (place.name,)
        yield note(_SECTION, name, each, advice, Breaks((FORWARDED,), concerns, (version,)))


def _resolvers(seen: Seen) -> Iterator[Finding]:
    """Namespaces with a name, which take this host's resolv.conf, where an address of 127.x is their own loopback."""
    mute = [each.name for each in seen.guests if each.resolvers and all(map(_is_loopback, each.resolvers))]
    if mute:
        servers = next(each.resolvers for each in seen.guests if each.name == mute[0]) or ()
        found = tr("{0} ask {1}, their own loopback", some(mute), ", ".join(servers))
        advice = tr("no name is found in them: bridgekit dns {0} --dns ADDRESS", mute[0])
        yield note(_SECTION, "resolv.conf", found, advice)


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False
