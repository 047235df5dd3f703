"""The command line: parse, call one function, print.  No logic."""

from __future__ import annotations

import sys

import typer

from bridgekit.cli import commands
from bridgekit.cli.procedures import add_procedure
from bridgekit.errors import BridgekitError
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES

app = typer.Typer(
    help="Container networks made by hand: read (-n), run (as root, or --sandbox) or learn (--step) them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
learn = typer.Typer(
    help="Learn a document's walk step by step, in a throw-away host.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
learn.callback()(commands.lessons_unless_named)

for _recipe in RECIPES.values():
    add_procedure(app, _recipe)
for _lesson in LESSONS.values():
    add_procedure(learn, _lesson, lesson=True)
app.add_typer(learn, name="learn")
commands.register(app)


def main() -> None:
    """The `bridgekit` command: every error becomes a sentence and an exit code here."""
    try:
        app()
    except BridgekitError as error:
        text = str(error)
        print(text if text.startswith(("FAILED", "bridgekit:")) else f"bridgekit: {text}", file=sys.stderr)
        sys.exit(error.exit_code)
