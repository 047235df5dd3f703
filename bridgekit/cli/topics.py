"""`help`: what is explained at length, a page a topic; and what `--help` says of a command."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from bridgekit import streams
from bridgekit.cli import spoken
from bridgekit.cli.complete import one_of
from bridgekit.cli.manual import Command
from bridgekit.cli.options import Lang
from bridgekit.errors import InputError
from bridgekit.explain import LANGUAGES, TEMPLATES
from bridgekit.translation import tr, translated
from bridgekit.wide import columns

TOPICS = (
    "recipes",
    "runs-and-undo",
    "staying",
    "docker",
    "pipework",
    "looking",
    "trace",
    "labs",
    "machines",
    "sandbox",
    "lessons",
    "library",
    "json",
    "sequences",
    "exit-codes",
    "limits",
)
_TOPIC = typer.Argument(
    help="a topic, or a command", show_default=False, metavar="TOPIC|COMMAND", autocompletion=one_of(TOPICS)
)
_LIST = tr("`bridgekit help TOPIC` shows a topic, `bridgekit COMMAND --help` the options of a command.")


def register(app: typer.Typer) -> None:
    """Add the command of this module to the application."""
    app.command(cls=Command)(help)


def help(
    topic: Annotated[list[str] | None, _TOPIC] = None,
    lang: Lang = None,
) -> None:
    """Explain a topic, or a command; without a name, list the topics."""
    language = lang or spoken.language()
    if language not in LANGUAGES:
        raise InputError(tr("not a language: {0!r}", language), tr("one of: {0}", ", ".join(LANGUAGES)))
    if not topic:
        _tell(_list(language), paged=False)
    elif len(topic) == 1 and topic[0] in TOPICS:  # before a command of that name, whose --help the page names
        _tell(page(topic[0], language), paged=True)
    else:
        _of_command(topic)


def page(topic: str, language: str) -> str:
    """A topic's page, in Markdown."""
    return (TEMPLATES / "help" / language / f"{topic}.md").read_text("utf-8")


def _list(language: str) -> str:
    """The topics, each with the first sentence of its page, in Markdown."""
    rows = [f"- `{topic}`: {page(topic, language).splitlines()[2]}" for topic in TOPICS]
    return "\n".join([*rows, "", translated(_LIST, language), ""])


def _of_command(words: list[str]) -> None:
    """What `--help` says of a command.  Raises InputError where there is none."""
    from bridgekit.cli import application

    app = application(words)
    commands: Any = typer.main.get_command(app)
    known = commands.commands
    if words[0] not in known:
        near = get_close_matches(words[0], [*TOPICS, *known], 1)
        topics = ", ".join(TOPICS)
        hint = tr("did you mean {0}?  topics: {1}", near[0], topics) if near else tr("topics: {0}", topics)
        raise InputError(tr("no topic or command: {0!r}", words[0]), hint)
    commands([*words, "--help"], prog_name="bridgekit")


def _tell(markdown: str, paged: bool) -> None:
    """Write a page: as it is, or laid out, where it goes to a terminal that can show it."""
    if not sys.stdout.isatty() or "utf" not in (sys.stdout.encoding or "").lower():
        sys.stdout.write(markdown)
        return
    from bridgekit.cli.pages import laid_out, through_pager

    text = laid_out(markdown, columns(sys.stdout) or 80)
    if not (paged and through_pager(text)):
        streams.sign(text)
