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
from tests.plans import PLANS

ROOT = Path(__file__).resolve().parents[1]


def flat(table: dict[str, Any], above: str = "") -> dict[str, str]:
    """Each sentence of a catalogue by its full key."""
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def _names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


OF_LESSONS = sorted(explain.TEMPLATES.glob("explain/en/*.toml"))


def whole(lang: str) -> dict[str, Any]:
    """A catalogue as one."""
    return tomllib.loads((explain.TEMPLATES / f"explain/{lang}.toml").read_text("utf-8"))


def test_a_table_is_read_as_the_whole_catalogue_has_it() -> None:
    for lang in explain.LANGUAGES:
        for name, table in whole(lang).items():
            for key, entry in table.items() if name == "notes" else ((name, table),):
                assert explain.section(key if name != "notes" else f"notes.{key}", lang) == entry


def _sentences(lang: str) -> dict[str, str]:
    """Every sentence of a language, its lessons' with the lesson's name before the key."""
    found = flat(whole(lang))
    for path in explain.TEMPLATES.glob(f"explain/{lang}/*.toml"):
        found |= flat(tomllib.loads(path.read_text("utf-8")), f"{path.stem}/")
    return found


EN, ZH = _sentences("en"), _sentences("zh")


def test_both_languages_have_the_same_keys() -> None:
    assert {"only en": sorted(EN.keys() - ZH.keys()), "only zh": sorted(ZH.keys() - EN.keys())} == {
        "only en": [],
        "only zh": [],
    }


@pytest.mark.parametrize("key", sorted(EN.keys() & ZH.keys()))
def test_both_languages_name_the_same_values(key: str) -> None:
    assert _names_in(EN[key]) == _names_in(ZH[key])
    assert EN[key].strip() == EN[key] or key.startswith(("teach.", "phrases.within")), "no loose spaces"
    assert "\n" not in EN[key] + ZH[key], "a sentence stands on one line of a script"


def test_zh_is_not_en() -> None:
    same = {key for key in EN.keys() & ZH.keys() if EN[key] == ZH[key]}
    assert same <= {"phrases.within"}


def test_every_procedure_is_among_the_plans() -> None:
    assert {make().recipe for make in PLANS.values()} == {*RECIPES, *(f"{explain.LESSON}{name}" for name in LESSONS)}


def test_every_procedure_has_a_title_and_no_title_is_left_over() -> None:
    assert set(explain.section("plans", "en")) == {*RECIPES, "by-hand"}
    assert {path.stem for path in OF_LESSONS} == {*LESSONS}
    assert all("title" in tomllib.loads(path.read_text("utf-8")) for path in OF_LESSONS)


def test_every_note_is_used_and_every_used_note_is_there() -> None:
    used = {step.note for make in PLANS.values() for step in make().steps if step.note}
    there = set(whole("en")["notes"])
    there |= {f"{path.stem}/{key}" for path in OF_LESSONS for key in tomllib.loads(path.read_text("utf-8"))}
    there -= {f"{path.stem}/title" for path in OF_LESSONS}
    assert {"missing": used - there, "unused": there - used} == {"missing": set(), "unused": set()}


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
    used = {"within"}
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
