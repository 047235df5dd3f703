"""The ports of this host that lead to nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bridgekit import names
from bridgekit.lab.topology import NAMESPACES, Node, Topology
from bridgekit.translation import tr

if TYPE_CHECKING:
    from bridgekit.lab.reading import FileError
    from bridgekit.lab.resolving import Resolver


def check(file: Resolver, topology: Topology) -> Iterator[FileError]:
    """A published port can be reached from this host, and is published once."""
    taken: dict[tuple[int, str, str], list[tuple[str, str]]] = {}
    for node in topology.nodes.values():
        if node.published and node.kind in NAMESPACES and published_at(topology, node) is None:
            what = tr("this host does not reach {0!r}, so its ports cannot be published", node.name)
            yield file.error(("topology", "nodes", node.name, "ports"), what, _reached(topology, node))
        for each in filter(lambda each: each.fixed, node.published):
            others = taken.setdefault((each.low, each.port.protocol, node.machine), [])
            first = next((name for address, name in others if _meet(each.address, address)), None)
            if first:
                what = tr("port {0} of this host is published twice: {1} and {2}", each.low, first, node.name)
                hint = tr("each port of an address of this host once")
                yield file.error(("topology", "nodes", node.name, "ports"), what, hint)
            others.append((each.address, node.name))


def _meet(one: str, other: str) -> bool:
    return one == other or not {"", "0.0.0.0"}.isdisjoint((one, other))


def _reached(topology: Topology, node: Node) -> str:
    """How this host would reach a node."""
    for end in node.ends:
        far = topology.far.get((end.node, end.name))
        if far and far.master and not topology.nodes[far.node].addresses:
            return tr("`addresses:` of the bridge {0}, in its subnet: this host is not on it", far.node)
    return tr("a link to a bridge that has `addresses:` in its subnet")


def published_at(topology: Topology, node: Node) -> tuple[str, str, names.Interface] | None:
    """By which bridge this host reaches a node, by which port of it, and at which address."""
    for end in node.ends:
        other = topology.far.get((end.node, end.name))
        if other is None or not other.master or topology.nodes[other.node].machine != node.machine:
            continue
        homes = topology.nodes[other.node].addresses
        for address in end.addresses:
            if address.version == 4 and any(address.ip in home.network for home in homes):
                return other.master, other.device, address
    return None
