"""An argument vector -> the operation that is typed so in the modern dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridgekit.operations.base import KINDS, Operation
from bridgekit.operations.lines import Asked, Field, Item, Optional, Piece, fields, split
from bridgekit.operations.looks import Look
from bridgekit.operations.settings import SETTINGS, LinkSet
from bridgekit.words import Answer, Argv, Operator, Part, Word, parts

_FIRST = 0xE000  # characters of private use stand for parts of a word that are no text
_Found = dict[str, object]


def read(argv: Argv) -> Operation | None:
    """The operation of a command; None for one that is not known, or not of a line alone."""
    for kind, line, given in _lines():
        named = fields(line)
        if not {*named, *given} <= {*kind.__match_args__, *given, *(named if kind is Look else ())}:
            continue  # a field that is computed cannot be told from what was computed
        for found in _match(split(line), argv, {}):
            try:
                return kind(**given, **{name: _typed(kind, name, found.get(name, "")) for name in named})
            except TypeError:
                continue  # it has a field that its line does not name
    return None


def _lines() -> Iterator[tuple[type[Operation], str, dict[str, str]]]:
    """Each line with its class, and what else that is made of."""
    for kind in KINDS.values():
        if kind is Look:
            yield from ((Look, line, {"what": what}) for what, line in Look.QUESTIONS.items())
        elif kind is LinkSet:
            yield from ((LinkSet, setting.line, {"what": what}) for what, setting in SETTINGS.items())
        elif issubclass(kind, Operation) and isinstance(line := getattr(kind, "line", None), str):
            yield kind, line, {}


def _typed(kind: type[Operation], name: str, value: object) -> object:
    return int(str(value)) if vars(kind).get("__annotations__", {}).get(name) == "int" else value


def _match(items: tuple[Item, ...], argv: Argv, found: _Found) -> Iterator[_Found]:
    """What the fields may be, if the words are these."""
    if not items:
        if not argv:
            yield found
        return
    item, rest = items[0], items[1:]
    match item:
        case Optional(words):
            yield from _match((*words, *rest), argv, found)
            yield from _match(rest, argv, found)
        case ("", Field(name, True), ""):
            for length in range(len(argv) + 1):
                yield from _match(rest, argv[length:], found | {name: argv[:length]})
        case Operator():
            if argv and argv[0] == item:
                yield from _match(rest, argv[1:], found)
        case _:
            if (
                argv
                and (more := _match_word(item, argv[0])) is not None
                and all(found.get(name, value) == value for name, value in more.items())
            ):
                yield from _match(rest, argv[1:], found | more)


def _match_word(pieces: tuple[Piece, ...], word: Word) -> _Found | None:
    if isinstance(word, Operator):
        return None
    others: list[Part] = [part for part in parts(word) if not isinstance(part, str)]
    marks = iter(range(_FIRST, _FIRST + len(others)))
    text = "".join(part if isinstance(part, str) else chr(next(marks)) for part in parts(word))
    seen = re.fullmatch("".join(map(_pattern, pieces)), text, re.S)
    values = iter(seen.groups() if seen else ())
    found: _Found = {}
    for piece in pieces if seen else ():
        if isinstance(piece, str):
            continue
        value = _parts(next(values), others)
        if isinstance(piece, Field) and not any(isinstance(part, Answer) for part in parts(value)):
            found[piece.name] = value
        elif isinstance(piece, Asked) and isinstance(value, Answer):
            inner = next(_match(piece.words, _piped(value), {}), None)
            if inner is None:
                return None
            found |= inner
        else:
            return None
    return found if seen else None


def _pattern(piece: Piece) -> str:
    return re.escape(piece) if isinstance(piece, str) else "(.*)" if isinstance(piece, Field) else "(.)"


def _parts(text: str, others: list[Part]) -> Word:
    """A text with what its marks stand for."""
    found = [each for each in re.split(f"([{chr(_FIRST)}-{chr(_FIRST + 99)}])", text) if each]
    made = tuple(others[ord(each) - _FIRST] if ord(each[0]) >= _FIRST and len(each) == 1 else each for each in found)
    return made[0] if len(made) == 1 else made or ""


def _piped(answer: Answer) -> Argv:
    """A pipeline as the words of a line."""
    first, *rest = answer.pipeline
    return (*first, *(word for argv in rest for word in (Operator("|"), *argv)))
