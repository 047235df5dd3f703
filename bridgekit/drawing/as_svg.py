"""A graph as SVG, by graphviz' program `dot`, where it is installed."""

from __future__ import annotations

from collections.abc import Callable

from bridgekit.drawing.as_dot import dot
from bridgekit.drawing.graph import Graph
from bridgekit.errors import HostError
from bridgekit.facts.ask import ask, present
from bridgekit.translation import tr

_PROGRAM = "dot"


def svg(graph: Graph, told: Callable[[str], str] = str) -> str:
    """A graph as an SVG document.  told: as for `dot`.

    Raises HostError if graphviz is not there, or fails.
    """
    check()
    drawn = ask(_PROGRAM, "-Tsvg", given=dot(graph, told))
    if drawn is None:
        raise HostError(tr("graphviz' program `dot` could not draw it"), tr("what it got: --format dot"))
    return drawn


def check() -> None:
    """Raises HostError if graphviz is not there."""
    if not present(_PROGRAM):
        raise HostError(
            tr("SVG is drawn by graphviz' program `dot`, which is not installed"),
            tr("apt-get install graphviz; or --format mermaid, which needs no program"),
        )
