"""Operation + language -> a sentence, from the catalogues in templates/explain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from bridgekit.errors import InputError
from bridgekit.plan import Netns, Plan, Step
from bridgekit.words import Part, Var, Word, parts

_HERE = Path(__file__).resolve().parent
TEMPLATES = next(path for path in (_HERE / "templates", _HERE.parent / "templates") if path.is_dir())
LANGUAGES = ("en", "zh")
LESSON = "learn "  # what a lesson's recipe begins with: a recipe may have the same name
_ENTRY = re.compile(r"^\[(.+)\]$", re.M)
_LESSON = re.compile(r"[a-z0-9-]+\Z", re.ASCII)


@cache
def _entries(lesson: str) -> dict[str, str]:
    """The entries of a lesson's own catalogue, or (without one) of the common files, as text; what is above: as ``."""
    if lesson and not _LESSON.match(lesson):
        return {}
    found: dict[str, str] = {}
    for path in (TEMPLATES / "explain").glob(f"lessons/{lesson}.toml" if lesson else "*.toml"):
        above, *rest = _ENTRY.split(path.read_text("utf-8"))
        found |= {"": above} | dict(zip(rest[::2], rest[1::2], strict=True))
    return found


@cache
def section(name: str, lang: str) -> dict[str, str]:
    """An entry in a language, `en` or `zh`; empty if there is none of that name.  Raises InputError.

    name: as in the catalogue; a lesson's own as LESSON/NAME, and as LESSON/ what stands above them all.
    """
    if lang not in LANGUAGES:
        raise InputError(f"not a language: {lang!r}", f"one of: {', '.join(LANGUAGES)}")
    lesson, _, key = name.rpartition("/")
    # A plan needs few entries, and one language of them: only those lines are parsed.
    lines = re.findall(rf"^([\w-]+)\.{lang} (= .*)$", _entries(lesson).get(key, ""), re.M)
    return tomllib.loads("\n".join(map(" ".join, lines)))


def title(plan: Plan, lang: str) -> str:
    """A plan's title, in one sentence on one line: it stands in a comment of the script."""
    lesson = plan.recipe.removeprefix(LESSON)
    found = section("plans", lang)[lesson] if lesson == plan.recipe else section(f"{lesson}/", lang)["title"]
    return " ".join(plain(_fill(found, plan.parameters)).split())


def phrase(key: str, lang: str, **values: object) -> str:
    """One of the script's own phrases."""
    return plain(_fill(section("phrases", lang)[key], values))


def say(step: Step, lang: str) -> Word:
    """What a step does, in a sentence; variables stay variables."""
    values = _values(step)
    sentence = _fill(_entry(step, lang)["say"], values)
    if isinstance(step.where, Netns) and not step.expect:
        return (*parts(_fill(section("phrases", lang)["within"], {"netns": step.where.name})), *parts(sentence))
    return sentence


def ask(step: Step, lang: str) -> Word:
    """What a step does in the operation's own sentence, or the note's `ask`: one which does not tell how it ends."""
    return _fill(_entry(step, lang).get("ask", section(_name(step), lang)["say"]), _values(step))


def why(step: Step, lang: str) -> str:
    """The reason of a step."""
    return plain(_fill(_entry(step, lang).get("why", ""), _values(step)))


def more(step: Step, lang: str) -> str:
    """Further explanation of a step, for who asks; may be empty."""
    own = section(_name(step), lang)
    entry = _entry(step, lang)
    return plain(_fill(entry.get("more", own.get("more", "")), _values(step)))


def without(step: Step, lang: str) -> Word:
    """What a host misses that cannot do a step."""
    return _fill(section(_name(step), lang)["without"], _values(step))


def _name(step: Step) -> str:
    return step.operation.entry


def _entry(step: Step, lang: str) -> dict[str, str]:
    note = step.note if "/" in step.note or not step.note else f"notes.{step.note}"
    entry = section(note or _name(step), lang)
    if not entry:
        raise InputError(
            f"no sentence for this step: {step.note or _name(step)!r}", "templates/explain has one for each"
        )
    return entry


def _values(step: Step) -> dict[str, Any]:
    return step.operation.values | dict(step.facts)


def _fill(sentence: str, values: Mapping[str, object]) -> Word:
    found: list[Part] = []
    for literal, name, separator, _ in Formatter().parse(sentence):
        found.append(literal)
        if name is not None:
            found.extend(_flat(_look_up(name, values), separator or ""))
    return tuple(part for part in found if part != "")


def _look_up(name: str, values: Mapping[str, object]) -> object:
    first, *rest = name.split(".")
    if first not in values:
        raise InputError(f"a step's sentence needs the fact {first!r}", "because(note, operation, **facts)")
    value = values[first]
    for attribute in rest:
        value = getattr(value, attribute)
    return value


def _flat(value: object, separator: str = "") -> tuple[Part, ...]:
    if isinstance(value, tuple):
        return tuple(part for item in value for part in (separator, *_flat(item)))[1:]
    if isinstance(value, Var):
        return (value,)
    assert isinstance(value, str | int | None), value
    return (str(value),)


def plain(word: Word) -> str:
    """A word as text, each variable by its default or its name."""
    return "".join(str(part) for part in parts(word))
