"""The command line: parse, call one function, print.  No logic."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from bridgekit import __version__, streams, translation
from bridgekit.cli import complete
from bridgekit.cli.manual import CONTEXT, Command, Commands
from bridgekit.cli.procedures import add_procedure
from bridgekit.cli.spoken import language
from bridgekit.errors import BridgekitError
from bridgekit.recipes import RECIPES

_HELP = "Container networks made by hand: read (-n), run (as root, or --sandbox) or learn (--step) them."
_LEARN = "Learn a document's walk step by step, in a throw-away host."


def application(argv: list[str]) -> typer.Typer:
    """The typer application.

    argv: the command line.  Where it names a recipe or a lesson, only that one is imported and built: that costs
    time, and there are many of them.
    """
    app = typer.Typer(
        help=_HELP,
        cls=Commands,
        context_settings=CONTEXT,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback(help=_HELP, invoke_without_command=True)(_program)
    if argv and argv[0] in RECIPES:
        add_procedure(app, RECIPES[argv[0]])
        return app
    if argv[:1] == ["lab"]:
        from bridgekit.cli import lab

        lab.register(app)
        return app
    _add_learn(app, argv)
    if argv[:1] != ["learn"]:
        _add_rest(app, argv)
    return app


def _add_learn(app: typer.Typer, argv: list[str]) -> None:
    from bridgekit.cli import commands
    from bridgekit.lessons import LESSONS

    learn = typer.Typer(help=_LEARN, cls=Commands, rich_markup_mode=None, invoke_without_command=True)
    learn.callback()(commands.lessons_unless_named)
    app.add_typer(learn, name="learn")
    if argv[:1] == ["learn"]:
        for name in [name for name in argv[1:2] if name in LESSONS] or LESSONS:
            add_procedure(learn, LESSONS[name], lesson=True)


def _add_rest(app: typer.Typer, argv: list[str]) -> None:
    from bridgekit.cli import commands, lab, topics

    commands.register(app)
    lab.register(app)
    app.command(cls=Command)(version)
    topics.register(app)
    if not _names(app).intersection(argv[:1]):
        for recipe in RECIPES.values():
            add_procedure(app, recipe)


def _names(app: typer.Typer) -> set[str | None]:
    """The commands that an application has so far."""
    own = (each.callback.__name__.replace("_", "-") for each in app.registered_commands if each.callback)
    return {*own, *(each.name for each in app.registered_groups)}


def _program(show: Annotated[bool, typer.Option("--version", "-V", help="print the version")] = False) -> None:
    """What comes before a command; it also makes typer keep the name of a command that stands alone."""
    if show:
        version()
        raise typer.Exit


def version() -> None:
    """Print the version."""
    print(f"bridgekit {__version__}")


def main() -> None:
    """The `bridgekit` command."""
    streams.prepare()
    code = streams.finish(_answer(), language())
    gc.freeze()  # else Python looks through all that there is once more, though it is about to go
    sys.exit(code)


def _answer() -> int:
    """Do what was asked; every error becomes a sentence and an exit code here."""
    lang = language()
    if lang != "en":
        from bridgekit.cli import foreign

        foreign.speak()
    try:
        if os.environ.get(complete.VARIABLE):
            complete.answer(sys.argv[1:] or [""])
            return 0
        application(sys.argv[1:])(prog_name="bridgekit")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except OSError as error:  # what BridgekitErrors did not foresee; typer itself answers to a closed pipe
        streams.complain(f"bridgekit: {error}")
        return 3
    except BridgekitError as error:
        text = translation.told(error, lang)
        told = text.startswith("bridgekit:") or "FAILED" in text  # by the script, in its own words
        streams.complain(text if told else f"bridgekit: {text}")
        return error.exit_code
    return 0
