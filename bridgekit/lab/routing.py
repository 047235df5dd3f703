"""The routes of a node: each leads somewhere, and the kernel would take it (man 8 ip-route)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab import models
from bridgekit.lab.topology import Node, Route
from bridgekit.lab.values import DEFAULT, EVERYWHERE
from bridgekit.translation import tr

if TYPE_CHECKING:
    from bridgekit.lab.reading import Where
    from bridgekit.lab.resolving import Resolver


@dataclass
class _Reached:
    """What a node reaches without a router.

    own: its subnets, each with its interface.  beside: those to which a route with `dev:` alone leads.
    seen: where the routes so far lead to, each with its number in the file.
    """

    own: list[tuple[names.Network, str]]
    beside: list[tuple[names.Network, str]] = field(default_factory=list)
    seen: dict[names.Network, int] = field(default_factory=dict)


def routes(file: Resolver, node: Node, said: models.Node) -> Iterator[Route]:
    """Its routes, each with the interface that it leads through; what is wrong is told."""
    reached = _Reached([(address.network, end.device) for end in node.ends for address in end.addresses])
    linked = {end.device for end in node.ends}
    spare = [
        names.host_address(text).network
        for name, each in said.interfaces.items()
        for text in each.addresses
        if "/" in text and name not in linked
    ]
    for at, route in enumerate(said.routes):
        where: Where = ("topology", "nodes", node.name, "routes", at)
        try:
            device = _device(node, reached, route)
            _once(file, where, at, reached, route)
        except InputError as error:
            # Of a router that an interface without a link would reach, that is what is wrong.
            if not any(names.lone_address(via) in network for via in route.via for network in spare):
                file.tell(file.error(where, error.message, error.hint))
            continue
        if not route.via and route.to != DEFAULT:
            reached.beside.append((names.prefix(route.to), device))
        yield Route(route.to, tuple(route.via), device)


def _device(node: Node, reached: _Reached, route: models.Route) -> str:
    """The interface that a route leads through.  Raises InputError if it leads nowhere."""
    linked = [end.device for end in node.ends]
    if route.dev and route.dev not in linked:
        what = tr("no such interface of {0!r}: {1!r}", node.name, route.dev)
        raise InputError(what, tr("one with a link: {0}", ", ".join(linked) or tr("none")))
    if not (route.via or route.dev):
        raise InputError(tr("a route to nowhere: '{0}'", route.to), tr("via: ROUTER, or dev: INTERFACE"))
    through = [_through(node, reached, via, route.dev or "") for via in route.via]
    return route.dev or through[0]


def _through(node: Node, reached: _Reached, via: str, device: str) -> str:
    """The interface by which a router is reached: the kernel wants it there without another router."""
    router = names.lone_address(via)
    known = [each for each in (*reached.own, *reached.beside) if device in ("", each[1])]
    found = [(network.prefixlen, name) for network, name in known if router in network]
    if not found:
        subnets = ", ".join(str(network) for network, _ in known) or tr("none")
        what = tr("a route to nowhere: {0!r} is in no subnet of {1!r}", via, device or node.name)
        raise InputError(
            what, tr("a router in one of its subnets ({0}), or before it a route to it with `dev:`", subnets)
        )
    return max(found)[1]


def _once(file: Resolver, where: Where, at: int, reached: _Reached, route: models.Route) -> None:
    """The kernel has one route to a destination.  Raises InputError for another."""
    version = names.lone_address(route.via[0]).version if route.via else 4
    to = ip_network(EVERYWHERE[version]) if route.to == DEFAULT else names.prefix(route.to)
    first = reached.seen.setdefault(to, at)
    if first != at:
        line, _ = file.source.place((*where[:-1], first))
        hint = tr("the first is in line {0}; one route with several routers: via: [ADDRESS, ADDRESS]", line)
        raise InputError(tr("two routes to one destination: '{0}'", route.to), hint)
    if to.prefixlen < to.max_prefixlen and any(to == network for network, _ in reached.own):
        raise InputError(
            tr("a route to a subnet that the node is in itself: '{0}'", route.to),
            tr("leave it out: its address says so"),
        )
