"""The journal, as scripts write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgekit import journal
from bridgekit.errors import HostError

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


def test_a_journal_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "glob", refuse)
    with pytest.raises(HostError, match="sudo"):
        journal.runs()
