"""Texts in columns and lines, where a Chinese character takes two columns and a line may end behind any of them."""

from __future__ import annotations

import os
import re
from typing import TextIO
from unicodedata import combining, east_asian_width

_WIDEST = 100
_NARROW = 24  # what is behind something, in fewer columns, stands below it

_OPEN, _CLOSE, _CHINESE = "（“《「", "，。；：、）”》」？！", "⺀-鿿"
# What stays together: what is in brackets, a word, or one Chinese character, with the marks that open and close it.
_TOGETHER = (
    rf"\s+|\[[^\[\]\s]*\]|[{_OPEN}]*(?:[{_CHINESE}]|[^\s{_CHINESE}{_OPEN}{_CLOSE}]+)[{_CLOSE}]*|[{_OPEN}{_CLOSE}]+"
)


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(each) else 1 + (east_asian_width(each) in "WF") for each in text)


def padded(text: str, columns: int) -> str:
    """The same, with spaces behind it up to so many columns."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """The same in lines of at most so many columns, but for words that are longer."""
    lines = [""]
    for each in re.findall(_TOGETHER, text):
        if lines[-1] and width(lines[-1]) + width(each.rstrip()) > columns:
            lines.append("")
        lines[-1] += each if lines[-1] else each.lstrip()
    return [line.rstrip() for line in lines]


def asked() -> int | None:
    """How many columns the environment asks for, but at most 100."""
    wanted = os.environ.get("COLUMNS", "")
    return min(int(wanted), _WIDEST) if wanted.isdecimal() and int(wanted) else None


def columns(stream: TextIO) -> int | None:
    """How many columns a text shall take there: a terminal's, but at most 100; None: it is no terminal."""
    try:
        if not stream.isatty():
            return None
        return asked() or min(os.get_terminal_size(stream.fileno()).columns or 80, _WIDEST)
    except (OSError, ValueError):
        return None


def behind(first: str, text: str, columns: int | None) -> str:
    """A text behind what stands first in its line, wrapped there, if columns says so, to lines of so many."""
    if columns is None or width(first) + width(text) <= columns:
        return first + text
    indent = width(first)
    if first.strip() and columns - indent < _NARROW:
        indent = len(first) - len(first.lstrip()) + 2
        lines = ["", *wrapped(text, columns - indent)]
    else:
        lines = wrapped(text, columns - indent)
    return "\n".join([f"{first}{lines[0]}".rstrip(), *(f"{'':{indent}}{line}" for line in lines[1:])])


def prose(text: str, stream: TextIO) -> str:
    """Lines as they shall stand in a stream: on a terminal, wrapped at the ends of words, each below its beginning."""
    wide = columns(stream)
    if wide is None:
        return text
    return "\n".join(behind(line[: len(line) - len(line.lstrip())], line.lstrip(), wide) for line in text.split("\n"))
