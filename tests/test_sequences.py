"""Every sequence of the documents is in a recipe, a lesson or a command; its commands are there word for word.

tests/cases/sequences.json is a copy of the list: id -> the commands, in order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from bridgekit.cli.topics import page
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES
from tests.golden import rendered

ROOT = Path(__file__).resolve().parents[1]
SEQUENCES: dict[str, list[str]] = json.loads((ROOT / "tests/cases/sequences.json").read_text("utf-8"))
WALK = "learn docker-by-hand"

# What renders the commands of a sequence.
RENDERED = {
    "000.none-container": WALK,
    "000.netns-bind": WALK,
    "000.veth": WALK,
    "000.bridge": WALK,
    "000.outbound": WALK,
    "002.install": "install --distro ubuntu --upgrade",
    "003.forwarding": "learn forwarding",
    "003.by-hand": "learn four-steps",
    "003.p2p": "learn point-to-point",
    "003.cleanup": "cleanup",
    "004.prerequisites": "install --distro alpine --no-docker",
    "001.peer": "learn veth-peers",
    "003.docker0": "learn customise-docker0",
    "002.observe": "learn docker0",
    "002.verify": "learn docker0",
    "003.own-bridge": "own-bridge bridge0 192.168.5.1/24",
    "004.docker0": "learn docker0",
    "003.publish": "learn publish-ports",
    "003.masquerade": "learn masquerade",
    "003.icc": "learn icc-and-links",
}
_ENTER = re.compile(r"^docker exec \S+ ")
COMMANDS = ("sandbox", "verify", "show peers", "show networks")
# What does a sequence's work without typing its commands, and why.
OTHERWISE = {
    "004.dind": "the throw-away host is made without Docker in Docker",
}


def plain(command: str) -> list[str]:
    """The lines of a command's plain rendering, as the documents type them."""
    return rendered(f"{command} --dry-run --style plain --dialect document").splitlines()


def missed(steps: Iterable[str], lines: Iterable[str]) -> list[str]:
    """The steps that do not stand in the lines after the step before.

    What is typed in a container's own terminal is `docker exec NAME` here.
    """
    left = iter(lines)
    return [step for step in steps if not any(step in (line, _ENTER.sub("", line)) for line in left)]


@pytest.mark.parametrize("sequence", RENDERED)
def test_the_documents_commands_are_there_in_order_word_for_word(sequence: str) -> None:
    assert SEQUENCES[sequence]
    assert not missed(SEQUENCES[sequence], plain(RENDERED[sequence]))


def test_every_sequence_with_commands_has_its_place() -> None:
    assert {name for name, steps in SEQUENCES.items() if steps} == {*RENDERED, *OTHERWISE}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_topic_says_where_each_sequence_is(language: str) -> None:
    rows = dict(re.findall(r"^\| `(\d{3}\.[a-z0-9-]+)` \| (.*) \|$", page("sequences", language), re.M))
    assert set(rows) == set(SEQUENCES)
    for sequence, cell in rows.items():
        commands = re.findall(r"`([^`]+)`", cell)
        assert commands or not SEQUENCES[sequence], sequence
        known = {
            *RECIPES,
            *(f"learn {name}" for name in LESSONS),
            "sandbox",
            "verify",
            "show",
            "show peers",
            "show networks",
        }
        assert set(commands) <= known, sequence
        rendered_by = RENDERED.get(sequence, "")
        assert not rendered_by or any(rendered_by.startswith(command) for command in commands), sequence


def test_the_order_of_the_commands_counts() -> None:
    """The measure itself: a step that comes too early is missed."""
    steps, lines = SEQUENCES["000.netns-bind"], plain(WALK)
    first, second = steps[:2]
    swapped = [{first: second, second: first}.get(line, line) for line in lines]
    assert not missed(steps, lines)
    assert missed(steps, swapped)
    assert missed(steps, [line + " " for line in lines])
