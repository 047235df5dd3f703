"""The cut law: a script that is not whole does nothing, wherever it was cut; and what it says to `sh`."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from bridgekit import lessons, recipes, render
from bridgekit.plan import Plan

SCRIPTS = {
    "attach": lambda: recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1"),
    "outbound": lambda: recipes.outbound("10.0.0.0/24"),
    "publish": lambda: recipes.publish("web", ["8080:80", "127.0.0.1::81"]),
    "docker-by-hand": lambda: lessons.docker_by_hand(),
    "wire": lambda: recipes.wire("web", publish=["8080:80"]),
}
SAMPLES = 40
EVERY_BYTE = os.environ.get("BRIDGEKIT_CUT") == "all"  # takes minutes


def text(plan: Plan) -> bytes:
    return str(render.script(plan)).encode()


def bash(script: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run these bytes as a file, telling each command; no program can be found."""
    file = folder / "cut.sh"
    file.write_bytes(script)
    return subprocess.run(
        ["/bin/bash", "-x", str(file)],
        cwd=folder,
        env={"PATH": str(folder / "nothing"), "PS4": "+ "},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )


def done(ended: subprocess.CompletedProcess[str]) -> list[str]:
    """The commands that it ran, but those of the head: a question, the trap and its words, assignments, the text."""
    told = [line.removeprefix("+ ") for line in ended.stderr.splitlines() if line.startswith("+ ")]
    return [
        line
        for line in told
        if not line.startswith(("'['", "trap ", "echo ", "exit ", "read", ":")) and "=" not in line
    ]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.slow
def test_no_part_of_a_script_does_anything(name: str, tmp_path: Path) -> None:
    """Every byte of the head is tried.  All after it is one group of commands, which bash runs only once it is closed:

    that the whole but its last bytes runs none of it shows that no shorter part does; some of them are tried, too.
    """
    whole = text(SCRIPTS[name]())
    group = whole.index(b"<<'STEPS' read") - 1
    end = whole.rindex(b"}")
    assert whole[end:] == b"}\n"
    within = range(group, end) if EVERY_BYTE else random.Random(name).sample(range(group, end), SAMPLES)
    for at in (*range(group + 1), *within, *range(end - 40, end + 1)):
        ended = bash(whole[:at], tmp_path)
        # A word of the head, cut off, is no program; nor is it one of bash's own that does anything.
        words = [
            line for line in done(ended) if line not in whole[:group].decode().split() and not _begins(line, whole[:at])
        ]
        assert not words, (at, whole[:at][-60:], words)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.sh"]
        assert not ended.stdout, (at, ended.stdout)
        if at >= group:
            assert "the end of this script is missing; nothing was done" in ended.stderr, (at, ended)
            assert ended.returncode == 2, ended


def _begins(word: str, cut: bytes) -> bool:
    """Whether it is the last word of the part, cut off."""
    return cut.decode("utf-8", "ignore").endswith(word)


@pytest.mark.parametrize("shell", [["dash"], ["busybox", "sh"]])
@pytest.mark.parametrize("name", SCRIPTS)
def test_another_shell_is_told_what_is_wanted(name: str, shell: list[str], tmp_path: Path) -> None:
    file = tmp_path / "whole.sh"
    file.write_bytes(text(SCRIPTS[name]()))
    try:
        ended = subprocess.run([*shell, str(file)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip(f"no {shell[0]} here")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "bridgekit: this script wants bash: bash FILE\n"
