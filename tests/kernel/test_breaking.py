"""What somebody who tried to break runs and undo had found."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bridgekit import recipes
from tests.kernel import measure, trial
from tests.kernel.cases import in_the_host, written
from tests.kernel.world import in_throwaway_host, shell


@pytest.mark.parametrize("mode", ["up", "down"])
@in_throwaway_host()
def test_a_variable_of_a_script_is_no_line_of_its_journal(mode: str) -> None:
    script = written(recipes.attach("web", "10.0.0.2/24"))
    hostile = "x\nundo\t1\t-\t-\t-\ttrue\ttouch /run/done"
    done = subprocess.run(
        ["bash", str(script), mode], env=os.environ | {"GUEST": hostile}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "control character" in done.stderr
    assert not Path("/run/done").exists()


@in_throwaway_host()
def test_what_two_runs_did_alike_stays_until_both_are_undone() -> None:
    before = measure.state()
    shell("bridgekit outbound 10.0.0.0/24; iptables -F; bridgekit outbound 10.9.0.0/24")
    shell("bridgekit undo outbound-10.0.0.0-24; bridgekit check")
    shell("bridgekit undo --all")
    measure.same(before, measure.state())


@in_the_host
def test_a_replacement_that_fails_says_what_is_gone() -> None:
    shell("ip link add brx type veth peer name bry; bridgekit attach web 10.0.0.2/24")
    done = shell("bridgekit attach web 10.0.0.9/24 --bridge brx --replace", check=False)
    assert done.returncode == 1, done
    assert done.stdout.startswith("undone attach-web-eth0: bridgekit attach web 10.0.0.2/24\n"), done
    assert "brx exists and is not a bridge" in done.stderr


@pytest.mark.parametrize("way", [">&-", ">&- 2>&-"])
@in_throwaway_host()
def test_a_script_takes_back_also_with_nobody_to_tell(way: str) -> None:
    before = measure.state()
    script = written(recipes.bridge("br7"))
    shell(f"bash {script}; bash {script} down {way}")
    measure.same(before, measure.state(), way)


@pytest.mark.parametrize("strange", ["mkdir {}", "mkfifo {}", r"printf 'started\t08\n' >{}", "ln -s /nowhere {}"])
@in_throwaway_host()
def test_what_is_no_journal_stops_no_run(strange: str) -> None:
    shell("bridgekit bridge br7")
    shell(strange.format("/run/bridgekit/strange"))
    script = written(recipes.bridge("br8"))
    assert trial.bash(script).code == 0
    assert trial.bash(script, "down").code == 0
    shell("rm -r /run/bridgekit/strange; bridgekit undo --all")


@in_throwaway_host()
def test_a_signal_while_another_run_is_waited_for() -> None:
    shell("bridgekit bridge br7")
    with subprocess.Popen(["flock", "/run/bridgekit", "sleep", "4"]):
        undo = subprocess.Popen(["bridgekit", "undo", "--all"], stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 20
        while not shell("pgrep -x flock -c", check=False).stdout.startswith("2"):
            assert time.monotonic() < end
            time.sleep(0.02)
        undo.send_signal(signal.SIGTERM)
        _, said = undo.communicate(timeout=60)
    assert (undo.returncode, "Traceback" in said) == (3, False), said
    assert "nothing was done" in said
    shell("bridgekit undo --all")


@in_throwaway_host()
def test_an_uplink_that_no_link_can_be_named_leaves_no_run() -> None:
    before = measure.state()
    script = written(recipes.outbound("10.0.0.0/24"))
    shell(f"UPLINK=averyveryverylongname0 bash {script}", check=False)
    measure.same(before, measure.state())


@in_the_host
def test_a_signal_waits_for_the_word_that_is_being_done() -> None:
    plan = recipes.dns("web", search=["example.org"])
    script, targets = written(plan), trial.commands(plan, "document")
    trial.prepare(targets)
    before = measure.state()
    number = next(number for number, target in enumerate(targets) if target.startswith("dd "))
    result = trial.strike(script, targets[number], "TERM-early", reported=number)
    assert result.code == 1, result
    assert "rolled back" in result.err, result
    measure.same(before, measure.state(), str(result))
