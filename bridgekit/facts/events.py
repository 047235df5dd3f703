"""Which containers start, as their engine tells of it, for as long as it does.  man 1 docker-events, podman-events."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bridgekit import environment
from bridgekit.facts.containers import answers

FIRST, LONGEST = 0.1, 1.0  # seconds from one question to the next, while an engine does not answer
_LASTING, _RARELY = 5.0, 30.0  # a stream that ends sooner is opened again less and less often, at last so rarely
_FORMATS = {"docker": "{{json .}}", "podman": "json"}
_ACTIONS = ("start", "restart")


@dataclass(frozen=True)
class Event:
    """What an engine told.

    what: `start`, of a container; `answers`, of the engine: from here on no start is missed; `gone`: it ends to tell.
    time: when, in seconds since 1970.
    """

    engine: str
    what: str
    id: str = ""
    name: str = ""
    time: float = 0.0


@dataclass
class Stream:
    """The events of one engine, again and again, whatever becomes of it.

    tell: hears each.
    """

    engine: str
    tell: Callable[[Event], object]
    ended: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None

    def follow(self) -> None:
        """Tell of events until it is ended."""
        pause = FIRST
        while not self.ended.is_set():
            self._await_engine()
            began = time.monotonic()
            with suppress(OSError):  # its program went
                self._listen()
            lasted = time.monotonic() - began > _LASTING
            pause = FIRST if lasted else min(2 * pause, _RARELY)
            self.ended.wait(pause)

    def end(self) -> None:
        """No more."""
        self.ended.set()
        if self._process is not None:
            self._process.kill()

    def _await_engine(self) -> None:
        pause = FIRST
        while not self.ended.is_set() and not answers(self.engine):
            self.ended.wait(pause)
            pause = min(2 * pause, LONGEST)

    def _listen(self) -> None:
        """One stream, from now to its end."""
        with self._opened(time.time()) as lines:
            if self.ended.is_set():
                return
            self.tell(Event(self.engine, "answers", time=time.time()))
            for line in lines:
                if event := read(self.engine, line):
                    self.tell(event)
        if not self.ended.is_set():
            self.tell(Event(self.engine, "gone", time=time.time()))

    @contextmanager
    def _opened(self, since: float) -> Iterator[Iterator[str]]:
        """Its lines.  What happened between that time and now is told first, so that nothing falls between."""
        self._process = subprocess.Popen(
            [*_dies_with_us(), *command(self.engine, since)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env=environment.clean() | {"LC_ALL": "C"},
        )
        assert self._process.stdout is not None
        try:
            yield iter(self._process.stdout)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


def command(engine: str, since: float) -> list[str]:
    """The command that tells of the containers that start, from a time on (seconds since 1970)."""
    filters = ["type=container", *(f"event={action}" for action in _ACTIONS)]
    words = [word for each in filters for word in ("--filter", each)]
    return [engine, "events", "--since", str(int(since)), "--format", _FORMATS[engine], *words]


def read(engine: str, line: str) -> Event | None:
    """A line of it; None for one that tells of no start."""
    try:
        told = _object(json.loads(line))
    except ValueError:
        return None
    actor = _object(told.get("Actor"))  # of docker; podman has the same one level higher
    whole, action = actor.get("ID") or told.get("ID"), told.get("Action") or told.get("Status")
    if action not in _ACTIONS or not isinstance(whole, str) or not whole:
        return None
    name = _object(actor.get("Attributes")).get("name") or told.get("Name") or whole[:12]
    nanoseconds = told.get("timeNano")
    at = nanoseconds / 1e9 if isinstance(nanoseconds, int) else time.time()  # older podmans write it in words
    return Event(engine, "start", whole, str(name), at)


def _object(told: object) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _dies_with_us() -> list[str]:
    """What starts a program that the kernel ends when we are killed (util-linux)."""
    return ["setpriv", "--pdeathsig", "KILL"] if environment.find("setpriv") else []
