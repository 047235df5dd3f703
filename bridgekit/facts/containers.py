"""The running containers of an engine, as it tells of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridgekit.facts.ask import ask, present, reply
from bridgekit.facts.spaces import inode_of
from bridgekit.names import Guest

ENGINES = ("docker", "podman")
# Of podman's templates `{{.Id}}`, just so, means what is called ID there.
_FORMAT = '["{{.Id}}",{{json .Name}},{{json .State.Pid}},{{json .State.StartedAt}},{{json .Config.Labels}}]'
_SHORTEST = 4  # of an id that stands for a name: fewer digits are a name


@dataclass(frozen=True)
class Container:
    """A running container.

    engine: `docker` or `podman`.  pid: its first process.  started: when it did, in the engine's own words.
    """

    engine: str
    id: str
    name: str
    pid: int
    started: str
    labels: Mapping[str, str]

    @property
    def guest(self) -> str:
        """How a command line names it."""
        return self.name if self.engine == "docker" else f"{self.engine}:{self.name}"

    @property
    def start(self) -> tuple[str, str, str]:
        """What tells this start from all others."""
        return self.engine, self.id, self.started

    @property
    def inode(self) -> int | None:
        """Its network namespace; None if it is gone."""
        return inode_of(self.pid)

    def is_called(self, guest: Guest) -> bool:
        """Whether a guest, by its name or its id, is this one."""
        by_id = len(guest.name) >= _SHORTEST and self.id.startswith(guest.name)
        return guest.kind == self.engine and (guest.name == self.name or by_id)


def engines() -> list[str]:
    """The engines whose program is here."""
    return [engine for engine in ENGINES if present(engine)]


def answers(engine: str) -> bool:
    """Whether an engine answers now."""
    code, _ = reply(engine, "ps", "-q") or (1, "")
    return code == 0


def running(engine: str) -> list[Container]:
    """The running containers of an engine, in the order in which they started; none where it does not answer."""
    ids = (ask(engine, "ps", "-q") or "").split()
    told = ask(engine, "inspect", "-f", _FORMAT, *ids) if ids else ""
    if told is None:  # one of them has ended meanwhile
        found = [container for each in ids if (container := look(engine, each))]
    else:
        found = [container for line in told.splitlines() if (container := _container(engine, line))]
    return sorted(found, key=lambda each: (each.started, each.name))


def look(engine: str, name: str) -> Container | None:
    """A running container; None if there is none of that name or id."""
    lines = (ask(engine, "inspect", "-f", _FORMAT, name) or "").splitlines()
    return _container(engine, lines[0]) if lines else None


def _container(engine: str, line: str) -> Container | None:
    try:
        told: list[Any] = json.loads(line)
        whole, name, pid, started, labels = told
    except ValueError:
        return None
    if not isinstance(pid, int) or pid <= 0:
        return None
    return Container(engine, str(whole), str(name).removeprefix("/"), pid, str(started), dict(labels or {}))
