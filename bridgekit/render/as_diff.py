"""Two plans -> what the second does otherwise: commands taken away and added, each with its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from bridgekit import explain
from bridgekit.dialects import MODERN
from bridgekit.plan import Plan, Step
from bridgekit.render.as_plain import command


@dataclass(frozen=True)
class Change:
    """One command more (`+`) or less (`-`), what it does and why."""

    mark: str
    command: str
    sentence: str
    reason: str


def changes(before: Plan, after: Plan, lang: str = "en") -> list[Change]:
    """What a plan does otherwise than another, in the order of the commands."""
    old, new = ([step for step in plan.steps if not step.is_need] for plan in (before, after))
    typed = [[command(step, MODERN) for step in steps] for steps in (old, new)]
    matcher = SequenceMatcher(None, typed[0], typed[1], autojunk=False)
    found: list[Change] = []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            found += _marked("-", old[start:end], lang)
            found += _marked("+", new[new_start:new_end], lang)
    return found


def _marked(mark: str, steps: list[Step], lang: str) -> Iterator[Change]:
    for step in steps:
        sentence, reason = explain.plain(explain.say(step, lang)), explain.why(step, lang)
        yield Change(mark, command(step, MODERN), sentence, reason)
