"""How a document words an operation, where it differs: `000.toml` and its like, by the operation's entry.

A wording is a line in the notation of `operations.lines`, or a table: `line`; `when`, what its fields must be;
`only_if`, what must hold before it is safe, and `else`, the phrase that says what would happen.  Of several the first
that fits counts; then come those of the files that this one `extends`, but for what it says is worded as `usual`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bridgekit.errors import InputError
from bridgekit.names.families import six
from bridgekit.operations import Operation
from bridgekit.translation import tr

NAMES = ("document", "modern")
_HERE = Path(__file__).parent
# The documents differ in how they word the same thing, 003 even from itself; a plan says whose walk it is.
DOCUMENTS = ("000", "001", "002", "003", "003.own-bridge")
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "given": bool,
    "a literal": lambda value: isinstance(value, str),
    "a literal of IPv4": lambda value: isinstance(value, str) and not six(value),
    "of IPv4": lambda value: bool(value) and not six(value),
}


@dataclass(frozen=True)
class Wording:
    """One way to type an operation."""

    line: str
    when: Mapping[str, object] = field(default_factory=dict)
    only_if: str = ""
    phrase: str = ""

    def fits(self, operation: Operation) -> bool:
        """Whether it can stand for this operation."""
        return all(_is(getattr(operation, name), wanted) for name, wanted in self.when.items())


def _is(value: object, wanted: object) -> bool:
    return _KINDS[wanted](value) if isinstance(wanted, str) and wanted in _KINDS else value == wanted


Wordings = Mapping[str, tuple[Wording, ...]]


@cache
def _of(document: str) -> Wordings:
    """The wordings of a document and of those that it extends."""
    table: dict[str, Any] = tomllib.loads((_HERE / f"{document}.toml").read_text("utf-8"))
    extended, usual = table.pop("extends", ()), table.pop("usual", ())
    found = {entry: tuple(map(_wording, _many(worded))) for entry, worded in table.items()}
    for name in extended:
        for entry, others in _of(name).items():
            if entry not in usual:
                found[entry] = (*found.get(entry, ()), *others)
    return found


def _many(worded: Any) -> list[Any]:
    return worded if isinstance(worded, list) else [worded]


def _wording(worded: Any) -> Wording:
    if isinstance(worded, str):
        return Wording(worded)
    return Wording(worded["line"], worded.get("when", {}), worded.get("only_if", ""), worded.get("else", ""))


def wordings(dialect: str, document: str) -> Wordings:
    """What `modern`, or `document` as that document does, words otherwise than the operations.  Raises InputError."""
    if dialect not in NAMES:
        raise InputError(tr("not a dialect: {0!r}", dialect), tr("one of: {0}", ", ".join(NAMES)))
    if document not in DOCUMENTS:
        raise InputError(tr("not a document: {0!r}", document), tr("one of: {0}", ", ".join(DOCUMENTS)))
    return {} if dialect == "modern" else _of(document)
