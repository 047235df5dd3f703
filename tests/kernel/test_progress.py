"""Finished lessons are remembered, and only those."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.kernel


def bridgekit(state: Path, *words: str, keys: str = "") -> subprocess.CompletedProcess[str]:
    """Run bridgekit with what is typed, its memory in a folder of the test's."""
    return subprocess.run(
        [sys.executable, "-m", "bridgekit", *words],
        cwd=ROOT,
        env=os.environ | {"XDG_STATE_HOME": str(state), "LC_ALL": "C.UTF-8"},
        input=keys,
        capture_output=True,
        text=True,
        timeout=120,
    )


def finished(state: Path) -> list[str]:
    """The lessons that the list shows as finished."""
    shown = bridgekit(state, "learn")
    assert shown.returncode == 0, shown.stderr
    return [line.split()[0] for line in shown.stdout.splitlines() if "✓" in line]


def test_a_lesson_walked_to_its_end_is_remembered(tmp_path: Path) -> None:
    assert finished(tmp_path) == []
    walked = bridgekit(tmp_path, "learn", "forwarding", keys="\n" * 100)
    assert walked.returncode == 0, walked.stderr
    assert finished(tmp_path) == ["forwarding"]
    assert bridgekit(tmp_path, "learn", "forwarding", keys="\n" * 100).returncode == 0
    assert (tmp_path / "bridgekit/finished").read_text() == "forwarding\n", "once is enough"


@pytest.mark.parametrize("keys", ["", "\n\nq\n\n", "q\nn\n"])
def test_a_lesson_left_early_is_not(tmp_path: Path, keys: str) -> None:
    assert bridgekit(tmp_path, "learn", "forwarding", keys=keys).returncode == 0
    assert finished(tmp_path) == []


def test_an_unattended_walk_is_not(tmp_path: Path) -> None:
    assert bridgekit(tmp_path, "learn", "forwarding", "--yes").returncode == 0
    assert bridgekit(tmp_path, "learn", "forwarding", "--yes", "--step").returncode == 0
    assert finished(tmp_path) == []


def test_a_memory_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bridgekit").write_text("")
    walked = bridgekit(tmp_path, "learn", "forwarding", keys="\n" * 100)
    assert walked.returncode == 3
    assert "cannot remember the lesson" in walked.stderr
    assert finished(tmp_path) == []
