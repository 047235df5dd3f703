"""Boxes, the cables between them, and frames around some of them: what every writer draws."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.translation import joined

# What a box can be, with the colours of its ground and of its lines.
KINDS = {
    "host": ("#fff4d6", "#b8860b"),
    "bridge": ("#d9e8fb", "#2f6db5"),
    "guest": ("#e3f4e1", "#3c8a3c"),
    "router": ("#fde5cf", "#c2641a"),
    "nat": ("#fbe0e6", "#b03a5b"),
    "link": ("#eeeeee", "#666666"),
    "outside": ("#ffffff", "#666666"),
    "stale": ("#f4f4f4", "#b0b0b0"),
}


@dataclass(frozen=True)
class Port:
    """An interface of a box, where a cable can end.  words: its addresses, and what is not usual of it."""

    name: str
    words: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands in its row: the name with the first word, and the others below."""
        first, rest = joined((self.name, *self.words[:1]), "  "), self.words[1:]
        return (first, *rest)


@dataclass(frozen=True)
class Node:
    """A box.

    key: by which cables name it.  name: what a person reads.  kind: one of KINDS.
    lines: what stands below the name.  cluster: the frame that it is in, empty if in none.
    """

    key: str
    name: str
    kind: str = "guest"
    lines: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    cluster: str = ""


@dataclass(frozen=True)
class End:
    """Where a cable ends: at a box, and at which of its interfaces, if that is shown."""

    node: str
    port: str = ""


@dataclass(frozen=True)
class Edge:
    """A cable.  The box of `one` is drawn above that of `other`.

    label: what stands at it.  loose: it is no cable but shares one, as a macvlan does with its parent.
    """

    one: End
    other: End
    label: str = ""
    loose: bool = False


@dataclass(frozen=True)
class Cluster:
    """A frame around boxes: a host."""

    key: str
    name: str


@dataclass(frozen=True)
class Graph:
    """A network to be drawn; a text that can be translated is so when it is written."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    clusters: tuple[Cluster, ...] = ()

    def inside(self, cluster: str) -> tuple[Node, ...]:
        """The boxes in a frame; of an empty key those that are in none."""
        return tuple(node for node in self.nodes if node.cluster == cluster)
