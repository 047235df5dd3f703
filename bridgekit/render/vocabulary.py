"""The words of a script that no program does in one command: bash functions, from templates/shell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from bridgekit.explain import TEMPLATES, section

_SHELL = TEMPLATES / "shell"
_MACHINERY = ("steps", "undo", "roots")
# In the order in which they stand in a script.  A plain text shows the first three, word by word, and the last four
# whole.
_CARRIED, _WHOLE = ("carried", "routes", "upper", "services"), ("addresses", "engine", "ports", "leases")
_FILES = (*_CARRIED, "conditions", "more", "anew", "batch", "lists", "change", "steering", "meeting", "labs", *_WHOLE)
_FUNCTION = re.compile(r"^(\w+)\(\) +\{", re.M)
_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r" # .*$", re.M)
_OF_DOCUMENTS = ("iptables", "ip6tables", "apt")  # they stand before a program, and only where they are asked for


@cache
def machinery() -> tuple[str, str]:
    """How a step is done and undone, the same in every script; and its SHA-256."""
    text = "\n".join((_SHELL / f"{name}.sh").read_text("utf-8") for name in _MACHINERY)
    return text, sha256(text.encode()).hexdigest()


@cache
def _functions(name: str) -> dict[str, str]:
    """The functions of a file by name, and as `` what stands before them."""
    text = (_SHELL / f"{name}.sh").read_text("utf-8")
    starts = [(found[1], found.start()) for found in _FUNCTION.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    cut = {name: text[start:end] for (name, start), end in zip(starts, ends, strict=True)}
    return {"": text[: starts[0][1]]} | cut


@cache
def _known() -> dict[str, str]:
    return {word: text for name in _FILES for word, text in _functions(name).items() if word}


def used(text: str, *more: str) -> set[str]:
    """The words that commands use, and those that they use."""
    found, waiting = set[str](), [*_named(text), *more]
    while waiting:
        word = waiting.pop()
        if word not in found:
            found.add(word)
            waiting += _named(_COMMENT.sub("", _known()[word]))
    return found


def _named(text: str) -> list[str]:
    said = set(_WORD.findall(" ".join(set(text.split()))))  # a plan says the same words thousands of times
    return [word for word in _known() if word in said and word not in _OF_DOCUMENTS]


def definitions(words: Iterable[str], lang: str) -> str:
    """The functions of these words, in an order of their own."""
    chosen = set(words)
    return _translated("".join(text for word, text in _known().items() if word in chosen), lang)


def shown(text: str, lang: str) -> str:
    """What a reader of plain commands is shown of the words in them."""
    direct, words = set(_named(text)), used(text)
    carried = "".join(body for name in _CARRIED for word, body in _functions(name).items() if word in words)
    whole = [name for name in _WHOLE if direct & _functions(name).keys()]
    groups = ["\n" + "".join(_functions(name).values()) for name in whole]
    return _translated(carried + "".join(groups), lang).rstrip("\n")


def _translated(text: str, lang: str) -> str:
    if lang == "en" or not text:
        return text
    english, other = section("phrases", "en"), section("phrases", lang)
    comments = sorted((key for key in english if key.startswith("h_")), key=lambda key: -len(english[key]))
    for key in comments:
        text = text.replace(f" {english[key]}\n", f" {other[key]}\n")
    return text
