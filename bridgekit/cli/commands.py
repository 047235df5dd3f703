"""The commands that are neither recipe nor lesson."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bridgekit import progress, sandbox as throw_away
from bridgekit.cli import comparing, in_force, looking
from bridgekit.cli.complete import one_of
from bridgekit.cli.manual import Command
from bridgekit.errors import InputError
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES
from bridgekit.recipes.named import OneOf
from bridgekit.translation import tr

_GREETING = """A throw-away host: root here; what you change here goes when you leave%s.
  uplink   em1 203.0.113.1/24, to the namespace `outside` 203.0.113.2 (ping, TCP, http://203.0.113.2)
  guests   docker run -d --name web --net=none %s
  leave    exit
"""


_SHELLS = OneOf(("bash", "zsh", "fish"))


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (recipes, lessons, completion):
        app.command(cls=Command)(command)
    in_force.register(app)
    looking.register(app)
    comparing.register(app)
    app.command(cls=Command, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(
        sandbox
    )


def completion(
    shell: Annotated[
        str,
        typer.Argument(
            metavar=str(_SHELLS), show_default=False, help="the shell", autocompletion=one_of(_SHELLS.values)
        ),
    ],
) -> None:
    """Print what makes a shell complete this program's command lines; `. <(bridgekit completion bash)` tries it."""
    from bridgekit.explain import TEMPLATES

    if shell not in _SHELLS.values:
        raise InputError(
            tr("not a shell that is known here: {0!r}", shell), tr("one of: {0}", ", ".join(_SHELLS.values))
        )
    print((TEMPLATES / "completion" / f"{shell}.sh").read_text("utf-8"), end="")


def recipes() -> None:
    """List the recipes, a line each."""
    for each in RECIPES.values():
        print(f"{each.name:16} {each.summary}")


def lessons() -> None:
    """List the lessons in the order to learn them, a line each."""
    done = progress.finished()
    for each in LESSONS.values():
        needs, mark = "Docker engine" if each.engine else "throw-away host", "✓" if each.name in done else " "
        print(f"{each.name:18} {each.minutes:3} min  {needs:15}  {mark} {each.summary}")


def lessons_unless_named(context: typer.Context) -> None:
    """Learn a document's walk step by step, in a throw-away host."""
    if context.invoked_subcommand is None:
        lessons()


def sandbox(
    command: Annotated[
        list[str] | None, typer.Argument(help="the command; default: a shell", show_default=False)
    ] = None,
    guest: Annotated[list[str] | None, typer.Option(help="a guest to start in it", show_default=False)] = None,
    engine: Annotated[bool, typer.Option("--engine", help="with a real Docker engine; needs root")] = False,
    here: Annotated[bool, typer.Option("--here", help="what it writes in this folder stays there")] = False,
) -> None:
    """Run a command, or a shell, in a throw-away host."""
    writable = (throw_away.here(),) if here else ()
    if not command and sys.stdin.isatty():
        kept = "".join(f", but in {folder}" for folder in writable)
        print(_GREETING % (kept, "-ti busybox sh" if engine else "IMAGE   (a stand-in: processes, no images)"))
    throw_away.enter(command or ["bash", "--norc"], guest or (), engine=engine, writable=writable)
