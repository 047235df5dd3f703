"""A page of Markdown as a terminal shows it: laid out, and through a pager."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, TableElement
from rich.table import Table
from rich.theme import Theme

_STYLES = {"markdown.code": "bold cyan"}  # without a ground, which a light terminal does not have


class _Folded(TableElement):
    """A table that cuts nothing off: Chinese has no spaces to break a line at."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            for column in table.columns if isinstance(table, Table) else ():
                column.overflow = "fold"
            yield table


class _Page(Markdown):
    elements: ClassVar = {**Markdown.elements, "table_open": _Folded}


def laid_out(markdown: str, columns: int) -> str:
    """A page as a terminal of that width shall show it."""
    written = io.StringIO()
    console = Console(
        file=written,
        force_terminal=True,
        width=columns,
        color_system=None if _is_dumb() else "auto",
        theme=Theme(_STYLES),
    )
    console.print(_Page(markdown, code_theme="ansi_dark", hyperlinks=False))
    return written.getvalue()


def through_pager(text: str) -> bool:
    """Whether there was a pager to show it."""
    if _is_dumb():
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the pager's
    try:
        for pager in filter(str.strip, (os.environ.get("PAGER", ""), "less -FRX")):
            try:
                subprocess.run(shlex.split(pager), input=text.encode(), env={"LESSCHARSET": "utf-8", **os.environ})
            except (OSError, ValueError):
                continue
            return True
        return False
    finally:
        signal.signal(signal.SIGINT, before)


def _is_dumb() -> bool:
    """Whether the terminal can only write on: no colours, no pager."""
    return os.environ.get("TERM", "") in ("", "dumb")
