"""Operation + language -> a sentence, from the catalogues in templates/explain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache, partial, reduce
from string import Formatter
from typing import Any

from bridgekit.errors import InputError
from bridgekit.operations import Value
from bridgekit.plan import Netns, Plan, Step
from bridgekit.translation import LANGUAGES as LANGUAGES, TEMPLATES as TEMPLATES, tr
from bridgekit.words import Part, Var, Word, parts

LESSON = "learn "  # what a lesson's recipe begins with: a recipe may have the same name
_ENTRY = re.compile(r'^\[([^"\]]+)(?:\."(.+)")?\]$', re.M)
_NAME = re.compile(r"(?:([a-z0-9-]+)/)?(.*)", re.ASCII | re.DOTALL)
_BRACKETS = re.compile(r"\[(\[.+?\])\]|\[(.+?)\]")

Forms = dict[str, dict[str, str]]


@cache
def _texts(lesson: str) -> dict[str, dict[str, str]]:
    """The entries of a lesson's own file, or of the common ones, each form as text by its condition."""
    found: dict[str, dict[str, str]] = {}
    for path in (TEMPLATES / "explain").glob(f"lessons/{lesson}.toml" if lesson else "*.toml"):
        above, *rest = _ENTRY.split(path.read_text("utf-8"))
        for name, condition, text in [("", "", above), *zip(rest[::3], rest[1::3], rest[2::3], strict=True)]:
            found.setdefault(name, {})[condition or ""] = text
    return found


@cache
def forms(name: str, lang: str) -> Forms:
    """An entry's sentences by the condition that they are for, the first without one."""
    if lang not in LANGUAGES:
        raise InputError(tr("not a language: {0!r}", lang), tr("one of: {0}", ", ".join(LANGUAGES)))
    lesson, key = _NAME.findall(name)[0]
    # A plan needs few entries, and one language of them: only those lines are parsed.
    line = re.compile(rf"^([\w-]+)\.{lang} (= .*)$", re.M)
    texts = _texts(lesson).get(key, {})
    return {condition: tomllib.loads("\n".join(map(" ".join, line.findall(texts[condition])))) for condition in texts}


def examples(command: str) -> list[str]:
    """Two examples of a command, `attach` or `show peers`; none of a command that is not there."""
    return list(tomllib.loads((TEMPLATES / "help/examples.toml").read_text("utf-8")).get(command, ()))


def section(name: str, lang: str) -> dict[str, str]:
    """An entry in a language, `en` or `zh`; empty if there is none of that name.  Raises InputError.

    name: as in the catalogue; a lesson's own as LESSON/NAME, and as LESSON/ what stands above them all.
    """
    return forms(name, lang).get("", {})


def _chosen(name: str, values: Mapping[str, object], lang: str) -> dict[str, str]:
    """An entry as these values have it: of the forms whose conditions hold, the last word counts."""
    known = forms(name, lang)
    if len(known) == 1 and "" in known:
        return known[""]
    chosen: dict[str, str] = {}
    for condition, form in known.items():
        if holds(condition, values):
            chosen |= form
    return chosen


def holds(condition: str, values: Mapping[str, object]) -> bool:
    """Whether these values are what a form is for: FIELD is set, FIELD=PATTERN it fits; `, ` between several."""
    return all([_fits(*part, values) for part in _conditions(condition)])


@cache
def _conditions(condition: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(part.partition("=") for part in condition.split(", ") if part)


def _fits(field: str, equals: str, pattern: str, values: Mapping[str, object]) -> bool:
    value = _known(field, values)
    if value is None or not equals:
        return bool(value)
    known = (part if isinstance(part, str) else "\0" for part in _flat(value, ""))  # a variable fits only `*`
    return fnmatchcase("".join(known), pattern)


def title(plan: Plan, lang: str) -> str:
    """A plan's title, in one sentence on one line: it stands in a comment of the script."""
    lesson = plan.recipe.removeprefix(LESSON)
    entry = _chosen(f"plans.{lesson}" if lesson == plan.recipe else f"{lesson}/", plan.parameters, lang)
    return " ".join(plain(_fill(entry["title"], plan.parameters, lang)).split())


def phrase(key: str, lang: str, **values: object) -> str:
    """One of the script's own phrases."""
    return plain(_fill(section("phrases", lang)[key], values, lang))


def say(step: Step, lang: str) -> Word:
    """What a step does, in a sentence; variables stay variables."""
    sentence = _fill(_entry(step, lang)["say"], _values(step), lang)
    if isinstance(step.where, Netns) and not step.expect:
        return (*parts(_fill(section("phrases", lang)["within"], {"netns": step.where.name}, lang)), *parts(sentence))
    return sentence


def ask(step: Step, lang: str) -> Word:
    """What a step does in the operation's own sentence, or the note's `ask`: one which does not tell how it ends."""
    note = _entry(step, lang)
    return _fill(note.get("ask", _own(step, lang)["say"]), _values(step), lang)


def why(step: Step, lang: str) -> str:
    """The reason of a step."""
    return plain(_fill(_entry(step, lang).get("why", ""), _values(step), lang))


def more(step: Step, lang: str) -> str:
    """Further explanation of a step, for who asks; may be empty."""
    return plain(_fill((_own(step, lang) | _entry(step, lang)).get("more", ""), _values(step), lang))


def without(step: Step, lang: str) -> Word:
    """What a host misses that cannot do a step."""
    return _fill(_own(step, lang)["without"], _values(step), lang)


def _own(step: Step, lang: str) -> dict[str, str]:
    """The operation's own entry."""
    return _chosen(step.operation.entry, _values(step), lang)


def _entry(step: Step, lang: str) -> dict[str, str]:
    """The note's entry, or the operation's own."""
    if not step.note:
        entry = _own(step, lang)
    else:
        entry = _chosen(step.note if "/" in step.note else f"notes.{step.note}", _values(step), lang)
    if not entry:
        missing = step.note or step.operation.entry
        raise InputError(tr("no sentence for this step: {0!r}", missing), "templates/explain has one for each")
    return entry


def _values(step: Step) -> dict[str, Any]:
    return {**step.operation.values, **step.facts} if step.facts else step.operation.values


def _fill(sentence: str, values: Mapping[str, object], lang: str) -> Word:
    found: list[Part] = []
    if "[" in sentence:
        sentence = _BRACKETS.sub(partial(_bracket, values), sentence)
    for literal, name, separator in _cut(sentence):
        found.append(literal)
        if name is not None:
            value = _look_up(name, values)
            found.extend((value,) if isinstance(value, str) else _flat(value, lang, separator))
    return tuple([part for part in found if part != ""])


@cache
def _cut(sentence: str) -> tuple[tuple[str, str | None, str], ...]:
    """A sentence's texts, each with the name of the value after it, and what stands between several of those."""
    return tuple((literal, name, separator or "") for literal, name, separator, _ in Formatter().parse(sentence))


def _bracket(values: Mapping[str, object], found: re.Match[str]) -> str:
    """`[[...]]` is `[...]`; `[...]` stands only if its values are set."""
    names = [name for _, name, _ in _cut(found[2] or "") if name]
    return found[1] or (found[2] if all(_known(name, values) for name in names) else "")


def _look_up(name: str, values: Mapping[str, object]) -> object:
    found = _known(name, values)
    if found is None:
        raise InputError(tr("a step's sentence needs the fact {0!r}", name), "because(note, operation, **facts)")
    return found


def _known(name: str, values: Mapping[str, object]) -> object | None:
    if "." not in name:
        return values.get(name)
    first, *rest = name.split(".")
    return reduce(lambda value, attribute: getattr(value, attribute, None), rest, values.get(first))


def _flat(value: object, lang: str, separator: str = "") -> tuple[Part, ...]:
    if isinstance(value, tuple):
        return tuple(part for item in value for part in (separator, *_flat(item, lang)))[1:]
    if isinstance(value, Var):
        return (value,)
    if isinstance(value, Value):  # has an entry of its own
        return parts(_fill(_chosen(type(value).__name__, vars(value), lang)["say"], vars(value), lang))
    assert isinstance(value, str | int), value
    return (str(value),)


def plain(word: Word) -> str:
    """A word as text, each variable by its default or its name."""
    return "".join(map(str, parts(word)))
