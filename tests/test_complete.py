"""What the shells offer, asked through the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "templates/completion"
BIN = Path(sys.executable).parent
ASK_BASH = """
. {script}
COMP_LINE=$1 COMP_POINT=${{#1}}
_bridgekit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# What zsh would list: the completion system itself wants a terminal.
ASK_ZSH = """
compdef() {{ : }}
_describe() {{ print -rl -- "${{(@P)2}}" }}
. {script}
words=(${{(s: :)1}}) CURRENT=${{#words}}
[[ $1 != *' ' ]] || {{ words+=('') CURRENT=${{#words}} }}
_bridgekit
"""
ASKED = {
    "bridgekit attac": ["attach"],
    "bridgekit attach web --hand": ["--handle"],
    "bridgekit attach web --handle ": ["bind", "symlink"],
    "bridgekit learn mes": ["mesh"],
    "sudo bridgekit forwarding o": ["off", "on"],
    "bridgekit completion f": ["fish"],
}


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def said(*words: str) -> list[str]:
    done = subprocess.run(words, env=environment(), cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


def offered(*words: str) -> list[str]:
    """What the program itself says, without the sentences."""
    done = subprocess.run(
        ["bridgekit", *words], env=environment() | {"BRIDGEKIT_COMPLETE": "1"}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return [line.split("\t")[0] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("line", ASKED)
def test_bash(line: str) -> None:
    assert said("bash", "--norc", "-c", ASK_BASH.format(script=SCRIPTS / "bash.sh"), "bash", line) == ASKED[line]


@pytest.mark.parametrize("line", [line for line in ASKED if "sudo" not in line])
def test_zsh(line: str) -> None:
    assert shutil.which("zsh")
    offers = said("zsh", "-f", "-c", ASK_ZSH.format(script=SCRIPTS / "zsh.sh"), "zsh", line)
    assert sorted(each.split(":")[0] for each in offers) == ASKED[line]


@pytest.mark.parametrize("line", [line for line in ASKED if "sudo" not in line])
def test_fish(line: str) -> None:
    assert shutil.which("fish")
    offers = said("fish", "--no-config", "-c", f"source {SCRIPTS / 'fish.sh'}; complete -C $argv[1]", line)
    assert [each.split("\t")[0] for each in offers] == ASKED[line]


def test_every_command_is_offered() -> None:
    from bridgekit.recipes import RECIPES

    assert {*RECIPES, "show", "undo", "completion"} <= set(offered(""))


def test_a_line_that_is_wrong_is_met_with_silence() -> None:
    assert offered("outbound", "--nosuch", "x", "--", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str) -> None:
    done = subprocess.run([BIN / "bridgekit", "completion", shell], env=environment(), capture_output=True, text=True)
    assert done.stdout == (SCRIPTS / f"{shell}.sh").read_text()
