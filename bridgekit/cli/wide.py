"""Texts in columns, where a Chinese character takes two."""

from __future__ import annotations

from unicodedata import combining, east_asian_width


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(each) else 1 + (east_asian_width(each) in "WF") for each in text)


def padded(text: str, columns: int) -> str:
    """The same, with spaces behind it up to so many columns."""
    return text + " " * (columns - width(text))
