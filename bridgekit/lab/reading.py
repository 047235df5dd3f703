"""YAML -> plain data, and where in the file each value stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bridgekit.errors import InputError
from bridgekit.translation import TEMPLATES, Said, joined, reason, tr, whole

MOST_BYTES = 1_000_000
MOST_VALUES = 200_000  # of a file whose aliases are written out
MOST_DEPTH = 32
MOST_TOLD = 20  # of what is wrong in a file
SHELF = TEMPLATES / "labs"
Step = str | int
Where = tuple[Step, ...]
_TAG = "tag:yaml.org,2002:"


class FileError(InputError):
    """What is wrong in a file.  where: of what.  at: line and column."""

    def __init__(self, message: str, hint: str, where: Where, at: tuple[int, int]) -> None:
        super().__init__(message, hint)
        self.where, self.at = where, at


@dataclass
class Source:
    """A file as it was read.

    name: as it is told in errors.  data: its content.  marks: line and column, from 1, of each value by its path; of a
    key that is known at all, those of the key.  wrong: what was found to be wrong so far.
    doubts: what surely was not meant so, a line each.  shipped: it is one that bridgekit brings.
    """

    name: str
    data: Any = None
    marks: dict[Where, tuple[int, int]] = field(default_factory=dict)
    wrong: list[FileError] = field(default_factory=list)
    doubts: tuple[Said, ...] = ()
    shipped: bool = False

    def place(self, where: Where) -> tuple[int, int]:
        """Line and column; of what has no place of its own, those of what it is part of."""
        while where and where not in self.marks:
            where = where[:-1]
        return self.marks.get(where, (1, 1))

    def said(self, where: Where, message: str) -> Said:
        """Something about what stands there."""
        return tr("{0}:{1}:{2}: {3}", self.name, *self.place(where), message)

    def error(self, where: Where, message: str, hint: str) -> FileError:
        """What is wrong there."""
        return FileError(self.said(where, message), hint, where, self.place(where))

    def judge(self) -> None:
        """Raises InputError if something is wrong: all of it, in the order of the file."""
        found = sorted(self.wrong, key=lambda each: each.at)
        self.wrong = []
        if len(found) == 1:
            raise found[0]
        if found:
            more = len(found) - MOST_TOLD
            told = [*map(whole, found[:MOST_TOLD]), *([tr("and {0} more", more)] if more > 0 else ())]
            raise InputError(joined(told, "\n"))


def read(name: str) -> Source:
    """A topology file, or a lab that bridgekit brings, by its name.  Raises InputError with line and column."""
    path, source = Path(name), Source(name)
    if not path.exists() and name in shipped():
        path, source.shipped = SHELF / f"{name}.yaml", True
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        near = get_close_matches(name, shipped(), 1)
        hint = tr("did you mean {0}?", near[0]) if near else tr("a file, or one of: {0}", ", ".join(shipped()))
        raise InputError(tr("cannot read {0!r}: {1}", name, reason(error)), hint) from None
    if len(content) > MOST_BYTES:
        raise source.error((), tr("more than {0} bytes", MOST_BYTES), tr("a topology file is smaller"))
    return parsed(source, _text(source, content))


def shipped() -> list[str]:
    """The names of the labs that bridgekit brings."""
    return sorted(path.stem for path in SHELF.glob("*.yaml"))


def beginning(lang: str) -> str:
    """A topology file to begin with, with comments in a language."""
    path = SHELF / lang / "hello.yaml"
    return (path if path.exists() else SHELF / "hello.yaml").read_text("utf-8")


def _text(source: Source, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.marks[()] = (line, error.start - content.rfind(b"\n", 0, error.start))
        raise source.error((), tr("not text in UTF-8"), tr("save the file as UTF-8")) from None


def parsed(source: Source, text: str) -> Source:
    """The same with the data of a text.  Raises InputError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe").compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.marks[()] = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise source.error((), tr("not YAML: {0}", error.problem or error.context or ""), _hint(text, mark)) from None
    except (YAMLError, RecursionError, ValueError) as error:
        words = str(error).split("\n")[0]
        raise source.error((), tr("not YAML: {0}", words), tr("one document of plain text")) from None
    if root is None:
        raise source.error((), tr("an empty file"), tr("`bridgekit lab init` prints one to begin with"))
    source.data = _Data(source).of(root, (), 0)
    source.judge()
    return source


def _hint(text: str, mark: Any) -> str:
    line = text.split("\n")[mark.line] if mark and mark.line < text.count("\n") + 1 else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or (mark and line[mark.column : mark.column + 1] == "\t"):
        return tr("blanks in the place of the tab: YAML indents with nothing else")
    if mark and line[mark.column : mark.column + 1] == ":":
        return tr("within brackets a text with a colon needs quotes: {0}", '"a:eth0"')
    return tr("see what stands before it, too: quotes, brackets, `: `")


class _Data:
    """Composed nodes as plain data; how much there is of it is counted, so that no alias makes a little much."""

    def __init__(self, source: Source) -> None:
        self._source, self._left = source, MOST_VALUES

    def of(self, node: Any, where: Where, depth: int) -> Any:
        self._left -= 1
        self._source.marks[where] = self._source.marks.get(where) or _place(node)
        if self._left < 0 or depth > MOST_DEPTH:
            self._source.marks[where] = _place(node)
            raise self._source.error(where, tr("too much, when all aliases are written out"), tr("fewer aliases"))
        match node.id:
            case "mapping":
                return dict(self._pairs(node, where, depth))
            case "sequence":
                return [self.of(each, (*where, at), depth + 1) for at, each in enumerate(node.value)]
        return self._scalar(node, where)

    def _pairs(self, node: Any, where: Where, depth: int) -> Iterator[tuple[str, Any]]:
        seen: dict[str, tuple[int, int]] = {}
        for key, value in node.value:
            name, line = self._key(key, where), key.start_mark.line + 1
            if name in seen:
                self._source.marks[(*where, name)] = _place(key)
                first = tr("it stands in line {0} already", seen[name][0])
                self._source.wrong.append(
                    self._source.error((*where, name), tr("a key that is there twice: {0!r}", name), first)
                )
                continue
            seen[name] = (line, 0)
            self._source.marks[(*where, name)] = _place(key)
            yield name, self.of(value, (*where, name), depth + 1)

    def _key(self, key: Any, where: Where) -> str:
        if key.id != "scalar" or key.tag == f"{_TAG}merge":
            self._source.marks[where] = _place(key)
            raise self._source.error(
                where, tr("not a key"), tr("a word; `defaults:` and `kinds:` are for what is shared")
            )
        return str(key.value)

    def _scalar(self, node: Any, where: Where) -> Any:
        text, kind = node.value, str(node.tag).removeprefix(_TAG)
        if "\0" in text:  # bash drops it
            self._wrong(where, tr("a text with a NUL in it: {0!r}", text[:60]))
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on")
            case "int" if text.lstrip("-").isdecimal() and text.isascii() and len(text) < 19:
                return int(text)
            case "str" | "int" | "float" | "timestamp":
                return text
        self._source.marks[where] = _place(node)
        self._wrong(where, tr("not a value that is known here: {0}", node.tag))
        return text

    def _wrong(self, where: Where, message: str) -> None:
        self._source.wrong.append(self._source.error(where, message, tr("plain text")))


def _place(node: Any) -> tuple[int, int]:
    return (node.start_mark.line + 1, node.start_mark.column + 1)
