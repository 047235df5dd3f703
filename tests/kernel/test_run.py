"""Running through `sh`: what comes to bridgekit comes to bash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit import api, facts, journal, recipes, render
from bridgekit.errors import BridgekitError, HostError, RunError
from bridgekit.run import run
from bridgekit.script import Script
from tests.kernel import measure
from tests.kernel.world import ROOT, in_throwaway_host

SIGNALS = {"INT": signal.SIGINT, "TERM": signal.SIGTERM, "HUP": signal.SIGHUP}
DONE = Path("/run/done")  # of the throw-away host: its /run is its own
COMMAND = [sys.executable, "-m", "bridgekit"]


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


def _until(process: subprocess.Popen[str], word: str) -> None:
    """Read what a process says, up to a word."""
    assert process.stdout is not None
    assert any(word in line for line in process.stdout), "it ended before it said so"


@pytest.mark.parametrize("how", ["run", "step"])
@pytest.mark.parametrize("name", SIGNALS)
@in_throwaway_host()
def test_a_signal_to_the_command_rolls_back(name: str, how: str) -> None:
    before = measure.state()
    words = [*COMMAND, "mesh", "br0", "10.0.0.0/24", "--count", "10", *(["--step"] if how == "step" else []), "--yes"]
    # A learner's terminal gets each line at once; here it is a pipe.
    given = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        words, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    _until(process, "5/")
    process.send_signal(SIGNALS[name])
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, (out, err)
    assert "taken back" in err or "rolled back" in err, err
    assert "Traceback" not in err
    measure.same(before, measure.state())


@in_throwaway_host()
def test_a_hang_up_that_the_caller_ignores_is_meant() -> None:
    words = ["nohup", *COMMAND, "mesh", "br0", "10.0.0.0/24", "--count", "4", "--yes"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
    _until(process, "5/")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


@in_throwaway_host()
def test_a_listener_that_fails_rolls_back_and_is_told_of() -> None:
    def listen(line: str) -> None:
        raise ValueError(f"who says {line.split()[0]}")

    before = measure.state()
    with pytest.raises(RunError, match=r"rolled back\n.* who says ok"):
        run(render.script(recipes.mesh("br0", "10.0.0.0/24", count=4)), listen=listen)
    measure.same(before, measure.state())


@in_throwaway_host()
def test_bash_does_not_wait_for_a_listener_that_failed() -> None:
    """It says more than a pipe holds."""

    def listen(_: str) -> None:
        raise ValueError("no more")

    words = Script("talk", "Talk.", f"seq 20000\n: >{DONE}\n", "", "", (), "", "")
    with pytest.raises(RunError, match="the run is done, but its words were not heard: no more"):
        run(words, "down", listen=listen)
    assert DONE.exists()


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


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("TERM", HostError, "stopped by a signal; nothing was done"),
        ("SEGV", RunError, "bash was ended by SIGSEGV; the journal tells what it had done"),
        ("KILL", RunError, "bash was ended by SIGKILL; the journal tells what it had done"),
    ],
)
def test_a_signal_that_bash_does_not_hear(name: str, kind: type[BridgekitError], said: str) -> None:
    script = Script("x", "x", f"ulimit -c 0; kill -{name} $$\n", "", "", (), "", "")
    with pytest.raises(kind) as caught:
        run(script)
    assert caught.value.message == said
