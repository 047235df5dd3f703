"""Words -> bash, so that what bash reads is what was meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from bridgekit.words import Answer, Argv, Operator, Part, Pipeline, Var, Word, parts

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./ -]*", re.ASCII)  # shlex's, and the blank between words
_MORE = re.compile(r"[A-Za-z0-9_]", re.ASCII)
_BACKTICK, _ESCAPED = re.compile(r"([\\`])"), r"\\\1"  # what a backslash still means something before
_SPECIAL = re.compile(r'([\\"$`])')


def quote(text: str) -> str:
    """A literal by shlex's rules; a lone `!`, which only means something before a command, stays bare."""
    return text if text == "!" else shlex.quote(text)


def word(value: Word, plain: bool = False) -> str:
    """One word: a literal by shlex's rules, anything with a variable or an apostrophe in double quotes.

    plain: the commands in it as the documents write them.
    """
    if isinstance(value, str) and "'" not in value:
        return quote(value)  # most words are such
    pieces = _joined(parts(value))
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    if all(isinstance(piece, str) for piece in pieces) and ("'" not in text or "!" in text):
        return quote(text)
    return '"' + "".join(_inside(piece, after, plain) for piece, after in _pairs(pieces)) + '"'


def _inside(piece: Part, after: Part, plain: bool) -> str:
    match piece:
        case Var(name):
            return _variable(name, after)
        case Answer(pipeline):
            return f"$({bare_pipe(pipeline) if plain else pipe(pipeline)})"
    return _SPECIAL.sub(r"\\\1", piece)


def _variable(name: str, after: Part) -> str:
    """`$name`, in braces where what comes after it could be read as more of the name."""
    return f"${{{name}}}" if isinstance(after, str) and _MORE.match(after) else f"${name}"


def argv(words: Argv) -> str:
    """A command; one with the shell's own operators in it becomes the command of a shell of its own."""
    if all([type(each) is str for each in words]):
        text = " ".join(words)  # type: ignore[arg-type]
        if _SAFE.fullmatch(text) and text.count(" ") == len(words) - 1 and "" not in words:
            return text  # most commands are such
    if any(isinstance(each, Operator) for each in words):
        return f"sh -c {shlex.quote(bare(words))}"
    return " ".join(word(each) for each in words)


def pipe(pipeline: Pipeline) -> str:
    """Commands joined by `|`."""
    return " | ".join(argv(each) for each in pipeline)


def bare_word(value: Word) -> str:
    """One word as the documents write it: defaults filled in, a number's variable without quotes."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Operator):
        return value.text
    if isinstance(value, Answer) and value.backticks:
        return f"`{_BACKTICK.sub(_ESCAPED, bare_pipe(value.pipeline))}`"
    pieces = _joined(_shown(piece) for piece in parts(value))
    if not all(isinstance(piece, str) or (isinstance(piece, Var) and piece.numeric) for piece in pieces):
        return word(tuple(pieces), plain=True)
    shown = (
        _variable(piece.name, after) if isinstance(piece, Var) else quote(str(piece)) for piece, after in _pairs(pieces)
    )
    return "".join(shown) or "''"


def _shown(piece: Part) -> Part:
    """A part with what bare text says in the place of variables."""
    match piece:
        case Var() if piece.shown:
            return piece.shown
        case Answer(pipeline, backticks):
            return Answer(tuple(tuple(_shown_word(word) for word in argv) for argv in pipeline), backticks)
    return piece


def _shown_word(word: Word) -> Word:
    return word if isinstance(word, Operator) else tuple(_shown(piece) for piece in parts(word))


def _joined(pieces: Iterable[Part]) -> list[Part]:
    """Neighbouring literals as one, so that they are quoted as one."""
    found: list[Part] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _pairs(pieces: list[Part]) -> Iterable[tuple[Part, Part]]:
    """Each part with the one after it."""
    return zip(pieces, [*pieces[1:], ""], strict=False)


def bare(words: Argv) -> str:
    """A command as the documents write it."""
    return " ".join(bare_word(each) for each in words)


def bare_pipe(pipeline: Pipeline) -> str:
    """Commands joined by `|`, as the documents write them."""
    return " | ".join(bare(each) for each in pipeline)
