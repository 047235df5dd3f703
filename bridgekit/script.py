"""A rendered script: the bytes that are read, and the same bytes in pieces for teaching."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple


class Piece(NamedTuple):
    """One numbered step of a script.

    number: from 1.
    say, why, more: its explanation.
    ask: for a probe, its sentence before the answer is known.
    command: what a reader would type.
    expect: True for a probe that must work, False for one that must fail, None for a step.
    body: its part of the script.
    reveal: what shows the value that this step captures; empty if it captures none.
    shows: for a probe, the word of bash that its output must contain; empty if none.
    Of a script that is not taught, why, more, ask and command are empty.
    example: what `command` and `ask` of later pieces say in the place of the value that this step captures.
    """

    number: int
    say: str
    why: str
    more: str
    ask: str
    command: str
    expect: bool | None
    body: str
    reveal: str = ""
    shows: str = ""
    example: str = ""

    @property
    def is_probe(self) -> bool:
        """Whether it asks the network rather than changing it."""
        return self.expect is not None


@dataclass(frozen=True)
class Script:
    """A whole script, `name` being the run's name and `title` its first sentence.

    head: what it is, and its variables.  opening: the line after which the steps come, as text.
    needs: what must be so before the first step.
    machinery: what ends them, and how a step is done.  start: the line that starts it.
    """

    name: str
    title: str
    head: str
    opening: str
    needs: str
    pieces: tuple[Piece, ...]
    machinery: str
    start: str

    def __str__(self) -> str:
        steps = "".join(piece.body for piece in self.pieces)
        return f"{self.head}{self.opening}{self.needs}{steps}{self.machinery}{self.start}"

    @property
    def prelude(self) -> str:
        """All that must be known before the steps are told one by one."""
        return self.head + self.machinery.partition("\n{ ")[2]

    @property
    def sha256(self) -> str:
        """The number that `bridgekit ... --dry-run | sha256sum` gives."""
        return sha256(str(self).encode()).hexdigest()
