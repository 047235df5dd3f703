"""The command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridgekit import journal
from tests.golden import answer, rendered

ATTACH = ("attach", "web", "10.0.0.2/24")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of our own."""
    folder = tmp_path / "state"
    monkeypatch.setattr(journal, "STATE", folder)
    return folder


def test_lists() -> None:
    assert [line.split()[0] for line in rendered("recipes").splitlines()] == ["attach", "bridge", "outbound"]
    assert rendered("lessons").split()[0] == rendered("learn").split()[0] == "docker-by-hand"
    assert all(len(line.split()) > 3 for line in (rendered("recipes") + rendered("lessons")).splitlines())


@pytest.mark.parametrize(
    "command", ["", "attach", "bridge", "outbound", "learn", "learn docker-by-hand", "undo", "sandbox"]
)
def test_help(command: str) -> None:
    code, out, err = answer(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage:")


def test_output_is_what_the_dry_run_prints(tmp_path: Path) -> None:
    path = tmp_path / "attach.sh"
    assert answer(*ATTACH, "-o", str(path)) == (0, "", "")
    assert path.read_text("utf-8") == rendered(" ".join((*ATTACH, "-n")))
    assert path.stat().st_mode & 0o777 == 0o755


def test_json_is_the_plan() -> None:
    form = json.loads(rendered(" ".join((*ATTACH, "--name", "mine", "--json"))))
    assert (form["name"], form["recipe"], form["guests"]) == ("mine", "attach", ["web"])


def test_the_command_that_made_it_makes_it_again() -> None:
    command = "attach web 10.0.0.2/24 --gateway 10.0.0.1 --name mine --dialect document --lang zh"
    made_by = next(line for line in rendered(f"{command} -n").splitlines() if "bridgekit " in line)
    again = made_by.partition("bridgekit ")[2]
    assert rendered(f"{again} -n") == rendered(f"{command} -n")


def test_the_language_is_the_locales() -> None:
    script = answer(*ATTACH, "-n", locale="zh_CN.UTF-8").out
    assert script == answer(*ATTACH, "-n", "--lang", "zh").out
    assert script != answer(*ATTACH, "-n", locale="en_US.UTF-8").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("attach web 10.0.0.2", 2, "did you mean 10.0.0.2/24?"),
        ("attach web 10.0.0.2/24 --dialect old -n", 2, "modern"),
        ("attach web 10.0.0.2/24 --style fine -n", 2, "plain"),
        ("attach web 10.0.0.2/24 --lang fr -n", 2, "zh"),
        ("attach web 10.0.0.2/24 --style plain --yes", 2, "no undo"),
        ("attach web 10.0.0.2/24 --name a/b -n", 2, "run name"),
        ("attach web 10.0.0.2/24 -o /nonexistent/x.sh", 2, "cannot write"),
        ("attach pid:7 10.0.0.2/24 --sandbox", 2, "no such process"),
        ("attach web 10.0.0.2/24 --mtu 67 -n", 2, "68 to 65535"),
        ("bridge eth0;reboot -n", 2, "interface name"),
        ("attach web", 2, "address"),
        ("nosuch", 2, "nosuch"),
        ("undo", 2, "--all"),
        ("undo a --all", 2, "--all"),
        ("undo a;b", 2, "run name"),
        ("undo nosuch", 3, "bridgekit runs"),
    ],
)
def test_refusals_are_sentences(arguments: str, code: int, words: str) -> None:
    given = answer(*arguments.split())
    assert (given.code, given.out) == (code, "")
    assert words in given.err
    assert "Traceback" not in given.err


def test_runs_and_undo_of_nothing() -> None:
    assert rendered("runs") == ""
    assert rendered("runs --json") == "[]\n"
    assert rendered("undo --all") == ""


def test_version() -> None:
    assert rendered("--version").startswith("bridgekit ")
