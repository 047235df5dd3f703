"""The catalogues of both languages: nothing is missing, nothing is left over, both say the same."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from bridgekit import explain, operations, plan, words
from bridgekit.dialects import DOCUMENTS, wordings
from bridgekit.errors import InputError
from bridgekit.lessons import LESSONS
from bridgekit.plan import Step
from bridgekit.recipes import RECIPES
from bridgekit.render import shell
from bridgekit.render.as_script import _PHRASES
from tests.plans import PLANS

ROOT = Path(__file__).resolve().parents[1]


FILES = sorted((explain.TEMPLATES / "explain").rglob("*.toml"))
OF_LESSONS = [path for path in FILES if path.parent.name == "lessons"]


def whole(path: Path) -> dict[str, Any]:
    """A file of the catalogue."""
    return tomllib.loads(path.read_text("utf-8"))


def entries(path: Path) -> dict[str, dict[str, Any]]:
    """The entries of a file by the names that `explain.section` knows them by."""
    before = f"{path.stem}/" if path in OF_LESSONS else ""
    tables = whole(path)
    above = {before: {"title": tables.pop("title")}} if before else {}
    groups = {group: tables.pop(group, {}) for group in ("notes", "plans")}
    inside = {f"{group}.{key}": entry for group, table in groups.items() for key, entry in table.items()}
    return above | inside | {before + key: entry for key, entry in tables.items()}


ENTRIES = {name: entry for path in FILES for name, entry in entries(path).items()}


def flat(table: dict[str, Any], above: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each sentence by its full key, in its languages."""
    for key, value in table.items():
        if all(isinstance(inside, str) for inside in value.values()):
            yield f"{above}.{key}", value
        else:
            yield from flat(value, f"{above}.{key}")


SENTENCES = dict(sentence for name, entry in ENTRIES.items() for sentence in flat(entry, name))


def _names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_no_entry_is_in_two_files() -> None:
    assert len(ENTRIES) > 300
    assert len(ENTRIES) == sum(len(entries(path)) for path in FILES)


def test_a_section_is_read_as_the_whole_file_has_it() -> None:
    for name, entry in ENTRIES.items():
        for lang in explain.LANGUAGES:
            own = {key: value[lang] for key, value in entry.items() if lang in value}
            assert explain.section(name, lang) == own, name


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_a_sentence_has_both_languages(key: str) -> None:
    assert list(SENTENCES[key]) == [*explain.LANGUAGES], "one below the other"
    en, zh = SENTENCES[key].values()
    assert _names_in(en) == _names_in(zh), "both name the same values"
    assert en.strip() == en or key.startswith(("teach.", "phrases.within")), "no loose spaces"
    assert "\n" not in en + zh, "a sentence stands on one line of a script"
    assert en != zh or key == "phrases.within"


def test_every_procedure_is_among_the_plans() -> None:
    lessons = {f"{explain.LESSON}{name}" for name in LESSONS}
    assert {make().recipe for make in PLANS.values()} == {*RECIPES, "lab", *lessons}


def test_every_procedure_has_a_title_and_no_title_is_left_over() -> None:
    assert {name for name in ENTRIES if name.startswith("plans.")} == {
        f"plans.{name}" for name in (*RECIPES, "by-hand", "lab")
    }
    assert {path.stem for path in OF_LESSONS} == {*LESSONS}
    assert all(explain.section(f"{name}/", "en") for name in LESSONS)


def test_every_note_is_used_and_every_used_note_is_there() -> None:
    used = {step.note for make in PLANS.values() for step in make().steps if step.note}
    there = {name.removeprefix("notes.") for name in ENTRIES if name.startswith("notes.") or re.search("/.", name)}
    assert {"missing": used - there, "unused": there - used} == {"missing": set(), "unused": set()}


def test_every_other_entry_is_an_operations_or_a_list() -> None:
    others = {name for name in ENTRIES if not name.startswith(("notes.", "plans.")) and "/" not in name}
    kinds = {*operations.KINDS, *operations.Look.QUESTIONS, "NetnsPath", "Rule"}
    kinds |= {f"Need{what}" for what in operations.Need.QUESTIONS}
    kinds |= {f"Remark{what}" for what in operations.Remark.QUESTIONS}
    kinds |= {f"Capture{what}" for what in operations.Capture.QUESTIONS}
    kinds |= {operations.LinkSet("eth0", what, "x").entry for what in operations.SETTINGS}
    assert others - kinds == {"phrases", "teach"}


@pytest.mark.parametrize("lang", explain.LANGUAGES)
@pytest.mark.parametrize("name", PLANS)
def test_every_step_can_be_told(lang: str, name: str) -> None:
    made_ = PLANS[name]()
    assert explain.title(made_, lang)
    for step in made_.steps:
        told = (explain.say(step, lang), explain.why(step, lang), explain.more(step, lang), explain.ask(step, lang))
        assert told[0]
        assert told[1] or step.is_need
        assert "{" not in "".join(map(explain.plain, told))


def test_every_phrase_is_used_and_every_used_phrase_is_there() -> None:
    used = {"within", *_PHRASES}
    shell_words = "".join(path.read_text("utf-8") for path in (ROOT / "templates/shell").glob("*.sh"))
    english = explain.section("phrases", "en")
    used |= {key for key in english if key.startswith("h_") and f" {english[key]}\n" in shell_words}
    for path in (ROOT / "templates").rglob("*.j2"):
        used |= set(re.findall(r"\bt\.(\w+)", path.read_text("utf-8")))
    for worded in (each for document in DOCUMENTS for each in wordings("document", document).values()):
        used |= {wording.phrase for wording in worded if wording.phrase}
    for path in (ROOT / "bridgekit").rglob("*.py"):
        used |= {key for function, key in _calls(path) if function == "phrase"}
    there = set(explain.section("phrases", "en"))
    assert {"missing": used - there, "unused": there - used} == {"missing": set(), "unused": set()}


def test_every_word_of_the_teacher_is_there_and_used() -> None:
    text = (ROOT / "bridgekit/teach.py").read_text("utf-8")
    there = set(explain.section("teach", "en"))
    used = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and node.value in there}
    asked = set(re.findall(r'_words\["(\w+)"\]', text))
    assert asked
    assert {"missing": asked - there, "unused": there - used} == {"missing": set(), "unused": set()}


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield function, str(node.args[0].value)


def test_an_unknown_language() -> None:
    with pytest.raises(InputError, match="not a language: 'fr'\n  hint: one of: en, zh"):
        explain.section("phrases", "fr")


def test_a_sentence_keeps_its_variables() -> None:
    step = Step(operations.Capture(words.Var("pid"), "Pid", runtime="docker", guest=words.Var("GUEST", "web")))
    assert shell.word(explain.say(step, "en")) == '"Learn the process id of $GUEST."'
    assert explain.plain(explain.say(step, "en")) == "Learn the process id of web."
    inside = Step(operations.LinkSet("lo", "up"), plan.Netns("red"))
    assert explain.plain(explain.say(inside, "en")) == "[red] Bring lo up."
