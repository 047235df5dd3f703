"""The commands of the READMEs and of the help topics: run them, compare, or write what they printed.

    python -m tests.readme [FILE...]      writes the outputs anew (in throw-away hosts), and counts the commands

A page's blocks are one session, in a throw-away host of its own.  What a `console` block shows must be printed, a line
of `...` standing for any lines; what stands in an `sh` block must succeed.  A `text` block has no commands.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bridgekit import sandbox
from bridgekit.cli.topics import TOPICS

ROOT = Path(__file__).resolve().parents[1]
FENCES = {"console", "sh", "python", "text"}
_ENGINE = "a throw-away host in a throw-away host has no real Docker engine; see tests/docker/test_sandbox.py"
# What is about the machine itself, and so is not run here, with the reason.
NOT_HERE = {
    "scripts/quickstart": "installs packages; tried on a bare Debian by its own test",
    "scripts/quickstart --remove": "removes what quickstart put on the machine",
    "pipx install .": "installs into the user's own folders",
    "pipx uninstall bridgekit": "removes from the user's own folders",
    "sudo bridgekit sandbox --engine -- docker run --rm busybox ip addr show eth0": _ENGINE,
    "sudo bridgekit sandbox --engine --guest web -- bridgekit attach web 10.0.0.2/24 --yes": _ENGINE,
}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_MARK = "the-end-of-the-command"


class Command(NamedTuple):
    """A command as typed; shown: what the page says that it prints, None if it does not say."""

    typed: str
    shown: str | None = None

    @property
    def by_sudo(self) -> bool:
        return "sudo " in self.typed


class Printed(NamedTuple):
    text: str
    code: int


def pages(language: str) -> dict[str, Path]:
    """The README and the topics in a language, by name."""
    readme = ROOT / ("README.md" if language == "en" else f"README.{language}.md")
    return {"README": readme} | {each: ROOT / "templates" / "help" / language / f"{each}.md" for each in TOPICS}


def blocks(text: str) -> list[tuple[str, str]]:
    """Each block's fence and lines."""
    return _BLOCK.findall(text)


def session(text: str) -> list[Command]:
    """The commands of a page that can be run in a throw-away host, in their order."""
    found = [command for fence, lines in blocks(text) for command in _commands(fence, lines)]
    return [each for each in found if _is_run(each)]


def _is_run(command: Command) -> bool:
    return command.typed not in NOT_HERE


def _commands(fence: str, lines: str) -> list[Command]:
    if fence == "sh":
        typed = (re.sub(r"\s+# .*", "", line) for line in lines.splitlines())
        return [Command(line) for line in typed if line]
    found: list[Command] = []
    for line in lines.splitlines() if fence == "console" else ():
        if line.startswith("$ "):
            found.append(Command(line[2:], ""))
        else:
            found[-1] = Command(found[-1].typed, f"{found[-1].shown}{line}\n")
    return found


def outputs(commands: Sequence[str]) -> list[Printed]:
    """What the commands print, one after the other, in one throw-away host."""
    done = subprocess.run(
        ["env", "LC_ALL=C.UTF-8", *sandbox.command(["bash", "-c", of_a_page(commands)])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return taken_apart(commands, done.stdout)


def of_a_page(commands: Sequence[str]) -> str:
    """Bash lines that do a page's commands in a throw-away host that does not know itself for one."""
    begin = "cd /run/host\nunset BRIDGEKIT_SANDBOX\nexport XDG_STATE_HOME=/run/state"
    return f"{begin}\n{one_by_one(commands)}"


def one_by_one(commands: Sequence[str]) -> str:
    """Bash lines that do the commands, and mark where each ends."""
    return "\n".join(["exec 2>&1", *(f"{command}\necho {_MARK} $?" for command in commands)])


def taken_apart(commands: Sequence[str], said: str) -> list[Printed]:
    """What each of the commands printed."""
    found = re.findall(rf"(.*?){_MARK} (\d+)\n", said, re.S)
    assert len(found) == len(commands), said
    return [Printed(text, int(code)) for text, code in found]


def wrong(commands: Sequence[Command], printed: Sequence[Printed] = ()) -> list[str]:
    """What a page's commands print otherwise than it shows; in a throw-away host, unless it is given."""
    printed = printed or outputs([command.typed for command in commands])
    return [
        f"$ {command.typed}\n--- shown\n{command.shown}--- printed, code {found.code}\n{found.text}"
        for command, found in zip(commands, printed, strict=True)
        if (found.code if command.shown is None else not matches(command.shown, found.text))
    ]


def matches(shown: str, printed: str) -> bool:
    """Whether what is shown is what was printed, `...` standing for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "...\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


def write(path: Path) -> None:
    """Write the outputs of a page anew, but for those with `...` that still fit."""
    text = path.read_text("utf-8")
    printed = iter(outputs([command.typed for command in session(text)]))

    def filled(match: re.Match[str]) -> str:
        fence, lines = match.groups()
        told = [_told(each, next(printed) if _is_run(each) else None) for each in _commands(fence, lines)]
        return f"```console\n{''.join(told)}```" if fence == "console" else match[0]

    path.write_text(_BLOCK.sub(filled, text), "utf-8")


def _told(command: Command, printed: Printed | None) -> str:
    shown = command.shown or ""
    return f"$ {command.typed}\n{shown if printed is None or matches(shown, printed.text) else printed.text}"


def count(language: str = "en") -> tuple[int, int]:
    """How many commands the pages have that are run, and how many of them by sudo."""
    found = [each for path in pages(language).values() for each in session(path.read_text("utf-8"))]
    return len(found), sum(each.by_sudo for each in found)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else [*pages("en").values(), *pages("zh").values()]:
        write(path)
    for language in ("en", "zh"):
        number, by_sudo = count(language)
        print(f"{language}: {number} commands, {by_sudo} of them by sudo")
