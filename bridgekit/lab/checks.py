"""Whether a topology can be: what two parts of it say must fit.  Each error is told where it stands in the file."""

from __future__ import annotations

from collections.abc import Iterator

from bridgekit import names
from bridgekit.lab import clashes, hostports, models, probes
from bridgekit.lab.reading import FileError, Where
from bridgekit.lab.resolving import Resolver
from bridgekit.lab.topology import NAMESPACES, Node, Topology, joined
from bridgekit.recipes.wiring import MOST_PORTS
from bridgekit.translation import tr

Errors = Iterator[FileError]


def check(file: Resolver, topology: Topology) -> Errors:
    """All that cannot be."""
    yield from _shared(file, topology)
    yield from _interfaces(file, topology)
    for node in topology.nodes.values():
        yield from _words(file, node)
    yield from _segments(file, topology)
    yield from _networks(file, topology)
    yield from hostports.check(file, topology)
    yield from probes.check(file, topology)
    yield from clashes.check(file, topology)


def _of(node: str, *more: str | int) -> Where:
    return ("topology", "nodes", node, *more)


def _shared(file: Resolver, topology: Topology) -> Errors:
    """Who shares another's network: that is one, and there is an end of it."""
    told: set[str] = set()
    for node in topology.nodes.values():
        ring = [node.name]
        while (at := topology.nodes[ring[-1]]).shares:
            where, of = _of(at.name, "network_mode"), topology.nodes.get(at.shares)
            if of is None or of.kind not in NAMESPACES or of.machine != at.machine:
                if at is node:
                    hint = tr("a guest of the same machine") if at.machine else tr("a guest")
                    yield file.error(where, tr("no node that has a network to share: {0!r}", at.shares), hint)
                break
            ring.append(of.name)
            if of.name in ring[:-1]:
                if told.isdisjoint(ring):
                    what = tr("each has the other's network: {0}", " -> ".join(ring))
                    yield file.error(where, what, tr("one with a network of its own"))
                told.update(ring)
                break
        else:
            yield from _of_its_engine(file, node, topology.nodes[ring[-1]])


def _of_its_engine(file: Resolver, node: Node, of: Node) -> Errors:
    """A container has the network of another one that its engine knows."""
    if node.guest and (of.guest is None or of.guest.kind != node.guest.kind):
        what = tr("no container of {0} has the network that this one is to have: {1!r}", node.guest.kind, of.name)
        hint = tr("a node with `image:`, of the same `runtime:`; or this one without `image:`")
        yield file.error(_of(node.name, "network_mode"), what, hint)


def _interfaces(file: Resolver, topology: Topology) -> Errors:
    """Each interface has one link, and each that is described has one at all."""
    used: dict[tuple[str, str], int] = {}
    ports: dict[str, int] = {}
    for at, pair in enumerate(topology.links):
        for side, end in enumerate(pair):
            where: Where = ("topology", "links", at, "endpoints", side)
            first = used.setdefault((end.node, end.name), at)
            if first != at or (side and pair[0].node == pair[1].node and pair[0].name == end.name):
                hint = tr("it is an end of link {0} already; a link has an interface for itself", first + 1)
                yield file.error(where, tr("an interface that is used twice: '{0}:{1}'", end.node, end.name), hint)
            ports[end.node] = ports.get(end.node, 0) + 1
            if topology.nodes[end.node].kind == "bridge" and ports[end.node] == MOST_PORTS + 1:
                most = tr("a bridge of Linux has {0} ports", MOST_PORTS)
                yield file.error(where, tr("more links than ports: {0!r}", end.node), most)
    for name, node in topology.nodes.items():
        for interface in file.words[name].interfaces if _has_interfaces(node) else ():
            if (name, interface) not in used and interface != "lo" and not _inherited(file, name, interface):
                what = tr("an interface without a link: '{0}:{1}'", name, interface)
                yield file.error(_of(name, "interfaces", interface), what, tr("`links:` joins it to another one"))


def _has_interfaces(node: Node) -> bool:
    return node.kind not in ("bridge", "outside") and not node.shares


def _inherited(file: Resolver, node: str, interface: str) -> bool:
    """Whether it is only what all nodes, or those of its kind, would have."""
    return interface not in file.lab.topology.nodes[node].interfaces


def _words(file: Resolver, node: Node) -> Errors:
    """A node says nothing that its kind cannot have."""
    for key, is_unfit in _unfit(file.words[node.name], node).items():
        if is_unfit:
            what = tr("a node of the kind {0} has no {1!r}: {2!r}", node.kind, key, node.name)
            yield file.error(_of(node.name, key), what, _instead(node, key))
    if node.kind in ("nat", "bridge"):
        yield from _masquerade(file, node)
    for each in node.published:
        if not each.fixed:
            what = tr("a port of this host that the file does not say: '{0}'", each)
            yield file.error(_of(node.name, "ports"), what, tr("8080:{0}, say", each.port.number))
    yield from _services(file, node)


def _instead(node: Node, key: str) -> str:
    """Where a node says what its kind cannot have: how it would be right."""
    if node.shares:
        return tr("of {0}, whose network it has", node.shares)
    fits = {"addresses": "interfaces: {eth0: {addresses: [10.0.0.2/24]}}", "masquerade": "kind: nat"}
    return fits.get(key, tr("leave it out, or another kind"))


def _masquerade(file: Resolver, node: Node) -> Errors:
    """What is masqueraded: of nat interfaces with a link, of a bridge the subnets that this host is in."""
    where, linked = _of(node.name, "masquerade"), [end.device for end in node.ends]
    if node.outward and not (node.kind == "bridge" and node.addresses):
        hint = tr("a bridge with `addresses:`; of nat a list of its interfaces")
        yield file.error(where, tr("nothing to masquerade: {0!r}", node.name), hint)
    elif node.kind == "nat" and not node.masquerade:
        hint = tr(
            "masquerade: [INTERFACE], the one that leads out (of: {0}); or kind: router",
            ", ".join(linked) or tr("none"),
        )
        yield file.error(where, tr("a nat that masquerades out of no interface: {0!r}", node.name), hint)
    for interface in node.masquerade:
        if node.kind != "nat" or interface not in linked:
            what = tr("no interface to masquerade out of: {0!r}", interface)
            yield file.error(where, what, _one_of(linked) if node.kind == "nat" else tr("masquerade: true"))


def _one_of(interfaces: list[str]) -> str:
    return tr("one with a link: {0}", ", ".join(interfaces) or tr("none"))


def _unfit(said: models.Node, node: Node) -> dict[str, bool]:
    """Of each key whether the node has it, and cannot."""
    inside = node.kind in NAMESPACES
    return {
        "interfaces": bool(said.interfaces) and not _has_interfaces(node),
        "routes": bool(said.routes) and not (inside or node.kind == "host"),
        "addresses": bool(node.addresses) and node.kind != "bridge",
        "isolated": node.isolated and node.kind != "bridge",
        "image": bool(node.image) and not inside,
        "services": bool(node.services) and not inside,
        "ports": bool(node.published) and not inside,
        "extra_hosts": bool(node.hosts) and not inside,
        "sysctls": bool(node.sysctls) and not inside,
        "command": bool(node.command) and not node.image,
        "also": bool(node.also) and (bool(node.shares) or not (inside or node.kind == "host")),
        "masquerade": bool(node.masquerade or node.outward) and node.kind not in ("nat", "bridge"),
    }


def _services(file: Resolver, node: Node) -> Errors:
    """No two services of a node want one port."""
    seen: dict[str, str] = {}
    for service in node.services:
        for port in map(str, service.listens):
            if seen.setdefault(port, service.name) != service.name:
                where = _of(node.name, "services", service.name, "listens")
                what = tr("two services listen on {0}: {1} and {2}", port, seen[port], service.name)
                yield file.error(where, what, tr("a port for each"))


def _segments(file: Resolver, topology: Topology) -> Errors:
    """On one segment, bridges that are linked, each address is one node's."""
    for segment in segments(topology):
        seen: dict[names.Address, str] = {}
        for node, address in segment:
            if seen.setdefault(address.ip, node) != node:
                what = tr(
                    "an address that two have on one segment: '{0}', {1} and {2}", address.ip, seen[address.ip], node
                )
                yield file.error(_place(file, node, address), what, tr("each its own; `subnets:` hands them out"))


def _place(file: Resolver, node: str, address: names.Interface) -> Where:
    """Where an address of a node stands."""
    said = file.words[node]
    lists = [
        (("addresses",), said.addresses),
        *((("interfaces", n, "addresses"), i.addresses) for n, i in said.interfaces.items()),
    ]
    for path, texts in lists:
        if str(address) in texts:
            return _of(node, *path, texts.index(str(address)))
    return _of(node)


def segments(topology: Topology) -> Iterator[list[tuple[str, names.Interface]]]:
    """The addresses of each segment, with their nodes."""
    group = joined(topology.nodes, topology.links)
    found: dict[str, list[tuple[str, names.Interface]]] = {}
    for name in group:
        found.setdefault(group[name], []).extend((name, each) for each in topology.nodes[name].addresses)
    for first, second in topology.links:
        ends = [each for each in (first, second) if each.node not in group]
        own = [(each.node, address) for each in ends for address in each.addresses]
        bridge = next((each.node for each in (first, second) if each.node in group), None)
        if bridge is None:
            yield own
        else:
            found[group[bridge]].extend(own)
    yield from found.values()


def _networks(file: Resolver, topology: Topology) -> Errors:
    """This host is in each subnet but once."""
    seen: list[tuple[Node, names.Interface]] = []
    for _, node, address in topology.networks():
        for other, before in seen:
            if other.machine != node.machine or before.version != address.version:
                continue
            if before.network.overlaps(address.network):
                what = tr(
                    "this host would be in one subnet twice: '{0}' on {1}, '{2}' on {3}",
                    before,
                    other.name,
                    address,
                    node.name,
                )
                yield file.error(
                    _place(file, node.name, address), what, tr("a bridge without an address, or another subnet")
                )
        seen.append((node, address))
