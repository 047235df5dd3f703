"""A host that is not ready: exit 3, a sentence, and nothing touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bridgekit import recipes
from tests.kernel import measure, trial
from tests.kernel.cases import (
    DIALECTS,
    GATEWAY,
    GUESTS,
    IDS,
    WEB,
    in_the_host,
    pid_of,
    written,
)
from tests.kernel.reasons import REASONS, attach, refused
from tests.kernel.world import in_throwaway_host, shell

both_dialects = pytest.mark.parametrize("dialect", DIALECTS)


# A refusal is the same text in both dialects, so each reason is tried in one of them.
@pytest.mark.parametrize(("reason", "dialect"), [(each, DIALECTS[at % 2]) for at, each in enumerate(REASONS)])
@in_throwaway_host(*GUESTS, ids=IDS, again=lambda reason, **_: not REASONS[reason][0])
def test_refused_before_anything_is_touched(reason: str, dialect: str) -> None:
    there, make, word = REASONS[reason]
    refused(there, make, dialect, word)


def without(program: str) -> str:
    """A PATH in which everything is but one program."""
    folder = Path("/run/without")
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(":")):
        for path in Path(place).glob("*"):
            link = folder / path.name
            if path.name != program:
                link.unlink(missing_ok=True)
                link.symlink_to(path)
    return str(folder)


@pytest.mark.parametrize(
    ("program", "dialect"), [("brctl", "document"), ("ip", "modern"), ("mount", "modern"), ("docker", "modern")]
)
@in_the_host
def test_a_missing_program_is_named_with_its_package(program: str, dialect: str) -> None:
    script = written(attach(), dialect)
    before = measure.state()
    path = without(program)
    # The script itself adds sbin, where the program is: hide it there.
    shell("mkdir /run/empty; mount --bind /run/empty /usr/sbin")
    result = trial.ended(trial.start("bash", str(script), environment={"PATH": path}))
    shell("umount /usr/sbin", check=False)
    assert result.code == 3, result
    assert f"{program}: apt-get install" in result.err, result
    measure.same(before, measure.state(), program)


@in_the_host
def test_root_is_needed() -> None:
    script = written(attach())
    before = measure.state()
    # The only other uid that a throw-away host knows is the one that nothing maps to.
    result = trial.ended(trial.start("unshare", "--user", "bash", str(script)))
    assert result.code == 3, result
    assert "sudo" in result.err, result
    measure.same(before, measure.state(), "as another uid")


@in_the_host
def test_a_lock_held_by_another_run_is_waited_for_ten_seconds() -> None:
    Path("/run/bridgekit").mkdir(0o700)
    with subprocess.Popen(
        ["flock", "/run/bridgekit", "sh", "-c", "echo held; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        before = measure.state()
        result = trial.bash(written(attach()))
        holder.kill()
    assert result.code == 3, result
    assert "another run is under way" in result.err, result
    measure.same(before, measure.state(), "while another run held the lock")


@both_dialects
@pytest.mark.parametrize("handle", ["bind", "symlink"])
@pytest.mark.parametrize("family", [4, 6])
@in_the_host
def test_down_is_clean_after_the_container_is_gone(handle: str, dialect: str, family: int) -> None:
    """The namespace lives on by its name or dies with its last process; the host's side is restored either way."""
    script = written(recipes.attach("web", WEB[family], gateway=GATEWAY[family], handle=handle), dialect)
    pid = pid_of("web")
    before = [line for line in measure.state() if line != "container web" and "/web000000000" not in line]
    up = trial.bash(script)
    assert up.code == 0, up
    shell("docker rm -f web")
    assert not Path(f"/proc/{pid}").exists()
    down = trial.bash(script, "down")
    assert down.code == 0, down
    assert "could not" not in down.err, down
    measure.same(before, measure.state(), "after the container is gone")
