"""Words of a command: text known now, and values known only when the script runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridgekit.errors import InputError
from bridgekit.translation import tr

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)


@dataclass(frozen=True)
class Var:
    """A shell variable.  Raises InputError for a name that is none, and for an empty default.

    name: the variable's name in the script.
    default: its value unless the environment sets another; None for a value a step captures.
    numeric: the value is a number, so it needs no quotes where text is shown bare.
    example: for a captured value, the one that a document shows; bare text is written with it.
    """

    name: str
    default: str | None = None
    numeric: bool = False
    example: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise InputError(
                tr("not a variable: {0!r}", self.name), tr("letters, digits and `_`, not starting with a digit")
            )
        if self.default == "":
            raise InputError(
                tr("an empty default of a variable: {0!r}", self.name), tr("a text, or none for a captured value")
            )

    def __str__(self) -> str:
        return self.shown or f"${self.name}"

    @property
    def shown(self) -> str | None:
        """What bare text says in its place, if not its name."""
        return self.example or self.default


@dataclass(frozen=True)
class Answer:
    """What a pipeline of commands prints at the moment the word is used: `"$(...)"`.

    backticks: bare text writes it between backticks.
    """

    pipeline: tuple[tuple[Word, ...], ...]
    backticks: bool = False


@dataclass(frozen=True)
class Operator:
    """A word of the shell itself between the words of a command: `|`, `>`, `>>`."""

    text: str


Text = str | Var
Part = str | Var | Answer
Word = Part | Operator | tuple[Part, ...]
Argv = tuple[Word, ...]
Pipeline = tuple[Argv, ...]


def answer(*argv: Word) -> Answer:
    """What one command prints."""
    return Answer((argv,))


def parts(word: Word) -> tuple[Part, ...]:
    """A word as its parts, in order."""
    if isinstance(word, Operator):
        return (word.text,)
    return word if isinstance(word, tuple) else (word,)
