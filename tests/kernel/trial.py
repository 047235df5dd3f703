"""Run a script and strike at one of its commands.

Every program that a script's steps start has a namesake first in PATH.  It knows one command by its words and
strikes when that one comes; anything else it passes on, with the functions that bash exports (dash drops them).  The
script itself stays as it was written.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridgekit.compile import Line, compiled
from bridgekit.plan import Plan
from bridgekit.render import shell
from bridgekit.words import Answer, Operator, Part, Var, Word, parts

FOLDER = Path("/run/trial")
_PROGRAMS = FOLDER / "bin"
_NAMESAKE = r"""#!/bin/bash
name=${0##*/} PATH=${PATH#*:}
[ -e /run/trial/armed ] || exec "$name" "$@"
{ read -r how; read -r target; read -r reported; } </run/trial/armed
# shellcheck disable=SC2254
case "$name $*" in $target) [ "$(wc -l </run/trial/out)" -ge "$reported" ] ;; *) false ;; esac || exec "$name" "$@"
mv /run/trial/armed /run/trial/fired
read -r script </run/trial/pid
case $how in
fails) echo 'no luck' >&2; exit 1 ;;
fails-late) "$name" "$@"; echo 'no luck' >&2; exit 1 ;;
TERM | INT | HUP) kill "-$how" "$script"; exec "$name" "$@" ;;
ctrl-c) kill -INT "-$script" ;;
TERM-early)   # whoever does not wait for the command says so before it is done
  kill -TERM "$script"
  end=$(($(date +%s%N) + 800000000))
  until grep -q rolled /run/trial/err || [ "$(date +%s%N)" -gt "$end" ]; do :; done
  exec "$name" "$@" ;;
killed-before) kill -KILL "$script"; exit 1 ;;   # what would come after it in a function of the script does not
killed-after) "$name" "$@"; kill -KILL "$script" ;;
all-killed-before) kill -KILL "-$script" ;;
all-killed-after) "$name" "$@"; kill -KILL "-$script" ;;
fails-stopped) "$name" "$@"; "$name" stop 6414d7278905; exit 1 ;;
full) head -c 1M /dev/zero >/run/bridgekit/.filler 2>/dev/null; exec "$name" "$@" ;;
killed-during)   # the command outlives its script, and is done only when another run waits for it
  : >/run/trial/in-flight
  kill -KILL "$script"
  end=$(($(date +%s) + 8))
  until grep -qs '(flock) S' /proc/[0-9]*/stat; do
    [ "$(date +%s)" -lt "$end" ] || { : >/run/trial/nobody-waited; break; }
  done
  "$name" "$@"
  rm /run/trial/in-flight ;;
esac
"""
FAILURES = ("fails", "fails-late")
SIGNALS = ("TERM", "INT", "HUP", "ctrl-c")
WRITING = ("add_host", "append_host", "put_line", "set_lines")  # words that write with dd
# What a word of the script starts, of its arguments.
STARTED = {
    "move_over": "ip link set dev {0} master {1}",
    "start_proxy": "setsid -f docker-proxy {all}",
    "make_lease": "mkdir -m 700 {0}",
    "take_lease": "setsid -f nsenter --net=/run/netns/{2} *",
    "start_service": "setsid -f nsenter --net=/run/netns/{1} *",
    "keep_routers": "sysctl -qep -",
    "attach_netns": "ip netns attach {0} {1}",
}
KILLS_BEFORE = ("killed-before", "all-killed-before")
KILLS_AFTER = ("killed-after", "all-killed-after")
KILLS = (*KILLS_BEFORE, "killed-during", *KILLS_AFTER)


@dataclass(frozen=True)
class Ended:
    """How a script ended: its exit code, negative for a signal, and its words."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}{self.err}"

    @property
    def words(self) -> list[str]:
        """The first word of each line: ok, same, past."""
        return [line.split()[0] for line in self.out.splitlines()]


def commands(plan: Plan, dialect_name: str) -> list[str]:
    """What each numbered step of a script starts, as a shell pattern; empty for one that changes nothing."""
    return [_command(line) if line.kind == "step" else "" for line in compiled(plan, dialect_name).numbered]


def _command(line: Line) -> str:
    words = line.run
    if any(isinstance(word, Operator) for word in words):
        return f"sh -c {_literal(shell.bare(words))}"
    argv = [_text(word) for word in words]
    if argv[0] in WRITING:
        return f"dd of={argv[1]} *"  # with which the script's function writes
    if argv[0] in STARTED:
        return STARTED[argv[0]].format(*argv[1:], all=" ".join(argv[1:]))
    if argv[0] == "write_file":
        return f"mkdir -p {Path(argv[1], argv[2]).parent}"
    if argv[0] == "apt":
        argv[0] += " -y"  # which the script's function of that name adds
    if argv[0].endswith("tables") and argv[1] != "-w":
        argv[0] += " *"  # the script's function of that name adds -w
        return argv[0] + " ".join(argv[1:])
    return " ".join(argv)


def _text(word: Word) -> str:
    return "".join(_known(part) for part in parts(word))


def _known(part: Part) -> str:
    match part:
        case Var(default=default):
            return default or "*"
        case Answer():
            return "*"
    return _literal(part)


def _literal(text: str) -> str:
    """Text as a pattern of `case` that matches just it."""
    return re.sub(r"([][*?\\])", r"\\\1", text)


def kinds(said: str) -> set[str]:
    """The first words of the lines about steps that are no probe of a lab."""
    return {line.split()[0] for line in said.splitlines() if " listens on " not in line and not line.endswith(" runs.")}


def prepare(targets: list[str]) -> None:
    """Put the namesakes of these commands' programs in place."""
    _PROGRAMS.mkdir(parents=True, exist_ok=True)
    for program in {target.split()[0] for target in targets if target}:
        path = _PROGRAMS / program
        path.write_text(_NAMESAKE)
        path.chmod(0o755)


def start(*argv: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """A command in a session of its own, its process id known to the namesakes."""
    FOLDER.mkdir(exist_ok=True)
    words = ("/bin/sh", "-c", f'echo $$ >{FOLDER}/pid; exec "$@"', "sh", *argv)
    given = os.environ | {"PATH": f"{_PROGRAMS}:{os.environ['PATH']}"} | (environment or {})
    with (FOLDER / "out").open("w") as out, (FOLDER / "err").open("w") as err:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True, start_new_session=True, env=given
        )


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for it."""
    end = os.pidfd_open(process.pid)
    try:
        done, _, _ = select.select([end], [], [], 60)  # `wait` with a time looks again and again
    finally:
        os.close(end)
    code = process.wait(timeout=None if done else 0)
    return Ended(code, (FOLDER / "out").read_text(), (FOLDER / "err").read_text())


def bash(script: Path, *words: str) -> Ended:
    """Run a script undisturbed."""
    return ended(start("bash", str(script), *words))


def filled(script: Path, target: str, reported: int) -> Ended:
    """Run a script, and let the folder of its journal be full from the moment that it calls for this."""
    (FOLDER / "armed").write_text(f"full\n{target}\n{reported}\n")
    result = bash(script)
    (FOLDER / "armed").unlink(missing_ok=True)
    return result


def strike(script: Path, target: str, how: str, mode: str = "up", reported: int = 0) -> Ended:
    """Run a script and strike at the command of one of its steps.

    reported: how many lines the script has printed by then; it tells steps apart that start the same command.
    """
    (FOLDER / "fired").unlink(missing_ok=True)
    (FOLDER / "armed").write_text(f"{how}\n{target}\n{reported}\n")
    result = bash(script, mode)
    assert (FOLDER / "fired").exists(), f"nothing to strike at: {target}\n{result}"
    if how in KILLS:
        assert result.code == -signal.SIGKILL, result
    return result


def landed() -> None:
    """Wait for a command that outlived its script; another run must have waited for it too."""
    end = time.monotonic() + 15
    while (FOLDER / "in-flight").exists():
        assert time.monotonic() < end, "a command never ended"
        time.sleep(0.01)
    assert not (FOLDER / "nobody-waited").exists(), "a command that outlived its script was not waited for"


def strikes(number: int, count: int) -> Iterator[str]:
    """So many kinds of strike, up to five, in turn; which ones come first depends on the number."""
    odd = number % 2
    kinds = (FAILURES[odd], SIGNALS[number % 4], KILLS_BEFORE[odd], "killed-during", KILLS_AFTER[odd])
    yield from (kinds[(number + 2 * each) % 5] for each in range(count))
