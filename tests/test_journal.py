"""The journal, as scripts write it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bridgekit import journal, render
from bridgekit.errors import HostError
from bridgekit.operations import BridgeAdd
from bridgekit.plan import Plan

STARTED = "started\tbridge\t2\tabc\tbridgekit bridge {name}\t2026-01-0{day}T00:00:00.000Z\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(journal, "STATE", tmp_path)
    return tmp_path


def test_runs_are_in_the_order_of_their_start(state: Path) -> None:
    (state / "late.log").write_text(STARTED.format(name="late", day=2) + "finished\t2026-01-02T00:00:01.000Z\n")
    (state / "early.log").write_text(STARTED.format(name="early", day=1))
    (state / "early.undo").write_text("")
    assert [(run.name, run.finished) for run in journal.runs()] == [("early", False), ("late", True)]
    first = journal.runs()[0]
    assert (first.recipe, first.steps, first.sha256, first.command) == ("bridge", 2, "abc", "bridgekit bridge early")


def test_none(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert journal.runs() == ()
    monkeypatch.setattr(journal, "STATE", state / "missing")
    assert journal.runs() == ()


@pytest.mark.parametrize("text", ["", "x\n", "started\tbridge\n", "finished\t2026\n"])
def test_what_is_no_journal_is_left_out(state: Path, text: str) -> None:
    (state / "odd.log").write_text(text)
    assert journal.runs() == ()


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that is root's alone, where an ordinary user gets as far as its door."""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        folder = Path(above, "state")
        folder.mkdir()
        (folder / "x.log").write_text(STARTED.format(name="x", day=1))
        folder.chmod(0)
        yield folder
        folder.chmod(0o700)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """No right to read what is root's."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_journal_that_may_not_be_read(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "STATE", locked)
    with ordinary_user(), pytest.raises(HostError, match="sudo"):
        journal.runs()


@pytest.mark.parametrize(
    "line",
    [b"started\tbridge\tmany\tabc\tbridgekit\t2026\n", b"started\tbridge\t2\tabc\t\xff\t2026\n"],
    ids=["steps", "bytes"],
)
def test_a_damaged_journal_hides_no_other(state: Path, line: bytes) -> None:
    (state / "damaged.log").write_bytes(line)
    (state / "x.log").write_text(STARTED.format(name="x", day=1))
    assert [run.name for run in journal.runs() if run.name == "x"] == ["x"]


def test_a_command_in_a_script_leaves_one_line_of_six_fields(state: Path) -> None:
    """What a script writes down of itself is what is read back, whatever its command holds."""
    command = "bridgekit x 'a\tb\nc' \x0b\x1c\x85\u2028 d"
    plan = replace(Plan.of("x", BridgeAdd("br0")), command=command)
    (log,) = re.findall(r'^  \[ -e "\$LOG" \] \|\| (log started .*)$', render.text(plan), re.M)
    (function,) = re.findall(r"^log\(\) .*$", render.text(plan), re.M)
    text = f"checksum() {{ echo abc; }}\nTOTAL=1 LOG={shlex.quote(str(state / 'x.log'))}\n{function}\n{log}\n"
    subprocess.run(["bash", "-c", text], check=True)
    (run,) = journal.runs()
    assert (run.name, run.recipe, run.steps, run.sha256, run.finished) == ("x", "by-hand", 1, "abc", False)
    assert run.command == " ".join(command.split())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", run.started)
