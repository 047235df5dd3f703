"""A graph as a flowchart of Mermaid, which web pages and many forges draw.  mermaid.js.org, Flowcharts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bridgekit.drawing.graph import KINDS, Edge, End, Graph, Node
from bridgekit.streams import one_line

# Within quotes a text has entities, markup and Markdown: all of ASCII but these is written as `#NUMBER;`.
_SPECIAL = re.compile(r"[^\w ./:,()=+\u0080-\U0010ffff-]")
_SHAPES = {"bridge": '(["{0}"])', "nat": '{{{{"{0}"}}}}', "outside": '(("{0}"))', "link": '(["{0}"])'}
_BOX = '["{0}"]'


def mermaid(graph: Graph, told: Callable[[str], str] = str) -> str:
    """A graph as text that Mermaid reads.  told: gives a text in the reader's language."""
    return "\n".join(("flowchart TB", *_Writer(graph, told).lines()))


class _Writer:
    def __init__(self, graph: Graph, told: Callable[[str], str]) -> None:
        self.graph, self.told = graph, told
        self.ids = {node.key: f"n{number}" for number, node in enumerate(graph.nodes)}
        self.several = {node.key for node in graph.nodes if len(node.ports) > 1}

    def lines(self) -> Iterator[str]:
        for number, cluster in enumerate(self.graph.clusters):
            yield f'  subgraph c{number}["{self.escaped(cluster.name)}"]'
            yield from (f"    {self.box(node)}" for node in self.graph.inside(cluster.key))
            yield "  end"
        yield from (f"  {self.box(node)}" for node in self.graph.inside(""))
        yield from (f"  {self.cable(edge)}" for edge in self.graph.edges)
        yield from (f"  style c{number} fill:#fcfcfc,stroke:#999999" for number, _ in enumerate(self.graph.clusters))
        for kind in dict.fromkeys(node.kind for node in self.graph.nodes):
            fill, stroke = KINDS[kind]
            yield f"  classDef {kind} fill:{fill},stroke:{stroke},color:#222222"

    def box(self, node: Node) -> str:
        lines = [f"<b>{self.escaped(node.name)}</b>", *map(self.escaped, node.lines)]
        lines += [self.escaped(line) for port in node.ports for line in port.lines]
        shape = _SHAPES.get(node.kind, _BOX).format("<br>".join(lines))
        return f"{self.ids[node.key]}{shape}:::{node.kind}"

    def cable(self, edge: Edge) -> str:
        words = [*self.port(edge.one), *([edge.label] if edge.label else []), *self.port(edge.other)]
        line = "-.-" if edge.loose else "---"
        label = f'|"{self.escaped(" - ".join(map(self.told, words)))}"|' if words else ""
        return f"{self.ids[edge.one.node]} {line}{label} {self.ids[edge.other.node]}"

    def port(self, end: End) -> list[str]:
        """The interface, where its box has several: no cable can end at one of them here."""
        return [end.port] if end.port and end.node in self.several else []

    def escaped(self, text: str) -> str:
        return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", one_line(self.told(text)))
