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

STARTED = "started\t{order}\t4026\tbridge\t2\tabc\t2026-01-0{day}T00:00:00.000Z\tbridgekit bridge {name}\t{plan}\n"
BRIDGE = "bridgekit bridge br0"


def started(order: int, day: int = 1, name: str = "br0", plan: str = BRIDGE) -> str:
    return STARTED.format(order=order, day=day, name=name, plan=plan)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(journal, "STATE", tmp_path)
    return tmp_path


def test_runs_are_in_their_order_whatever_the_clock_said(state: Path) -> None:
    (state / "late").write_text(started(10) + "finished\t2026-01-02T00:00:01.000Z\n")
    (state / "early").write_text(started(9, day=2) + "undo\t1\t-\t-\t-\thas br0\tip link del dev br0\n")
    (state / ".new").write_text(started(1))
    assert [(run.name, run.finished) for run in journal.runs()] == [("early", False), ("late", True)]
    first = journal.runs()[0]
    assert (first.recipe, first.steps, first.sha256, first.command) == ("bridge", 2, "abc", "bridgekit bridge br0")
    assert (first.netns, first.undoing, first.elsewhere) == ("4026", ("ip link del dev br0",), True)


@pytest.mark.parametrize(
    ("plan", "words", "variables"),
    [
        (BRIDGE, BRIDGE.split(), {}),
        (f"{BRIDGE}; UPLINK=em1; NIC=", BRIDGE.split(), {"UPLINK": "em1", "NIC": ""}),
        ("bridgekit dns 'a; B=c'; UPLINK=a; b=c", ["bridgekit", "dns", "a; B=c"], {"UPLINK": "a", "b": "c"}),
        ("bridgekit x 'it'\"'\"'s; A=b'; A=a;b", ["bridgekit", "x", "it's; A=b"], {"A": "a;b"}),
        ("bridgekit x 'open", [], {}),
    ],
)
def test_what_a_run_is_is_read_back(state: Path, plan: str, words: list[str], variables: dict[str, str]) -> None:
    (state / "x").write_text(started(1, plan=plan))
    (run,) = journal.runs()
    assert (list(run.plan), run.variables) == (words, variables)


def test_none(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert journal.runs() == ()
    monkeypatch.setattr(journal, "STATE", state / "missing")
    assert journal.runs() == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x\n",
        "started\tbridge\n",
        "finished\t2026\n",
        started(1)[:-1],
        started(1).replace("\t2\t", "\tmany\t"),
        "\0",
    ],
)
def test_a_damaged_journal_is_a_run_all_the_same(state: Path, text: str) -> None:
    (state / "odd").write_text(text)
    (state / "x").write_text(started(1))
    odd, other = journal.runs()
    assert (odd.name, odd.recipe, odd.command, odd.steps, odd.elsewhere) == ("odd", "?", "?", None, False)
    assert other.name == "x"


def test_bytes_that_are_no_text_hide_nothing(state: Path) -> None:
    (state / "x").write_bytes(started(1, name="\udcff").encode("utf-8", "surrogateescape"))
    assert [run.recipe for run in journal.runs()] == ["bridge"]


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that is root's alone, where an ordinary user gets as far as its door."""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        folder = Path(above, "state")
        folder.mkdir()
        (folder / "x").write_text(started(1))
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


def test_a_command_in_a_script_leaves_one_line_of_nine_fields(state: Path) -> None:
    """What a script writes down of itself is what is read back, whatever its command holds."""
    command = "bridgekit x 'a\tb\nc' \x0b\x1c\x85\u2028 d"
    plan = replace(Plan.of("x", BridgeAdd("br0")), command=command)
    text = render.text(plan, typed=" --lang zh")
    given = re.findall(r"^(?:RECIPE|MADE_BY|PLAN)=.*$", text, re.M)
    (note,) = re.findall(r"^note\(\) .*$", text, re.M)
    (now,) = re.findall(r"^now\(\) .*$", text, re.M)
    (line,) = re.findall(r"^  note started .*$", text, re.M)
    known = (
        f"JOURNAL={shlex.quote(str(state / 'x'))} TOTAL=1 last=4 sum=abc here={Path('/proc/self/ns/net').stat().st_ino}"
    )
    lines = [known, *given, note, now, "now", line]
    subprocess.run(["bash", "-c", "\n".join(lines)], check=True)
    (run,) = journal.runs()
    assert (run.order, run.recipe, run.steps, run.sha256, run.finished) == (5, "by-hand", 1, "abc", False)
    assert run.command == f"{' '.join(command.split())} --lang zh"
    assert run.plan == tuple(shlex.split(" ".join(command.split())))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", run.started)
    assert not run.elsewhere
