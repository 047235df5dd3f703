"""Situations of public reports: each has a test that is named after it, and CONTRIBUTING.md has their number."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
SITUATIONS: dict[str, list[dict[str, Any]]] = tomllib.loads((TESTS / "situations.toml").read_text("utf-8"))
ENDS = ("right", "refused", "told", "cannot")


def ends(situation: dict[str, Any]) -> list[str]:
    return [end for end in ENDS if end in situation]


@pytest.mark.parametrize(
    "situation", [each for kind in SITUATIONS.values() for each in kind], ids=lambda each: each["what"]
)
def test_a_situation_has_its_tests(situation: dict[str, Any]) -> None:
    assert ends(situation)
    assert set(situation) == {"what", *ends(situation)}
    for end in ends(situation):
        for place in situation[end] if end != "cannot" else ():
            file, _, name = place.partition("::")
            text = (TESTS / file).read_text("utf-8")
            assert any(form.format(name) in text for form in ("def {}(", '"{}', "\n[{}]", "{}\\n")), place


def table() -> str:
    """How many end how; one that is right here and told there counts as what stands first."""
    lines = ["| situations | right | refused | told | no command for it |", "|---|---|---|---|---|"]
    for kind, found in SITUATIONS.items():
        first = [ends(each)[0] for each in found]
        lines.append(f"| {kind} | {' | '.join(str(first.count(end)) for end in ENDS)} |")
    return "\n".join(lines)


def test_their_number_is_told() -> None:
    assert table() in (TESTS.parent / "CONTRIBUTING.md").read_text("utf-8"), f"it is now:\n{table()}"
