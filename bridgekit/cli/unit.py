"""`unit`: a run, or `watch`, as a unit of systemd."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridgekit import environment, streams
from bridgekit.cli import complete
from bridgekit.cli.complete import beginning
from bridgekit.cli.manual import Command
from bridgekit.errors import HostError, InputError
from bridgekit.translation import reason, tr

_WATCH = "watch"


def register(app: typer.Typer) -> None:
    """Add the command of this module to the application."""
    app.command(cls=Command)(unit)


def unit(
    run: Annotated[
        str,
        typer.Argument(
            help="the name of a run in force, or `watch`",
            show_default=False,
            metavar="RUN|watch",
            autocompletion=beginning(lambda: [*complete.runs(), _WATCH]),
        ),
    ],
    file: Annotated[
        str | None, typer.Argument(help="of `watch`: what it reads", show_default=False, metavar="FILE")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="write it to this file; `-`: print it", metavar="FILE", show_default=False),
    ] = None,
) -> None:
    """Print a unit of systemd: so that a run, or `bridgekit watch`, is there after a reboot."""
    from bridgekit import unit as units

    if file and run != _WATCH:
        raise InputError(tr("a file is for `watch` alone: {0!r}", file), tr("-o FILE writes the unit to a file"))
    if run == _WATCH:
        text = units.of_watch(_program(), str(Path(file).absolute()) if file else None)
    else:
        text = units.of_run(run, _program())
    if output is None or output == "-":
        streams.use_utf8()
        sys.stdout.write(text)
        return
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise InputError(tr("cannot write {0!r}: {1}", output, reason(error)), tr("name another file")) from None


def _program() -> str:
    """Where the program is that systemd shall start.  Raises HostError."""
    own = Path(sys.argv[0]).absolute()
    found = environment.find("bridgekit") or (str(own) if own.name == "bridgekit" and own.is_file() else None)
    if found is None:
        raise HostError(tr("no `bridgekit` is on PATH, which systemd could start"), tr("pipx install ."))
    return found
