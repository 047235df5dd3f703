"""A lab as text: its picture, its data, and what two files say differently."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from bridgekit.lab.loading import Loaded
from bridgekit.lab.topology import End, Node, Topology


@dataclass(frozen=True)
class Difference:
    """A value that two files say differently.  path: of its keys.  before, after: what they say; None: nothing."""

    path: tuple[str, ...]
    before: Any
    after: Any

    def lines(self) -> Iterator[str]:
        """As a difference is read: `-` what is no longer said, `+` what is said now."""
        where = ".".join(self.path)
        for sign, value in (("-", self.before), ("+", self.after)):
            if value is not None:
                yield f"{sign} {where}: {_flow(value)}"

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"path": list(self.path), "before": self.before, "after": self.after}


def differences(before: Loaded, after: Loaded) -> list[Difference]:
    """What the file of a lab says otherwise than another, in its order; what only the other says comes last."""
    return list(_apart((), *(json.loads(each.content) for each in (before, after))))


def _apart(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*after, *before)):
            yield from _apart((*path, key), before.get(key), after.get(key))
    elif any(isinstance(each, list) and each and isinstance(each[0], dict) for each in (before, after)):
        yield from _items(path, before or [], after or [])
    elif before != after:
        yield Difference(path, before, after)


def _items(path: tuple[str, ...], before: list[Any], after: list[Any]) -> Iterator[Difference]:
    """Of two lists what only one has; of those that differ in order alone all."""
    found = [Difference(path, each, None) for each in before if each not in after]
    found += [Difference(path, None, each) for each in after if each not in before]
    yield from found or ([Difference(path, before, after)] if before != after else ())


def _flow(value: Any) -> str:
    """A value on one line, as a file has it."""
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe", pure=True)
    text = StringIO()
    yaml.default_flow_style = yaml.allow_unicode = True
    yaml.width, yaml.sort_base_mapping_type_on_output = sys.maxsize, False
    yaml.dump(value, text)
    return text.getvalue().removesuffix("\n").removesuffix("\n...")


def as_data(topology: Topology) -> dict[str, Any]:
    """A topology as plain data."""
    far = topology.far
    return {"name": topology.name, "nodes": [_node(each, far) for each in topology.nodes.values()]}


def _node(node: Node, far: dict[tuple[str, str], End]) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.kind,
        "machine": node.machine,
        "namespace": node.netns,
        "device": node.device,
        "image": node.image,
        "addresses": [str(each) for each in node.addresses],
        "interfaces": [_interface(end, far.get((node.name, end.name))) for end in node.ends],
        "routes": [{"to": each.destination, "via": list(each.via), "dev": each.device} for each in node.routes],
        "ports": list(map(str, node.published)),
        "also": [each.command for each in node.also],
        "services": [
            {"name": each.name, "command": list(each.command), "listens": list(map(str, each.listens))}
            for each in node.services
        ],
    }


def _interface(end: End, other: End | None) -> dict[str, Any]:
    return {
        "name": end.name,
        "device": end.device,
        "addresses": [str(each) for each in end.addresses],
        "to": f"{other.node}:{other.name}" if other else "",
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
    rows += [each.command.removeprefix("bridgekit ") for each in node.also]
    for at, row in enumerate(rows, 1):
        yield f"{'└─' if at == len(rows) else '├─'} {row}"


def _end(end: End, other: End | None) -> str:
    to = (f"-- {other.node}:{other.name}",) if other else ()
    return " ".join((end.name, *map(str, end.addresses), *to))
