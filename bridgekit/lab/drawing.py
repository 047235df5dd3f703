"""A lab as a graph: what its file says, as boxes and cables; each machine is a frame of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bridgekit.drawing.graph import Cluster, Edge, End as Tip, Graph, Node as Box, Port
from bridgekit.lab.topology import End, Node, Topology
from bridgekit.translation import joined, tr

_DEPTHS = {"guest": 0, "bridge": 1, "router": 2, "nat": 2, "host": 3, "outside": 4}


def graph(topology: Topology) -> Graph:
    """Draw a lab."""
    machines = list(topology.machines) or [topology.name]
    frames = tuple(Cluster(f"machine:{name}", name) for name in machines)
    boxes = tuple(_box(node, f"machine:{node.machine or topology.name}") for node in topology.nodes.values())
    return Graph(boxes, tuple(_cables(topology)), frames)


def _box(node: Node, frame: str) -> Box:
    kind = "router" if node.kind == "nat" else node.kind
    inside = () if node.kind in ("host", "outside") else (frame,)
    ports = () if node.kind == "bridge" else tuple(Port(end.name, tuple(_words(end))) for end in node.ends)
    return Box(node.name, node.name, kind, tuple(_lines(node)), ports, *inside)


def _lines(node: Node) -> Iterator[str]:
    yield from map(str, node.addresses)
    if node.isolated:
        yield tr("its ports are kept apart")
    if node.forwards:
        yield tr("forwards {0}", joined([f"IPv{version}" for version in node.versions]))
    if node.masquerade:
        yield tr("masquerades out of {0}", ", ".join(node.masquerade))
    if node.outward:
        yield tr("NAT: what leaves by this host has its address")
    yield from (tr("published: {0}", str(each)) for each in node.published)
    if node.services:
        yield ", ".join(service.name for service in node.services)


def _words(end: End) -> Iterator[str]:
    yield from map(str, end.addresses)
    if end.mtu:
        yield f"mtu {end.mtu}"


def _cables(topology: Topology) -> Iterator[Edge]:
    for pair in topology.links:
        one, other = sorted(pair, key=lambda end: _DEPTHS[topology.nodes[end.node].kind])
        yield Edge(_tip(topology, one), _tip(topology, other))
    for node in topology.nodes.values():
        if node.shares:
            yield Edge(Tip(node.name), Tip(node.shares), tr("one namespace"), loose=True)


def _tip(topology: Topology, end: End) -> Tip:
    return Tip(end.node, "" if topology.nodes[end.node].kind == "bridge" else end.name)
