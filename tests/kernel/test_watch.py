"""`watch` and the mark `--stay` in a throw-away host, whose docker and podman are stand-ins."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridgekit import journal
from tests.kernel import measure
from tests.kernel.world import in_throwaway_host, shell

SAID = Path("/run/host/said")
Lines = list[dict[str, Any]]


@contextmanager
def watching(*words: str, end: signal.Signals = signal.SIGTERM) -> Iterator[subprocess.Popen[bytes]]:
    """It runs while in here, and then ends well."""
    with SAID.open("wb") as file:
        process = subprocess.Popen(["bridgekit", "watch", "--json", *words], stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_for(
            lambda lines: {each["engine"] for each in lines if each["outcome"] == "answers"} == {"docker", "podman"}
        )
        yield process
    finally:
        process.send_signal(end)
        code = process.wait(timeout=20)
    assert code == 0, SAID.read_text()


def wait_for(holds: Callable[[Lines], bool], seconds: float = 20) -> Lines:
    deadline = time.monotonic() + seconds
    while not holds(found := [json.loads(line) for line in SAID.read_text().split("\n")[:-1]]):
        assert time.monotonic() < deadline, SAID.read_text()
        time.sleep(0.05)
    return found


def applied(lines: Lines) -> list[str]:
    return [each["run"] for each in lines if each["outcome"] == "applied"]


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT"])
@in_throwaway_host("web")
def test_containers_of_both_engines(end: str) -> None:
    shell("podman run -d --name pod --net=none --label bridgekit.attach='10.0.0.9/24 --bridge br9' busybox sleep 600")
    shell("bridgekit attach web 10.0.0.2/24 --stay --yes")
    with watching(end=signal.Signals[end]):
        wait_for(lambda lines: "attach-podman-pod-eth0" in applied(lines))
        up = measure.network()
        shell("podman restart -t 0 pod; docker restart -t 0 web")
        lines = wait_for(lambda lines: len(applied(lines)) == 3)
    assert applied(lines)[1:] == ["attach-podman-pod-eth0", "attach-web-eth0"]
    measure.same(up, measure.network())
    assert not Path("/run/bridgekit-watch.lock").exists()
    shell("bridgekit undo --all; [ ! -e /run/bridgekit ]")


@in_throwaway_host("web")
def test_one_is_enough_for_a_host() -> None:
    with watching() as first:
        done = shell("bridgekit watch", check=False)
        assert (done.returncode, done.stdout) == (3, "")
        assert "another `bridgekit watch` runs" in done.stderr
        first.kill()
        first.wait()
        first.returncode = 0  # it was to be killed
        with watching():
            pass


@in_throwaway_host("web")
def test_a_file_that_changes_and_goes() -> None:
    """It is read again at each event; where it cannot be, that is told, and what is marked is done all the same."""
    file = Path("/run/host/runs")
    file.write_text("")
    shell("bridgekit attach web 10.0.0.2/24 --stay --yes")
    with watching(str(file)):
        file.write_text("attach web 10.7.0.2/24 --interface eth1 --bridge br7\nnonsense\n")
        shell("docker restart -t 0 web")
        wait_for(lambda lines: applied(lines) == ["attach-web-eth0", "attach-web-eth1"])
        file.unlink()
        shell("docker restart -t 0 web")
        lines = wait_for(lambda lines: applied(lines).count("attach-web-eth0") == 2)
        lines = wait_for(lambda lines: any("cannot read" in each["message"] for each in lines))
    assert lines[-1]["outcome"] in ("refused", "applied")


@pytest.mark.parametrize("more", ["", "--style batch", "--step --yes", "--dialect document --lang zh"])
@in_throwaway_host("web")
def test_the_mark(more: str) -> None:
    """It is in the journal, once; a second command marks a run in force; undo takes it, too."""
    before = measure.network()
    words = f"bridgekit attach web 10.0.0.2/24 --yes {more}"
    shell(words)
    assert not journal.runs()[0].stays
    shell(f"{words} --stay")
    (run,) = journal.runs()
    assert run.stays
    shell(f"{words} --stay; {words}; bridgekit repair {run.name}; bridgekit repair --anew {run.name}")
    assert Path("/run/bridgekit", run.name).read_text().splitlines().count("stays") == 1
    assert journal.runs()[0].stays
    shell(f"bridgekit undo {run.name}; {words} --stay")
    assert "--stay" in journal.runs()[0].command.split()
    assert journal.runs()[0].stays
    shell(f"bridgekit undo {run.name}; [ ! -e /run/bridgekit ]")
    measure.same(before, measure.network())


@in_throwaway_host("web")
def test_a_script_by_itself_has_the_mark_too() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --stay -o /run/a.sh; bash /run/a.sh check; [ $? = 1 ]; bash /run/a.sh")
    assert journal.runs()[0].stays
    shell("bash /run/a.sh check; bash /run/a.sh down; [ ! -e /run/bridgekit ]; rm /run/a.sh")
