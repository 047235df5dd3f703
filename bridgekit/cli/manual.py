"""How help is laid out: commands in groups, with whole sentences; two examples of each."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from typing import Any

from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup

CONTEXT = {"help_option_names": ["-h", "--help"]}
# What is in no other group builds.
GROUPS = {
    "Build": (),
    "Look": ("show", "verify", "trace", "wait", "doctor", "runs", "check", "explain-option"),
    "Take back": ("undo", "repair", "cleanup"),
    "Keep": ("watch", "unit"),
    "Learn": ("learn", "lessons", "recipes", "help"),
    "Elsewhere": ("sandbox", "install", "completion", "version"),
}
_OF_THE_LIBRARY = ("Raises ", "Source: ")


def told(docstring: str | None) -> str:
    """What of a docstring is for the command line: not what a library's user needs to know."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(each for each in paragraphs if not each.startswith(_OF_THE_LIBRARY))


class Formatter(HelpFormatter):
    """Lays help out: as wide as the terminal is, which click, that has no stdout of its own here, cannot ask."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        """The parameters are click's."""
        from bridgekit.wide import asked, columns

        super().__init__(indent_increment, width or (columns(sys.stdout) or asked() or 80) - 2, max_width)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list in two columns, of which the first is narrow where there is little room."""
        super().write_dl(rows, self.first(col_max), col_spacing)

    def first(self, most: int) -> int:
        """How wide the first of two columns may be."""
        return min(most, max(self.width - 46, 10))


Context.formatter_class = Formatter


def _format_epilog(_: Any, ctx: Any, formatter: Any) -> None:
    """Write the examples, each in its line."""
    examples = of_command(ctx.command_path.removeprefix("bridgekit "))
    if examples:
        with formatter.section("Examples"):
            for each in examples:
                formatter.write(f"{'':{formatter.current_indent}}{each}\n")


class Command(TyperCommand):
    """A command whose help ends with examples."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line."""
        arguments = [each for each in self.get_params(ctx) if each.param_type_name == "argument"]
        shown = [(each.make_metavar(ctx), each.required) for each in arguments]
        return ["[OPTIONS]", *(name if required else f"[{name}]" for name, required in shown)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words; a `-h` at the end, where it is an option of the engine's and wants a value, asks for help."""
        if args[-1:] == ["-h"] and "-h" not in self.get_help_option_names(ctx):
            args = [*args[:-1], "--help"]
        return super().parse_args(ctx, args)

    format_epilog = _format_epilog


class Commands(TyperGroup):
    """The program, or a command with commands of its own."""

    format_epilog = _format_epilog

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command, or more where its sentence is long."""
        listed = {name: command for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))}
        known = {name: group for group, names in GROUPS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS} if ctx.parent is None else {}
        for name, command in listed.items():
            group = known.get(name, "Build") if ctx.parent is None else "Commands"
            rows.setdefault(group, []).append((name, told(command.help).partition("\n\n")[0].replace("\n", " ")))
        for group, lines in rows.items():
            if lines:
                with formatter.section(group):
                    formatter.write_dl(lines)


def of_command(words: str) -> list[str]:
    """The examples of a command; a lesson's are made of its name."""
    if words.startswith("learn "):
        return [f"bridgekit {words}", f"bridgekit {words} --dry-run --style plain"]
    from bridgekit.explain import examples

    return examples(words)
