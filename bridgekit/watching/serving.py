"""Hears of the containers that start, and does what shall be there; nothing that it knows is needed by the next one."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

from bridgekit.errors import BridgekitError, HostError, InputError
from bridgekit.facts import containers, events
from bridgekit.facts.containers import Container
from bridgekit.facts.events import Event
from bridgekit.names import Guest
from bridgekit.translation import reason, tr
from bridgekit.watching import doing, wanted
from bridgekit.watching.alone import alone
from bridgekit.watching.report import APPLIED, SAME, SKIPPED, Outcome, Report, refusal
from bridgekit.watching.wanted import Complete, Wanted

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LONGEST = 2**20  # of a file, in bytes
_SECONDS = 5.0  # until a run is tried again that was refused because another was under way
Queue = SimpleQueue[Event | None]  # None: the end


@dataclass
class Watch:
    """What is done about the events; it is all in one thread.

    file: of recipes' command lines; None: there is none.  lang: of what scripts say.
    complete: fills in what a plan may not find out itself.  tell: hears of all that comes of it.
    """

    file: Path | None
    lang: str
    complete: Complete
    tell: Callable[[Report], object]
    _handled: dict[tuple[str, str], str] = field(default_factory=dict)  # of a container: the start that was dealt with
    _there: dict[str, tuple[object, ...]] = field(default_factory=dict)  # of a run: what it was done for
    _gone: set[str] = field(default_factory=set)
    _unread: set[tuple[str, str]] = field(default_factory=set)  # what could not be read, and has been told
    _later: list[tuple[float, Container]] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Do what an event asks for."""
        match event.what:
            case "start":
                if container := containers.look(event.engine, event.id):
                    self.attend(container, event.time)
                else:
                    ms = round(1000 * (time.time() - event.time))
                    self.tell(Report(event.engine, event.name, event.id, "", SKIPPED, ms, "", tr("it has ended")))
            case _:
                self.tell(Report(event.engine, "", "", "", event.what, 0, "", ""))
                self._hear_of_engine(event)

    def _hear_of_engine(self, event: Event) -> None:
        if event.what == "gone":
            self._gone.add(event.engine)
            return
        if event.engine in self._gone:
            self.attend_host()
        for container in containers.running(event.engine):
            self.attend(container, time.time(), quiet=True)

    def attend_host(self) -> None:
        """Do what shall be there and needs no container."""
        for each in self._wanted(None):
            began = time.time()
            if each.error:
                self._say(None, refusal(each.name, each.error), began, each.source)
            elif not each.guests:
                for _, outcome in doing.done(each, doing.ended(each, ()), self.lang):
                    self._say(None, outcome, began, each.source)

    def attend(self, container: Container, since: float, quiet: bool = False) -> None:
        """Do what shall be there once a container has started, unless that was done.

        quiet: say nothing where nothing is wanted.
        """
        if self._handled.get((container.engine, container.id)) == container.started:
            return
        self._handled[container.engine, container.id] = container.started
        found = [each for each in self._wanted(container) if each.error or each.is_for(container)]
        for each, names in [(each, self._ended(each, container)) for each in found]:  # before any is done anew
            self._do(each, names, container, since)
        if not found and not quiet:
            self._say(container, Outcome("", SKIPPED, tr("nothing is wanted for it")), since)

    def again(self) -> float | None:
        """Attend once more to those whose time has come; how many seconds until the next one's."""
        now = time.monotonic()
        due = [container for at, container in self._later if at <= now]
        self._later = [(at, container) for at, container in self._later if at > now]
        for container in due:
            if containers.look(container.engine, container.id) == container:
                self._handled.pop((container.engine, container.id), None)
                self.attend(container, time.time())
        return min((at - time.monotonic() for at, _ in self._later), default=None)

    def _wanted(self, container: Container | None) -> Iterator[Wanted]:
        """All that shall be there: of the runs, of the file, of the container's labels.

        What cannot be read of runs and file is told where the host is attended to, and when it is new.
        """
        try:
            lines = read(self.file, self.complete)
        except BridgekitError as error:  # of the file as a whole: all that it wants is missed
            yield Wanted(str(self.file), error=error)
            lines = []
        found = [*wanted.of_runs(), *lines]
        before, self._unread = self._unread, {(each.source, str(each.error)) for each in found if each.error}
        yield from (each for each in found if container is None or (each.source, str(each.error)) not in before)
        if container is not None:
            yield from wanted.of_labels(container, self.complete)

    def _ended(self, each: Wanted, container: Container) -> list[str] | None:
        guests = [self._who(guest, container) for guest in each.guests]
        return None if each.error or None in guests else doing.ended(each, {found.inode for found in guests if found})

    def _do(self, each: Wanted, names: list[str] | None, container: Container, since: float) -> None:
        """Do one of a container's, unless it was done since its guests started."""
        guests = {str(guest): self._who(guest, container) for guest in each.guests}
        missing = [guest for guest, found in guests.items() if found is None]
        if each.error:
            self._say(container, refusal(each.name, each.error), since, each.source)
        elif missing:
            message = tr("not running: {0}", ", ".join(missing))
            self._say(container, Outcome(each.name, SKIPPED, message), since, each.source)
        elif self._there.get(each.name) != _mark(each, guests.values()):
            for done, outcome in doing.done(each, names, self.lang):
                self._say(container, outcome, since, done.source)
                self._note(done, outcome, container)

    def _note(self, done: Wanted, outcome: Outcome, container: Container) -> None:
        if outcome.what in (APPLIED, SAME):
            self._there[done.name] = _mark(done, [self._who(guest, container) for guest in done.guests])
        elif outcome.busy:
            self._later.append((time.monotonic() + _SECONDS, container))

    def _who(self, guest: Guest, container: Container) -> Container | None:
        """The container that a guest is now, one of them being known."""
        return container if container.is_called(guest) else containers.look(guest.kind, guest.name)

    def _say(self, container: Container | None, outcome: Outcome, since: float, source: str = "") -> None:
        who = (container.engine, container.name, container.id) if container else ("", "", "")
        ms = round(1000 * max(0.0, time.time() - since))
        self.tell(Report(*who, outcome.run, outcome.what, ms, source, outcome.message))


def _mark(done: Wanted, guests: Iterable[Container | None]) -> tuple[object, ...]:
    """What tells that a run was done since its guests started."""
    return (done.plan and done.plan.command, *sorted(found.start for found in guests if found))


def read(file: Path | None, complete: Complete) -> list[Wanted]:
    """What a file wants.  Raises InputError if it cannot be read."""
    if file is None:
        return []
    try:
        return wanted.of_file(_text(file), file.name, complete)
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise InputError(tr("cannot read {0!r}: {1}", str(file), why), tr("name another file")) from None


def _text(file: Path) -> str:
    """A file's text.  One that is no file would be waited for, or have no end."""
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise InputError(tr("not a regular file: {0!r}", str(file)), tr("a file that can be read at each event"))
        text = opened.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        raise InputError(tr("a file of more than {0} bytes: {1!r}", _LONGEST, str(file)), tr("name another file"))
    return text.decode("utf-8-sig")


def serve(watch: Watch) -> None:
    """Follow the engines until INT or TERM.  Raises HostError before anything is touched."""
    if os.geteuid() != 0:
        raise HostError(tr("root is needed"), tr("use sudo"))
    engines = containers.engines()
    if not engines:
        raise HostError(tr("a program is missing: {0}", "docker"), tr("`bridgekit watch` follows docker and podman"))
    queue: Queue = SimpleQueue()
    with alone(), _signals(lambda: queue.put(None)) as let_come:
        streams = [events.Stream(engine, queue.put) for engine in engines]
        for stream in streams:
            threading.Thread(target=stream.follow, daemon=True).start()
        try:
            watch.attend_host()
            _hear(watch, queue, let_come)
        finally:
            for stream in streams:
                stream.end()


def _hear(watch: Watch, queue: Queue, let_come: Callable[[], AbstractContextManager[None]]) -> None:
    """Each event in its turn, until the end."""
    while True:
        until = watch.again()
        try:
            with let_come():
                event = queue.get(timeout=until)
        except Empty:
            continue
        if event is None:
            return
        watch.hear(event)


@contextmanager
def _signals(end: Callable[[], object]) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """While in here INT and TERM call `end`, and only within what is given: what is being done is done to its end.

    Threads and programs that are started have them blocked.  Who asked for the end may ask twice (man 1 timeout).
    """
    mask, asked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS), list[int]()

    def hear(number: int, _: FrameType | None) -> None:
        asked.append(number)
        end()

    before = {number: signal.signal(number, hear) for number in _SIGNALS}

    @contextmanager
    def let_come() -> Iterator[None]:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)

    try:
        yield let_come
    finally:
        for number, usual in before.items():
            signal.signal(number, signal.SIG_IGN if asked else usual)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
