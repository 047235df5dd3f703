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
_TABLE = re.compile(r"^\[([A-Za-z0-9.-]+)\]$", re.M)
_LESSON = re.compile(r"[a-z0-9-]+\Z", re.ASCII)


@cache
def _sections(lang: str) -> dict[str, str]:
    """The tables of a language's catalogue as text: one is parsed when it is asked for, since a plan needs few."""
    if lang not in LANGUAGES:
        raise InputError(f"not a language: {lang!r}", f"one of: {', '.join(LANGUAGES)}")
    _, *rest = _TABLE.split((TEMPLATES / "explain" / f"{lang}.toml").read_text("utf-8"))
    return dict(zip(rest[::2], rest[1::2], strict=True))


@cache
def section(name: str, lang: str) -> dict[str, str]:
    """A table of a language's catalogue, `en` or `zh`; empty if there is none of that name.  Raises InputError."""
    return tomllib.loads(_sections(lang).get(name, ""))


@cache
def _of_lesson(lesson: str, lang: str) -> dict[str, Any]:
    """A lesson's own catalogue: its title, and its notes by their keys; empty if there is none of that name."""
    path = TEMPLATES / "explain" / lang / f"{lesson}.toml"
    return tomllib.loads(path.read_text("utf-8")) if _LESSON.match(lesson) and path.is_file() else {}


def title(plan: Plan, lang: str) -> str:
    """A plan's title, in one sentence on one line: it stands in a comment of the script."""
    lesson = plan.recipe.removeprefix(LESSON)
    titles = section("plans", lang) if lesson == plan.recipe else {plan.recipe: _of_lesson(lesson, lang)["title"]}
    return " ".join(plain(_fill(titles[plan.recipe], plan.parameters)).split())


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
    lesson, slash, note = step.note.partition("/")
    if slash:
        entry: dict[str, str] = _of_lesson(lesson, lang).get(note, {})
    else:
        entry = section(f"notes.{step.note}" if step.note else _name(step), lang)
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
