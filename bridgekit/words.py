"""Words of a command: text known now, and values known only when the script runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Var:
    """A shell variable.

    name: the variable's name in the script.
    default: its value unless the environment sets another; None for a value a step captures.
    numeric: the value is a number, so it needs no quotes where text is shown bare.
    """

    name: str
    default: str | None = None
    numeric: bool = False

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
