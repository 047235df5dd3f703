"""The laws, over every recipe and the lesson, on a real kernel; that of undo in all dialects and styles: test_pipes."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import pytest

from bridgekit.compile import compiled
from bridgekit.errors import InputError
from bridgekit.operations import Need
from bridgekit.plan import Plan
from bridgekit.recipes import RECIPES
from tests.kernel import measure, trial
from tests.kernel.cases import ALIKE, CASES, DIALECTS, SETTING, in_a_host, written
from tests.kernel.world import shell

# Every kind of strike at every step of these.  Of the others one kind a step, in turn, two where there are few steps.
# In the one dialect or the other: what takes a step back is the same text in both.
THOROUGH = (
    "bridge-4",
    "bridge-6",
    "outbound-4",
)
FEW = 12
# A step of a kind that so many earlier cases were struck at is struck no more, but for the last step of each case.
OFTEN = 3
# Here it is not the same.
OF_BOTH = ("own-bridge",)
STRUCK = [
    (case, dialect)
    for number, case in enumerate(CASES)
    if case not in ALIKE
    for dialect in (DIALECTS if case in OF_BOTH else (DIALECTS[number % 2],))
]


def _quick(case: str, dialect: str) -> bool:
    """Whether it is the first case of its recipe, in the one dialect or the other."""
    name = max((each for each in RECIPES if case.startswith(each)), key=len, default=case)
    first = next(each for each in CASES if each.startswith(name))
    return case == first and dialect == DIALECTS[list(CASES).index(case) % 2]


@pytest.mark.parametrize(
    ("case", "dialect"),
    [
        pytest.param(case, dialect, marks=pytest.mark.quick if _quick(case, dialect) else ())
        for case, dialect in zip(CASES, cycle(DIALECTS))
    ],
)
@in_a_host
def test_undo_restores_and_twice_changes_nothing(case: str, dialect: str) -> None:
    shell(SETTING.get(case, ""))
    plan = CASES[case]()
    script = written(plan, dialect)
    measure.name_guests()
    before = measure.state()
    first = trial.bash(script)
    assert first.code == 0, first
    up = measure.state()
    journal = Path("/run/bridgekit", plan.name).read_text().splitlines()
    second = trial.bash(script, "up")
    assert second.code == 0, second
    measure.same(up, measure.state(), "by a second up")
    measure.same(journal, Path("/run/bridgekit", plan.name).read_text().splitlines(), "the journal")
    kinds = [word for word, command in zip(second.words, trial.commands(plan, dialect), strict=True) if command]
    assert set(kinds) == {"same"}, second
    check = trial.bash(script, "check")
    assert check.code == 0, check
    measure.same(up, measure.state(), "by check")
    down = trial.bash(script, "down")
    assert down.code == 0, down
    measure.same(before, measure.state(), "by up, up and down")


def _kinds(plan: Plan) -> list[tuple[str, bool]]:
    """Of each numbered step: its operation, and whether it is done inside a namespace."""
    numbered = [step for step in plan.steps if not isinstance(step.operation, Need)]
    return [(step.operation.entry, step.where is not None) for step in numbered]


def _ends(steps: list[int], kinds: list[tuple[str, bool]]) -> list[int]:
    """The first and the last step of each kind."""
    first = {kinds[step]: step for step in reversed(steps)}
    last = {kinds[step]: step for step in steps}
    return sorted({*first.values(), *last.values()})


def _struck_before(case: str) -> Counter[tuple[str, bool]]:
    """At how many of the cases before this one each kind of step is struck."""
    found: Counter[tuple[str, bool]] = Counter()
    for earlier in dict.fromkeys(each for each, _ in STRUCK):
        if earlier == case:
            break
        with suppress(InputError):  # it stands on what another case's host has
            found.update({*_kinds(CASES[earlier]().without_probes())})
    return found


def _worth(done: list[int], plan: Plan, case: str) -> list[int]:
    """The steps that are struck at."""
    kinds, before = _kinds(plan), _struck_before(case)
    return [at for at in _ends(done, kinds) if case in THOROUGH or before[kinds[at]] < OFTEN or at == done[-1]]


@pytest.mark.parametrize(("case", "dialect"), STRUCK)
@in_a_host
def test_undo_restores_whatever_happened_at_any_step(case: str, dialect: str) -> None:
    shell(SETTING.get(case, ""))
    plan = CASES[case]().without_probes()
    script, targets = written(plan, dialect), trial.commands(plan, dialect)
    parts = {target for target, line in zip(targets, compiled(plan, dialect).numbered, strict=True) if line.part_of}
    measure.name_guests()
    trial.prepare(targets)
    before = measure.state()
    first = trial.bash(script)
    assert trial.bash(script, "down").code == 0
    count = 5 if case in THOROUGH else 2 if len(targets) <= FEW else 1
    done = [at for at, word in enumerate(first.words) if targets[at] and word != "same"]
    assert done
    for number in _worth(done, plan, case):
        target = targets[number]
        for how in trial.strikes(number + DIALECTS.index(dialect), count):
            result = trial.strike(script, target, how, reported=number)
            if result.code == 0:  # it failed, and was so: part of what was made, so it was asked only then
                assert how in trial.FAILURES, result
                assert target in parts, result
                assert trial.bash(script, "down").code == 0
            elif how not in trial.KILLS:
                assert result.code == 1, result
                assert "rolled back" in result.err, result
            elif number % 3 == 0:
                again = trial.bash(script, "up")
                assert again.code == 0, again
                unfinished, *steps = again.words
                assert steps == first.words, (unfinished, again)
                assert trial.bash(script, "down").code == 0
            else:
                down = trial.bash(script, "down")
                assert down.code == 0, down
            trial.landed()
            measure.same(before, measure.state(), f"{target} {how}\n{result}")
