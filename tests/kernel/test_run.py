"""Running through `sh`: what comes to bridgekit comes to bash."""

from __future__ import annotations

import os
import signal

import pytest

from bridgekit import api, facts, journal, recipes, render
from bridgekit.errors import HostError, RunError
from bridgekit.run import run
from tests.kernel.world import in_throwaway_host

SIGNALS = {"INT": signal.SIGINT, "TERM": signal.SIGTERM}


@pytest.mark.parametrize("name", [*SIGNALS, "hung up"])
@in_throwaway_host("web")
def test_a_signal_to_bridgekit_rolls_back(name: str) -> None:
    before = facts.snapshot(macs=True)
    heard: list[str] = []

    def listen(line: str) -> None:
        heard.append(line)
        if len(heard) == 5:
            if name == "hung up":
                raise BrokenPipeError
            os.kill(os.getpid(), SIGNALS[name])

    with pytest.raises(RunError, match="rolled back"):
        run(render.script(recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1")), listen=listen)
    assert facts.snapshot(macs=True) == before
    assert journal.runs() == ()


@in_throwaway_host()
def test_the_library_in_a_line_each() -> None:
    before = facts.digest()
    plan = recipes.bridge("br7", address="10.7.0.1/24")
    assert not api.check(plan)
    api.run(plan)
    assert api.check(plan)
    assert [each.name for each in journal.runs()] == [plan.name]
    assert facts.digest() != before
    api.undo(plan.name)
    assert facts.digest() == before
    with pytest.raises(HostError, match="no run of that name"):
        api.undo(plan.name)
