"""What help says of each command."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from bridgekit.cli import application
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES
from tests.test_cli import answer

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = tomllib.loads((ROOT / "templates/help/examples.toml").read_text("utf-8"))

LAB = ("up", "down", "plan", "diff", "check", "show", "ls", "exec", "shell", "capture", "init", "schema", "export")


def test_each_command_has_two() -> None:
    own = {"recipes", "lessons", "completion", "runs", "check", "repair", "undo", "show", "show peers", "show networks"}
    own |= {"watch", "unit", "verify", "trace", "wait", "doctor", "explain-option", "sandbox", "learn", "help"}
    own |= {"version", "lab"} | {f"lab {name}" for name in LAB}
    assert set(EXAMPLES) == own | set(RECIPES)
    for command, examples in EXAMPLES.items():
        assert len(examples) == 2
        assert all(f"bridgekit {command}" in each or command == "version" for each in examples)


@pytest.mark.parametrize("command", [*EXAMPLES, *(f"learn {name}" for name in LESSONS)])
def test_help_shows_them(command: str) -> None:
    given = answer(*command.split(), "-h")  # where it is an option of the engine's, too
    assert (given.code, given.err) == (0, "")
    shown = given.out.partition("Examples:")[2].splitlines()
    assert [line.strip() for line in shown if line.strip()] == EXAMPLES.get(command) or command.startswith("learn ")
    assert given.out.startswith(f"Usage: bridgekit {command} ")
    assert "Raises" not in given.out
    assert "Source:" not in given.out
    assert max(map(len, given.out.splitlines())) <= 80


def test_commands_stand_in_groups_with_their_whole_sentences() -> None:
    shown = answer("-h").out
    assert answer("--help").out == shown
    groups = ["Build:", "Look:", "Take back:", "Keep:", "Learn:", "Elsewhere:"]
    assert [line for line in shown.splitlines() if line in groups] == groups
    assert "..." not in shown.partition("Options:")[2]
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("typed", ["atach", "learn meshh", "attach --gatway x"])
def test_what_is_mistyped_is_met_with_the_near_name(typed: str) -> None:
    given = answer(*typed.split())
    assert given.code == 2
    assert any(near in given.err for near in ("Did you mean 'attach'", "Did you mean 'mesh'?", "--gateway"))


@pytest.mark.parametrize("typed", ["wire web -h", "explain-option --icc=false -h"])
def test_an_engines_h_without_a_value_is_for_help(typed: str) -> None:
    assert answer(*typed.split()).out.startswith(f"Usage: bridgekit {typed.split()[0]} ")
    assert answer("wire", "web", "-h", "box", "--json").out.startswith("{")


@pytest.mark.parametrize("command", ["show", "explain-option", "verify"])
def test_a_command_builds_no_recipe(command: str) -> None:
    """Thirty of them cost as much time as all else together."""
    assert not set(RECIPES) & set(get_command(application([command])).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["version", "-V", "--version"])
def test_version(typed: str) -> None:
    assert answer(typed).out.startswith("bridgekit ")
