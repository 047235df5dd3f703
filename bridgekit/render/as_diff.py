"""Two plans -> what the second does otherwise: commands taken away and added, each with its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from bridgekit import explain
from bridgekit.compile import Line, compiled
from bridgekit.plan import Plan
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
    old, new = (compiled(plan, "modern", lang).numbered for plan in (before, after))
    typed = [[command(line) for line in lines] for lines in (old, new)]
    matcher = SequenceMatcher(None, typed[0], typed[1], autojunk=False)
    found: list[Change] = []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            found += _marked("-", old[start:end])
            found += _marked("+", new[new_start:new_end])
    return found


def _marked(mark: str, lines: list[Line]) -> Iterator[Change]:
    for line in lines:
        yield Change(mark, command(line), explain.plain(line.say), line.why)
