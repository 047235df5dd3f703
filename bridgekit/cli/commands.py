"""The commands that are neither recipe nor lesson."""

from __future__ import annotations

import json as data
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from bridgekit import api, journal, progress, sandbox as throw_away
from bridgekit.cli import comparing, looking
from bridgekit.cli.options import locale_language
from bridgekit.errors import BridgekitError, InputError, RunError
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES

_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]
_GREETING = """A throw-away host: root here; what you change here goes when you leave%s.
  uplink   em1 203.0.113.1/24, to the namespace `outside` 203.0.113.2 (ping, TCP, http://203.0.113.2)
  guests   docker run -d --name web --net=none %s
  leave    exit
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (recipes, lessons, runs, undo):
        app.command()(command)
    looking.register(app)
    comparing.register(app)
    app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(sandbox)


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


def runs(json: _AS_DATA = False) -> None:
    """List the runs in force: name, recipe, when, steps, script hash."""
    found = journal.runs()
    if json:
        print(data.dumps([asdict(run) for run in found], indent=2))
        return
    for run in found:
        state = "" if run.finished else "  unfinished"
        print(f"{run.name:24} {run.recipe:16} {run.started[:19]}Z  {run.steps:3} steps  {run.sha256[:12]}{state}")


def undo(
    name: Annotated[list[str] | None, typer.Argument(help="the names of runs in force", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="every run in force, newest first")] = False,
    lang: Annotated[str | None, typer.Option(help="en or zh; default: the locale's")] = None,
) -> None:
    """Take back runs, by name or all of them; the newest first."""
    if bool(name) == everything:
        raise InputError("nothing to undo was named", "bridgekit undo NAME..., or bridgekit undo --all")
    # What came later may stand on what was there before it.
    in_force = {run.name: place for place, run in enumerate(reversed(journal.runs()))}
    names = list(in_force) if everything else sorted(name or (), key=lambda each: in_force.get(each, -1))
    failures = [error for each in names if (error := _undone(each, lang or locale_language()))]
    if failures:
        raise failures[0] if len(failures) == 1 else RunError("\n".join(str(error) for error in failures))


def _undone(name: str, lang: str) -> BridgekitError | None:
    try:
        api.undo(name, lang)
    except BridgekitError as error:
        return error
    print(f"undone {name}")
    return None


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
