"""Lines with box characters, and tables in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bridgekit.cli.spoken import local
from bridgekit.streams import one_line
from bridgekit.wide import padded, width

Row = tuple[str, Sequence["Row"]]


def drawn(sections: Iterable[tuple[str, Sequence[Row]]]) -> str:
    """Sections, each a title and its rows, every row with those below it; an empty section says `none`."""
    return "\n".join(line for title, rows in sections for line in (title, *_branches(rows or [(local("none"), ())])))


def _branches(rows: Sequence[Row]) -> Iterator[str]:
    for number, (text, below) in enumerate(rows, 1):
        last = number == len(rows)
        yield f"{'└─' if last else '├─'} {one_line(text)}"
        for line in _branches(below):
            yield f"{'  ' if last else '│ '} {line}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells in columns two spaces apart; an empty cell is a `-`."""
    filled = [[one_line(cell) or "-" for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*filled, strict=True)]
    return "\n".join(
        "  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in filled
    )
