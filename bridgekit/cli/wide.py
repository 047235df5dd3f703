"""Texts in columns and lines, where a Chinese character takes two columns and a line may end behind any of them."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

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
