"""The README's console blocks: run them, compare, or write what they printed.

    python -m tests.readme README.md      writes the outputs anew (in a throw-away host)

A line of `...` in a shown output stands for any lines.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"```console\n(.*?)```", re.S)
_MARK = "the-end-of-the-command"


def blocks(text: str) -> list[list[tuple[str, str]]]:
    """The console blocks, each a list of commands with the outputs shown."""
    return [_commands(block) for block in _BLOCK.findall(text)]


def _commands(block: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, shown = found[-1]
            found[-1] = (command, f"{shown}{line}\n")
    return found


def outputs(commands: list[str]) -> list[str]:
    """What the commands print, one after the other, in one throw-away host with a container `web`."""
    lines = [
        "cd /",
        "exec 2>&1",
        "unset BRIDGEKIT_SANDBOX",
    ]
    for command in commands:
        lines += [command, f"echo {_MARK}"]
    done = subprocess.run(
        ["env", "LC_ALL=C.UTF-8", "XDG_STATE_HOME=/run/state", *sandbox.command(["bash", "-c", "\n".join(lines)])],
        cwd=ROOT,
        env=None,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return done.stdout.split(f"{_MARK}\n")[: len(commands)]


def matches(shown: str, printed: str) -> bool:
    """Whether what is shown is what was printed, `...` standing for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "...\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


def write(path: Path) -> None:
    """Write the outputs of a README anew."""
    text = path.read_text("utf-8")
    commands = [command for block in blocks(text) for command, _ in block]
    printed = iter(outputs(commands))

    def filled(match: re.Match[str]) -> str:
        lines = "".join(f"$ {command}\n{next(printed)}" for command, _ in _commands(match[1]))
        return f"```console\n{lines}```"

    path.write_text(_BLOCK.sub(filled, text), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
