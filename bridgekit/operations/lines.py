"""A line as a person would type it -> the argument vector that it stands for, and back.

    ip link add name {name} type veth peer name {peer} [txqueuelen {queue}]

`{field}` is a word or a part of one, `{fields...}` several words, `[...]` stands only where all its fields are set.
What is between quotes is text, but for the fields in it.  `$(...)` is what a pipeline prints, and so is what stands
between backticks, where bare text keeps them; `|`, `>`, `&&` and their like are the shell's own.  A line is split into
words once, before anything is filled in: no value can become two words, or code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from bridgekit.words import Answer, Argv, Operator, Part, Pipeline, Word, parts

_FIELD = re.compile(r"(?<!\{)\{([a-z_]+(?:\.[a-z_]+)*)(\.\.\.)?\}")
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<operator>\|\||&&|>>|[|>;])|(?P<open>\[)|(?P<ask>\$\()|(?P<close>[\])])|(?P<tick>`)"
    rf"|'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<text>(?:{_FIELD.pattern}|[^][\s|>&;$()`'\"])+|[$&(])"
)


@dataclass(frozen=True)
class Field:
    """A value of the operation; several: each of it a word of its own."""

    name: str
    several: bool = False


@dataclass(frozen=True)
class Optional:
    """Words that stand only where these fields are set."""

    words: tuple[Item, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What a pipeline prints."""

    words: tuple[Item, ...]
    backticks: bool


Piece = str | Field | Asked
Item = Operator | Optional | tuple[Piece, ...]


@cache
def split(line: str) -> tuple[Item, ...]:
    """A line's words."""
    items, rest = _words(line, 0, "")
    assert rest == len(line), f"a bracket too many: {line}"
    return items


def _words(line: str, at: int, end: str) -> tuple[tuple[Item, ...], int]:
    """The words from there on, and where they end: behind the closing mark, if there must be one."""
    items: list[Item] = []
    word: list[Piece] | None = None
    while at < len(line):
        found = _TOKEN.match(line, at)
        assert found, line[at:]
        kind, text, at = str(found.lastgroup), found[0], found.end()
        if kind in ("close", "tick") and text == end:
            return (*items, *([tuple(word)] if word is not None else [])), at
        assert kind != "close", f"{text} where none was opened: {line}"
        if kind in ("space", "operator", "open"):
            if word is not None:
                items.append(tuple(word))
            word = None
        if kind == "operator":
            items.append(Operator(text))
        elif kind == "open":
            inside, at = _words(line, at, "]")
            items.append(Optional(inside, tuple(_fields(inside))))
        elif kind in ("ask", "tick"):
            inside, at = _words(line, at, ")" if kind == "ask" else "`")
            word = [*(word or ()), Asked(inside, kind == "tick")]
        elif kind != "space":
            word = [*(word or ()), *_pieces(text[1:-1] if kind in ("quoted", "double") else text)]
    assert not end, f"no {end}: {line}"
    return (*items, *([tuple(word)] if word is not None else [])), at


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for found in _FIELD.finditer(text):
        yield text[at : found.start()]
        yield Field(found[1], found[2] is not None)
        at = found.end()
    yield text[at:]


def _fields(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Optional):
            continue
        for piece in () if isinstance(item, Operator) else item:
            if isinstance(piece, Field):
                yield piece.name
            elif isinstance(piece, Asked):
                yield from _fields(piece.words)


def fields(line: str) -> dict[str, bool]:
    """The fields that a line names: whether it needs them."""
    items = split(line)
    found = {name: False for item in items if isinstance(item, Optional) for name in item.fields}
    return found | dict.fromkeys(_fields(items), True)


def fill(line: str, values: object) -> Argv:
    """The argument vector of a line, its fields the attributes of these values."""
    found: list[Word] = []
    _fill(split(line), values, found)
    return tuple(found)


def pipeline(line: str, values: object) -> Pipeline:
    """The commands of a line, which `|` joins."""
    return _joined(fill(line, values))


def _fill(items: tuple[Item, ...], values: object, found: list[Word]) -> None:
    """Append the words: a plan has hundreds of thousands, nearly all of them a text or a field."""
    for item in items:
        if isinstance(item, tuple):
            if len(item) == 1 and isinstance(item[0], str):
                found.append(item[0])
            elif len(item) == 3 and item[0] == item[2] == "" and isinstance(item[1], Field):
                known = value(item[1].name, values)
                if item[1].several:
                    found.extend(known)
                else:
                    found.append(known if isinstance(known, str) else _word(item, values))
            else:
                found.append(_word(item, values))
        elif isinstance(item, Operator):
            found.append(item)
        elif all([value(name, values) for name in item.fields]):
            _fill(item.words, values, found)


def _word(pieces: tuple[Piece, ...], values: object) -> Word:
    """One word of its pieces, neighbouring texts as one."""
    found: list[Part] = []
    for part in (part for piece in pieces for part in _parts(piece, values) if part != ""):
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found[0] if len(found) == 1 else tuple(found) or ""


def _parts(piece: Piece, values: object) -> tuple[Part, ...]:
    match piece:
        case str():
            return (piece,)
        case Asked(words, backticks):
            asked: list[Word] = []
            _fill(words, values, asked)
            return (Answer(_joined(tuple(asked)), backticks),)
        case Field(name):
            found = value(name, values)
            found = getattr(found, "word", found)
            return parts(str(found) if isinstance(found, int) else found)


def value(name: str, values: object) -> Any:
    """A field of these values, or a field of a field."""
    if "." not in name:
        return getattr(values, name)
    for each in name.split("."):
        values = getattr(values, each)
    return values


def _joined(argv: Argv) -> Pipeline:
    found: list[list[Word]] = [[]]
    for word in argv:
        if word == Operator("|"):
            found.append([])
        else:
            found[-1].append(word)
    return tuple(map(tuple, found))
