"""Words of a command: text known now, and values known only when the script runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridgekit.errors import InputError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)


@dataclass(frozen=True)
class Var:
    """A shell variable.  Raises InputError for a name that is none.

    name: the variable's name in the script.
    default: its value unless the environment sets another; None for a value a step captures.
    numeric: the value is a number, so it needs no quotes where text is shown bare.
    """

    name: str
    default: str | None = None
    numeric: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise InputError(f"not a variable: {self.name!r}", "letters, digits and `_`, not starting with a digit")

    def __str__(self) -> str:
        return f"${self.name}" if self.default is None else self.default


@dataclass(frozen=True)
class Answer:
    """What a pipeline of commands prints at the moment the word is used: `"$(...)"`."""

    pipeline: tuple[tuple[Word, ...], ...]


Text = str | Var
Part = str | Var | Answer
Word = Part | tuple[Part, ...]
Argv = tuple[Word, ...]
Pipeline = tuple[Argv, ...]


def answer(*argv: Word) -> Answer:
    """What one command prints."""
    return Answer((argv,))


def parts(word: Word) -> tuple[Part, ...]:
    """A word as its parts, in order."""
    return word if isinstance(word, tuple) else (word,)
