"""`watch`: runs are done again when their guest starts."""

from __future__ import annotations

import json as data
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridgekit import streams
from bridgekit.cli.found import completed
from bridgekit.cli.manual import Command
from bridgekit.cli.options import Lang, locale_language
from bridgekit.cli.spoken import locally

if TYPE_CHECKING:
    from bridgekit.watching.report import Report


def register(app: typer.Typer) -> None:
    """Add the command of this module to the application."""
    app.command(cls=Command)(watch)


def watch(
    file: Annotated[
        str | None, typer.Argument(help="recipes' command lines, one a line", show_default=False, metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="an object a line")] = False,
    lang: Lang = None,
) -> None:
    """Do runs again when their container starts: those marked --stay, a file's, and what labels ask for.

    A label is bridgekit.RECIPE=ARGUMENTS, or bridgekit.RECIPE.N=ARGUMENTS; the guest is its own container.
    """
    from bridgekit.watching import Watch, serve
    from bridgekit.watching.serving import read

    path = Path(file).absolute() if file else None
    for each in read(path, completed):
        if each.error:
            raise type(each.error)(f"{each.source}: {each.error.message}", each.error.hint)
    if json:
        streams.use_utf8()
    serve(Watch(path, lang or locale_language(), completed, _as_data if json else _as_line))


def _as_data(report: Report) -> None:
    print(data.dumps({"time": _now()} | asdict(report), ensure_ascii=False), flush=True)


def _as_line(report: Report) -> None:
    who = " ".join(filter(None, (report.container or report.engine or "-", report.run, locally(report.outcome))))
    told = [f"{report.ms} ms"] if report.container or report.run else []
    told += [text for text in (report.source, locally(report.message)) if text]
    print(streams.one_line("  ".join((_now(), who, *told))), flush=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
