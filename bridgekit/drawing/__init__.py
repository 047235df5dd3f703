"""Networks as boxes and cables: a graph, and a writer for each format that it can be drawn in."""

from __future__ import annotations

from collections.abc import Callable

from bridgekit.drawing import as_svg
from bridgekit.drawing.as_dot import dot
from bridgekit.drawing.as_mermaid import mermaid
from bridgekit.drawing.graph import Graph

_WRITERS = {"dot": dot, "mermaid": mermaid, "svg": as_svg.svg}
FORMATS = tuple(_WRITERS)


def check(form: str) -> None:
    """Refuse a format that cannot be drawn here.  Raises HostError."""
    if form == "svg":
        as_svg.check()


def draw(graph: Graph, form: str, told: Callable[[str], str] = str) -> str:
    """A graph in one of FORMATS.  told: gives a text in the reader's language.  Raises HostError, as `check`."""
    return _WRITERS[form](graph, told)
