"""The runs in force, as their scripts wrote them under /run/bridgekit: a file a run, described in steps.sh."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridgekit.errors import HostError
from bridgekit.translation import tr

STATE, NAMES = Path("/run/bridgekit"), Path("/run/netns")
UNKNOWN = "?"  # what a damaged journal does not tell
_FIELDS, _FIRST = 9, ("started", True, True)
_VARIABLE = re.compile(r"; (?=\w+=)")
_COMMAND = re.compile(r"((?:'[^']*'|\"[^\"]*\"|[^'\";])*)(|; .*)", re.DOTALL)


@dataclass(frozen=True)
class Change:
    """One thing that a run did and that is taken back with it.

    netns: the name of the network namespace in which it was done; empty: the host's.
    what: the kernel parameter that was set; `-` or other words where it was none.
    question: a command that tells whether it is so still, in the words of `conditions.sh`.  undo: what takes it back.
    """

    netns: str
    what: str
    question: str
    undo: str


@dataclass(frozen=True)
class Run:
    """One run in force.

    order: the later, the higher; 0 where it is not known.  netns: the inode of the host's network namespace.
    started: UTC, ISO 8601, to the millisecond.  steps: how many its script has.
    sha256: its script's; `-` where that came by a pipe.  command: what made its script, with all its options.
    plan: the words of the command that says what it is.  variables: those that its user could set, as they were.
    finished: False for a run that was killed, or is still under way.
    undoing: the commands that take it back, oldest first; changes: the same, each with what it is about.
    inside: the names of the network namespaces in which something was done.
    stays: it is marked, so that it is done again when its guest starts.
    away: it was taken back only to be done again, and is not yet.
    """

    name: str
    order: int = 0
    netns: str = UNKNOWN
    recipe: str = UNKNOWN
    steps: int | None = None
    sha256: str = UNKNOWN
    started: str = UNKNOWN
    command: str = UNKNOWN
    plan: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    finished: bool = False
    undoing: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    stays: bool = False
    away: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def elsewhere(self) -> bool:
        """Whether it is in force in another network namespace than ours."""
        return self.netns not in (UNKNOWN, str(Path("/proc/self/ns/net").stat().st_ino))

    def lost(self, own: Collection[str], inodes: Collection[int | None]) -> list[str]:
        """The names of namespaces in which it was done, and that lead to none of its guests any more.

        own: the names that are guests themselves.  inodes: the namespaces that its guests have now.
        """
        return [name for name in self.inside if name not in own and _behind(name) not in inodes]


def _behind(netns: str) -> int | None:
    try:
        return (NAMES / netns).stat().st_ino
    except OSError:
        return None


def runs() -> tuple[Run, ...]:
    """The runs in force, oldest first.  Raises HostError if they may not be read."""
    try:
        found = [_read(path) for path in STATE.iterdir() if not path.name.startswith(".") and path.is_file()]
    except FileNotFoundError:
        return ()  # nor are they there where the last of them goes meanwhile
    except PermissionError:
        raise HostError(tr("the journal of runs is root's"), tr("use sudo")) from None
    return tuple(sorted((run for run in found if run), key=lambda run: (run.order, run.name)))


def undo_lines(name: str) -> list[tuple[str, str, str]]:
    """Of each step of a run in force that can be taken back, oldest first: its number, those that it is part of (by
    commas), and the command that does it.
    """
    lines = (line.split("\t") for line in (STATE / name).read_text("utf-8", "replace").split("\n"))
    return [(line[1], line[2], line[6]) for line in lines if line[0] == "undo" and len(line) == 7]


def _read(path: Path) -> Run | None:
    """What a journal says; None if it is gone."""
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return None
    first, *others = (line.split("\t") for line in text.split("\n"))
    finished = any(line[0] == "finished" for line in others)
    undo = [line for line in others if line[0] == "undo" and len(line) == 7]
    undoing = tuple(line[-1] for line in undo)
    changes = tuple(Change(_place(line[3]), *line[4:]) for line in undo)
    inside = tuple(dict.fromkeys(each.netns for each in changes if each.netns))
    marked, away = ([word] in others for word in ("stays", "away"))
    if len(first) < _FIELDS or not others or (first[0], first[1].isdecimal(), first[4].isdecimal()) != _FIRST:
        known = (finished, undoing, inside, marked, away, changes)
        return Run(path.name, 0, UNKNOWN, UNKNOWN, None, UNKNOWN, UNKNOWN, UNKNOWN, (), {}, *known)
    _, order, netns, recipe, steps, sha256, started, command, *plan = first
    words, variables = _plan("\t".join(plan))
    told = (path.name, int(order), netns, recipe, int(steps), sha256, started, command)
    return Run(*told, words, variables, finished, undoing, inside, marked or _is_marked(command), away, changes)


def _place(text: str) -> str:
    """The namespace of a line, `NAME=INODE...`; empty: the host's."""
    name, equals, _ = text.partition("=")
    return name if equals else ""


def _is_marked(command: str) -> bool:
    """Whether the command of a run marks it: one that was killed may not have come further than its first line."""
    try:
        return "--stay" in shlex.split(command)
    except ValueError:
        return False


def _plan(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words of what a run is, and its variables: `COMMAND; NAME=value; ...`."""
    found = _COMMAND.fullmatch(text)
    if not found:
        return (), {}
    given = (each.partition("=") for each in _VARIABLE.split(found[2])[1:])
    return tuple(shlex.split(found[1])), {name: value for name, _, value in given}
