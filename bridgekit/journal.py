"""The runs in force, as their scripts wrote them under /run/bridgekit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridgekit.errors import HostError

STATE = Path("/run/bridgekit")


@dataclass(frozen=True)
class Run:
    """One run in force.

    started: UTC, ISO 8601, to the millisecond.  steps: how many its script has.
    sha256: its script's; `-` where that came by a pipe.
    finished: False for a run that was killed, or is still under way.
    """

    name: str
    recipe: str
    started: str
    steps: int
    sha256: str
    command: str
    finished: bool


def runs() -> tuple[Run, ...]:
    """The runs in force, oldest first.  Raises HostError if they may not be read."""
    try:
        found = [_read(path) for path in STATE.iterdir() if path.suffix == ".log"]
    except FileNotFoundError:
        return ()
    except PermissionError:
        raise HostError("the journal of runs is root's", "use sudo") from None
    return tuple(sorted((run for run in found if run), key=lambda run: run.started))


def _read(path: Path) -> Run | None:
    lines = [line.split("\t") for line in path.read_text("utf-8", "replace").split("\n")]
    for line in lines:
        if line[0] == "started" and len(line) == 6 and line[2].isdecimal():
            _, recipe, steps, sha256, command, started = line
            finished = any(other[0] == "finished" for other in lines)
            return Run(path.stem, recipe, started, int(steps), sha256, command, finished)
    return None
