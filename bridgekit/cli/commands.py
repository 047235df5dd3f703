"""The commands that are neither recipe nor lesson."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bridgekit import progress, sandbox as throw_away
from bridgekit.cli import comparing, in_force, looking, unit, watch
from bridgekit.cli.complete import one_of
from bridgekit.cli.manual import Command
from bridgekit.cli.spoken import local, locally
from bridgekit.errors import InputError
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES
from bridgekit.recipes.named import OneOf
from bridgekit.translation import tr
from bridgekit.wide import behind, columns, padded

_SHELLS = OneOf(("bash", "zsh", "fish"))


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (recipes, lessons, completion):
        app.command(cls=Command)(command)
    in_force.register(app)
    watch.register(app)
    unit.register(app)
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
    wide = columns(sys.stdout)
    for each in RECIPES.values():
        print(behind(f"{each.name:16} ", locally(each.summary), wide))


def lessons() -> None:
    """List the lessons in the order to learn them, a line each."""
    done, wide = progress.finished(), columns(sys.stdout)
    for each in LESSONS.values():
        needs, mark = local("Docker engine") if each.engine else local("throw-away host"), " ✓"[each.name in done]
        minutes = local("{0} min", each.minutes)
        first = f"{each.name:18} {minutes:>7}  {padded(needs, 15)}  {mark} "
        print(behind(first, locally(each.summary), wide))


def lessons_unless_named(context: typer.Context) -> None:
    """Learn a document's walk step by step, in a throw-away host."""
    if context.invoked_subcommand is None:
        lessons()


def sandbox(
    command: Annotated[
        list[str] | None, typer.Argument(help="the command; default: a shell", show_default=False)
    ] = None,
    guest: Annotated[
        list[str] | None, typer.Option(help="a guest to start in it, or a lab: lab:NAME", show_default=False)
    ] = None,
    engine: Annotated[bool, typer.Option("--engine", help="with a real Docker engine; needs root")] = False,
    here: Annotated[bool, typer.Option("--here", help="what it writes in this folder stays there")] = False,
) -> None:
    """Run a command, or a shell, in a throw-away host."""
    writable = (throw_away.here(),) if here else ()
    if not command and sys.stdin.isatty():
        _greet(writable, engine)
    throw_away.enter(command or ["bash", "--norc"], guest or (), engine=engine, writable=writable)


def _greet(writable: Sequence[str], engine: bool) -> None:
    """Say where one is now."""
    said = local("A throw-away host: root here; what you change here goes when you leave.")
    if writable:
        said = local("A throw-away host: root here; what you change here goes when you leave, but in {0}.", *writable)
    image = "-ti busybox sh" if engine else local("IMAGE   (a stand-in: processes, no images)")
    print(
        said,
        local("  uplink   em1 203.0.113.1/24, to the namespace `outside` 203.0.113.2 (ping, TCP, http://203.0.113.2)"),
        local("  guests   docker run -d --name web --net=none {0}", image),
        local("  leave    exit\n"),
        sep="\n",
    )
