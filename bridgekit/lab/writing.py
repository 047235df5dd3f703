"""A lab as text: its picture, its data, and what two files say differently."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from bridgekit.lab.loading import Loaded
from bridgekit.lab.topology import End, Node, Topology


def difference(before: Loaded, after: Loaded) -> list[str]:
    """The lines of a unified diff of the contents of two files."""
    old, new = (json.dumps(json.loads(each.content), indent=2).splitlines() for each in (before, after))
    return list(unified_diff(old, new, fromfile="up", tofile=after.source.name, lineterm=""))


def as_data(topology: Topology) -> dict[str, Any]:
    """A topology as plain data."""
    far = topology.far
    return {"name": topology.name, "nodes": [_node(each, far) for each in topology.nodes.values()]}


def _node(node: Node, far: dict[tuple[str, str], End]) -> dict[str, Any]:
    links = [
        {
            "name": end.name,
            "device": end.device,
            "addresses": [str(each) for each in end.addresses],
            "to": f"{other.node}:{other.name}" if (other := far.get((node.name, end.name))) else "",
        }
        for end in node.ends
    ]
    return {
        "name": node.name,
        "kind": node.kind,
        "machine": node.machine,
        "namespace": node.netns,
        "device": node.device,
        "image": node.image,
        "addresses": [str(each) for each in node.addresses],
        "interfaces": links,
        "routes": [{"to": each.destination, "via": list(each.via), "dev": each.device} for each in node.routes],
        "ports": list(map(str, node.published)),
        "services": [
            {"name": each.name, "command": list(each.command), "listens": list(map(str, each.listens))}
            for each in node.services
        ],
    }


def picture(topology: Topology) -> str:
    """A topology in lines: each node, its interfaces with their addresses, and whom these lead to."""
    far = topology.far
    return "\n".join(line for node in topology.nodes.values() for line in _lines(node, far))


def _lines(node: Node, far: dict[tuple[str, str], End]) -> Iterator[str]:
    on = (f"@{node.machine}",) if node.machine else ()
    yield " ".join((node.name, f"({node.kind})", *on, *map(str, node.addresses), *map(str, node.published)))
    rows = [_end(end, far.get((node.name, end.name))) for end in node.ends]
    rows += [f"{each.name}: {' '.join(each.command)}" for each in node.services]
    for at, row in enumerate(rows, 1):
        yield f"{'└─' if at == len(rows) else '├─'} {row}"


def _end(end: End, other: End | None) -> str:
    to = (f"-- {other.node}:{other.name}",) if other else ()
    return " ".join((end.name, *map(str, end.addresses), *to))
