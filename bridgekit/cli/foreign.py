"""What typer says, in the reader's language: help, and what it makes of a command line that is none.

Imported only where that is not English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from typer import core
from typer._click.core import Context
from typer._click.exceptions import UsageError

from bridgekit.cli.manual import Formatter
from bridgekit.cli.spoken import local, locally
from bridgekit.translation import later, tr
from bridgekit.wide import padded, width, wrapped

# typer's own words, as patterns; the first that fits counts.
_WRONG = (
    later("Missing argument {0}."),
    later("Missing option {0}."),
    later("Missing command."),
    later("No such option: {0} (Possible options: {1})"),
    later("No such option: {0}"),
    later("No such command {0}. Did you mean {1}?"),
    later("No such command {0}."),
    later("Got unexpected extra argument(s) ({0})"),
    later("Option {0} requires an argument."),
    later("Option {0} does not take a value."),
    later("Invalid value for {0}: {1}"),
)
_EXTRA = re.compile(r"(.*)(  \[[^\]]*\])", re.DOTALL)  # a help text, and its default or that it is required


def speak() -> None:
    """From here on typer does."""
    core._ = locally  # type: ignore[attr-defined, assignment]  # as it has imported it
    Context.formatter_class = _Formatter
    UsageError.show = _show  # type: ignore[assignment]  # it has no other place for it


def _show(error: UsageError, file: Any = None) -> None:
    """Print a usage error."""
    out = file or sys.stderr
    if error.ctx is not None:
        print(error.ctx.get_usage(), file=out)
        way = local("Try '{0} {1}' for help.", error.ctx.command_path, error.ctx.help_option_names[0])
        print(f"{way}\n", file=out)
    print(local("Error: {0}", _said(error.format_message())), file=out)


def _said(text: str) -> str:
    """A sentence of typer's as one of ours."""
    for each in _WRONG:
        found = re.fullmatch(re.sub(r"\\\{\d\\\}", "(.+?)", re.escape(each)), text, re.DOTALL)
        if found:
            return tr(each, *found.groups())
    return text


class _Formatter(Formatter):
    """Lays help out."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, local("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        titled = local("{0}:", locally(heading))
        self.write(f"{'':{self.current_indent}}{titled}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        told = [locally(" ".join(each.split("\n"))) for each in text.split("\n\n")]
        indent = " " * self.current_indent
        lines = (wrapped(each, self.width - self.current_indent) for each in told)
        self.write("\n\n".join("\n".join(indent + line for line in each) for each in lines) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list in two columns."""
        column = min(max(width(first) for first, _ in rows), self.first(col_max)) + col_spacing
        for first, second in rows:
            lines = wrapped(_help(second), max(self.width - column - 2, 10))
            if width(first) + col_spacing > column:
                self.write(f"{'':{self.current_indent}}{first}\n")
                first = ""
            for line in lines:
                self.write(f"{'':{self.current_indent}}{padded(first, column)}{line}".rstrip() + "\n")
                first = ""


def _help(text: str) -> str:
    text = " ".join(text.split("\n"))
    found = _EXTRA.fullmatch(text)
    return f"{locally(found[1])}{found[2]}" if found else locally(text)
