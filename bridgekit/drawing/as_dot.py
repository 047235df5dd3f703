"""A graph in the language of graphviz.  graphviz.org: The DOT Language, HTML-Like Labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bridgekit.drawing.graph import KINDS, Cluster, End, Graph, Node, Port
from bridgekit.streams import one_line

_HEAD = """\
graph network {
  graph [rankdir=TB, nodesep=0.35, ranksep=0.55, fontname="sans-serif", fontsize=12]
  node [shape=plain, fontname="sans-serif", fontsize=11]
  edge [color="#555555", fontname="sans-serif", fontsize=9]"""
_TABLE = '<table border="0" cellborder="1" cellspacing="0" cellpadding="5" bgcolor="{0}" color="{1}">{2}</table>'
_FRAME = 'label="{0}"; style=rounded; color="#999999"; bgcolor="#fcfcfc"; margin=14'
_ROW = (
    '<tr><td border="0" cellpadding="0"><table border="0" cellborder="1" cellspacing="0" cellpadding="5">'
    "<tr>{0}</tr></table></td></tr>"
)
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def dot(graph: Graph, told: Callable[[str], str] = str) -> str:
    """A graph as text that the program `dot` reads.  told: gives a text in the reader's language."""
    return "\n".join((_HEAD, *_Writer(graph, told).lines(), "}"))


class _Writer:
    def __init__(self, graph: Graph, told: Callable[[str], str]) -> None:
        self.graph, self.told = graph, told
        self.ids = {node.key: f"n{number}" for number, node in enumerate(graph.nodes)}
        self.upper = {edge.other for edge in graph.edges}  # where cables come from above
        self.ports = {
            End(node.key, port.name): f"p{number}" for node in graph.nodes for number, port in enumerate(node.ports)
        }

    def lines(self) -> Iterator[str]:
        for number, cluster in enumerate(self.graph.clusters):
            yield from self.frame(number, cluster)
        yield from (f"  {self.box(node)}" for node in self.graph.inside(""))
        for edge in self.graph.edges:
            words = [f'label="{self.quoted(edge.label)}"'] if edge.label else []
            words += ["style=dashed"] if edge.loose else []
            options = f" [{', '.join(words)}]" if words else ""
            yield f"  {self.end(edge.one)} -- {self.end(edge.other)}{options}"

    def frame(self, number: int, cluster: Cluster) -> Iterator[str]:
        yield f"  subgraph cluster_{number} {{"
        yield f"    {_FRAME.format(self.quoted(cluster.name))}"
        # It lays out the last of them first.
        yield from (f"    {self.box(node)}" for node in reversed(self.graph.inside(cluster.key)))
        yield "  }"

    def box(self, node: Node) -> str:
        """A table: in its first row the interfaces to which cables come from above, in its last the others."""
        above = [port for port in node.ports if End(node.key, port.name) in self.upper]
        rows = [
            *self.row(node, above),
            f"<tr><td><b>{self.escaped(node.name)}</b></td></tr>",
            *([f"<tr><td>{'<br/>'.join(map(self.escaped, node.lines))}</td></tr>"] if node.lines else []),
            *self.row(node, [port for port in node.ports if port not in above]),
        ]
        fill, stroke = KINDS[node.kind]
        return f"{self.ids[node.key]} [label=<{_TABLE.format(fill, stroke, ''.join(rows))}>]"

    def row(self, node: Node, ports: Sequence[Port]) -> Iterator[str]:
        cells = [
            f'<td port="{self.ports[End(node.key, port.name)]}">{"<br/>".join(map(self.escaped, port.lines))}</td>'
            for port in ports
        ]
        if cells:
            yield _ROW.format("".join(cells)) if len(cells) > 1 else f"<tr>{cells[0]}</tr>"

    def end(self, end: End) -> str:
        port = self.ports.get(end)
        return f"{self.ids[end.node]}:{port}:{'n' if end in self.upper else 's'}" if port else self.ids[end.node]

    def escaped(self, text: str) -> str:
        """A text within an HTML-like label, which has entities, and no backslash of its own."""
        return one_line(self.told(text)).translate(_MARKUP)

    def quoted(self, text: str) -> str:
        """A text within quotes, where a backslash begins an escape and `&` an entity."""
        return one_line(self.told(text)).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
