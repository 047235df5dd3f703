"""What a topology says twice and can be but once, and what the kernel does not take together.

Each would fail when half of the lab is made, or be something else than what the file says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab import models
from bridgekit.lab.reading import FileError, Where
from bridgekit.lab.resolving import Resolver
from bridgekit.lab.topology import End, Node, Topology, joined
from bridgekit.lab.values import DEFAULT
from bridgekit.translation import tr

Errors = Iterator[FileError]
_LEAST_6 = 1280  # bytes that an MTU has where IPv6 is spoken: RFC 8200, 5


def check(file: Resolver, topology: Topology) -> Errors:
    """All of them."""
    checks: tuple[Callable[[Resolver, Topology], Errors], ...] = (_ends, _mtus, _segments, _listens)
    yield from chain.from_iterable(each(file, topology) for each in checks)
    for node in topology.nodes.values():
        yield from _addresses(file, node)
        yield from _routes(file, node)
        yield from _files(file, node)


def _of(node: str, *more: str | int) -> Where:
    return ("topology", "nodes", node, *more)


def _ends(file: Resolver, topology: Topology) -> Errors:
    """No link is the loopback's, and no two of this host's have one name."""
    nodes = topology.nodes
    used = {(node.machine, node.device): name for name, node in nodes.items() if node.device}
    for at, pair in enumerate(topology.links):
        for side, end in enumerate(pair):
            where: Where = ("topology", "links", at, "endpoints", side)
            if end.device == "lo":
                hint = tr("another one; `interfaces: {{lo: ...}}` needs no link")
                yield file.error(where, tr("an interface that has no link: '{0}:lo'", end.node), hint)
            first = end.node if end.netns else used.setdefault((nodes[end.node].machine, end.device), end.node)
            if first != end.node:
                what = tr("two of this host's interfaces are called {0!r}: of {1} and {2}", end.device, first, end.node)
                yield file.error(where, what, tr("another name for one of them"))


def _mtus(file: Resolver, topology: Topology) -> Errors:
    """Where IPv6 is spoken a link has what it needs; a bridge takes the smallest MTU of its ports."""
    for at, pair in enumerate(topology.links):
        if not 0 < pair[0].mtu < _LEAST_6:
            continue
        where: Where = ("topology", "links", at, "mtu")
        for end in pair:
            if file.words[end.node].interfaces.get(end.name, models.Interface()).mtu:
                where = _of(end.node, "interfaces", end.name, "mtu")
        for end in pair:
            own = topology.nodes[end.node].addresses if end.master else end.addresses
            if any(each.version == 6 for each in own):
                what = tr("an MTU with which {0!r} cannot speak IPv6: {1}", end.node, end.mtu)
                yield file.error(where, what, tr("{0} bytes at least", _LEAST_6))
                break


def _segments(file: Resolver, topology: Topology) -> Errors:
    """On one segment each MAC address is one interface's, and so is each address of a node."""
    group = joined(topology.nodes, topology.links)
    macs: dict[tuple[str | int, str], End] = {}
    own: dict[tuple[str | int, str, names.Address], End] = {}
    for at, pair in enumerate(topology.links):
        segment = next((group[end.node] for end in pair if end.node in group), at)
        for end in pair:
            where = _of(end.node, "interfaces", end.name)
            first = macs.setdefault((segment, end.mac.lower()), end) if end.mac else end
            if first is not end:
                what = tr("a MAC address that two have on one segment: {0!r}, {1} and {2}", end.mac, *_both(first, end))
                yield file.error((*where, "macaddress"), what, tr("each its own"))
            for number, address in enumerate(end.addresses):
                first = own.setdefault((segment, end.node, address.ip), end)
                if first is not end:
                    two = (address.ip, *_both(first, end))
                    what = tr("an address that two have on one segment: '{0}', {1} and {2}", *two)
                    yield file.error((*where, "addresses", number), what, tr("each its own"))


def _both(*ends: End) -> Iterator[str]:
    return (f"{end.node}:{end.name}" for end in ends)


def _listens(file: Resolver, topology: Topology) -> Errors:
    """Nodes that share a network share its ports."""
    seen: dict[tuple[str, str], Node] = {}
    for node in topology.nodes.values():
        for service in node.services:
            for port in map(str, service.listens):
                first = seen.setdefault((node.netns, port), node)
                if first is not node:
                    what = tr("{0} and {1} have one network, and both listen on {2}", first.name, node.name, port)
                    where = _of(node.name, "services", service.name, "listens")
                    yield file.error(where, what, tr("a port for each"))


def _addresses(file: Resolver, node: Node) -> Errors:
    """An interface has each address once."""
    for end in node.ends if node.kind != "bridge" else ():
        seen: set[names.Address] = set()
        for at, address in enumerate(end.addresses):
            if address.ip in seen:
                what = tr("an address that '{0}:{1}' has twice: '{2}'", node.name, end.name, address.ip)
                yield file.error(_of(node.name, "interfaces", end.name, "addresses", at), what, tr("once"))
            seen.add(address.ip)


def _routes(file: Resolver, node: Node) -> Errors:
    """A route is of one version, by routers that can be such."""
    own = [address for end in node.ends for address in end.addresses]
    for at, route in enumerate(node.routes):
        where = _of(node.name, "routes", at)
        routers = [names.lone_address(via) for via in route.via]
        versions = {each.version for each in routers}
        if route.destination != DEFAULT:
            versions.add(names.prefix(route.destination).version)
        if len(versions) > 1:
            what = tr("IPv4 and IPv6 in one route: {0}, via {1}", route.destination, ", ".join(route.via))
            yield file.error(where, what, tr("routers of the destination's version"))
        for router in routers:
            if router in {each.ip for each in own}:
                what = tr("a router that is {0!r} itself: '{1}'", node.name, router)
                yield file.error(where, what, tr("another host of its subnet"))
            for network in (each.network for each in own if router in each.network):
                try:
                    names.host_address(f"{router}/{network.prefixlen}")
                except InputError as error:
                    yield file.error(where, error.message, error.hint)


def _files(file: Resolver, node: Node) -> Errors:
    """No file is a folder of another."""
    for service in node.services:
        own = {name for name, _ in service.files}
        for name in own:
            parts = name.split("/")
            for folder in ("/".join(parts[:length]) for length in range(1, len(parts))):
                if folder in own:
                    what = tr("a file that is a folder, too: {0!r}, because of {1!r}", folder, name)
                    where = _of(node.name, "services", service.name, "files", name)
                    yield file.error(where, what, tr("another name for one of them"))
