"""Every lesson that needs no engine, as a learner's unattended walk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest

from bridgekit import facts, render, run, teach
from bridgekit.lessons import LESSONS
from tests.kernel import measure, trial
from tests.kernel.cases import DIALECTS, written
from tests.kernel.world import in_throwaway_host

WALKS = [name for name in LESSONS if not LESSONS[name].engine]
# The ids that the documents' containers have, by lesson.
IDS = {name: LESSONS[name].make().container_ids for name in WALKS}
THERE = {name: LESSONS[name].make().guests for name in WALKS}


IN_BOTH = ("docker-by-hand", "isolation", "mesh", "vrf")  # between them nearly all operations; others in one, in turn


@pytest.mark.parametrize(
    ("lesson", "dialect"),
    [
        (lesson, dialect)
        for number, lesson in enumerate(WALKS)
        for dialect in (DIALECTS if lesson in IN_BOTH else (DIALECTS[number % 2],))
    ],
)
def test_every_probe_is_as_the_document_says(lesson: str, dialect: str) -> None:
    in_throwaway_host(*THERE[lesson], ids=IDS[lesson])(walk)(lesson=lesson, dialect=dialect)


def walk(lesson: str, dialect: str) -> None:
    """Up, with every probe as expected; up again in one dialect, which changes nothing; down, and all is as before."""
    plan = LESSONS[lesson].make()
    script = render.script(plan, dialect)
    before = facts.snapshot()
    heard: list[str] = []
    run.run(script, listen=heard.append)
    numbers = range(1, len(script.pieces) + 1)
    assert [line.split()[1] for line in heard] == [f"{number}/{len(script.pieces)}" for number in numbers]
    assert {line.split()[0] for line in heard} <= {"ok", "same"}
    made, path = facts.snapshot(), written(plan, dialect)
    if dialect == DIALECTS[WALKS.index(lesson) % 2]:  # what asks whether it is so is one text in both
        again = trial.bash(path)
        assert again.code == 0, again
        measure.same(made, facts.snapshot(), "by a second walk")
    down = trial.bash(path, "down")
    assert down.code == 0, down
    measure.same(before, facts.snapshot(), "by up, up and down")


@pytest.mark.parametrize("lesson", ["mesh", "customise-docker0"])
def test_a_learner_who_thinks_after_a_probe_that_fails_sees_the_same(lesson: str) -> None:
    """What was asked for in vain comes a moment later: a question left open would fail, and the next probe with it."""
    in_throwaway_host(ids=IDS[lesson])(walk_in_thought)(lesson=lesson)


def walk_in_thought(lesson: str) -> None:
    """Past the second in which the kernel asks for an address for the last time, not past that question's end."""
    programs, thoughts = Path("/run/thoughtful"), Path("/run/thoughts")
    programs.mkdir()
    for name in ("ping", "timeout"):
        thought = f'{shutil.which(name)} "$@" && exit; code=$?; echo {name} >>{thoughts}; sleep 1.5; exit $code'
        (programs / name).write_text(f"#!/bin/sh\n{thought}\n")
        (programs / name).chmod(0o755)
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    run.run(render.script(LESSONS[lesson].make(), "modern"))
    assert thoughts.read_text().split()


@pytest.mark.parametrize("lesson", ["customise-docker0", "docker-by-hand", "isolation", "mesh"])
def test_a_learner_who_goes_half_way_back_and_on_again_sees_the_same(lesson: str) -> None:
    in_throwaway_host(ids=IDS[lesson])(walk_back_and_on)(lesson=lesson)


def walk_back_and_on(lesson: str) -> None:
    """What was taken back and is made anew may have other MAC addresses: nobody must still send to the old ones."""
    script = render.script(LESSONS[lesson].make(), "modern")
    before, last = facts.snapshot(), len(script.pieces) - 1
    keys = [*[""] * last, *["b"] * (last // 2), *[""] * (last // 2 + 1), ""]
    with patch("builtins.input", side_effect=keys) as asked:
        assert teach.teach(script)
    assert asked.call_count == len(keys)
    measure.same(before, facts.snapshot(), "by up, half-way down, up and down")


pytestmark = pytest.mark.kernel
