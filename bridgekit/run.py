"""A script -> one bash, through `sh`; its output streamed line by line."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from bridgekit import environment, streams
from bridgekit.errors import BridgekitError, HostError, RunError
from bridgekit.script import Script
from bridgekit.translation import joined, tr

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNS = {"ok": "\033[32m✓\033[0m", "same": "\033[2m=\033[0m", "past": "\033[2m·\033[0m"}
_ERRORS: dict[int, type[BridgekitError]] = {1: RunError, 3: HostError}
Listener = Callable[[str], None]
Handler = Callable[[int, FrameType | None], None]


class _Lines:
    """A file for `sh` to write lines to; its callbacks and iterators cost up to a second at the end.

    failure: what the listener raised.  It hears no more then; but bash holds the lock and must not wait for us, so it
    is heard to its end, and where `stops` it is told to roll back.
    """

    def __init__(self, listen: Listener, stops: bool) -> None:
        self._listen, self._stops = listen, stops
        self.failure: Exception | None = None

    def write(self, line: bytes) -> None:
        if self.failure is not None:
            return
        try:
            self._listen(line.decode("utf-8", "replace").rstrip("\n"))
        except Exception as error:
            self.failure = error
            if self._stops:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def run(
    script: Script,
    mode: str = "up",
    *more: str,
    listen: Listener | None = None,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a script on this host.

    mode, more: `up`, `up --replace`, `down`, `down -n` or `check`.
    listen: gets each line of output; default: prints it.  Then notes go to stderr; a listener gets none.
    variables: those of the script that are set.
    Raises RunError if a step failed or the listener did (all is taken back), HostError if the host is not ready.
    """
    lines = _Lines(listen or show, stops=mode == "up")
    process: Any = None

    def forward(number: int, _: FrameType | None) -> None:
        if process.is_alive():
            process.signal(number)

    with _in_memory(script) as file, signals_to(forward) as let_come:
        words = (f"/dev/fd/{file}", mode, *more)
        process = start(*words, env={**environment.clean(), **(variables or {})}, _out=lines, _pass_fds={0, 1, 2, file})
        let_come()
        process.wait()
    said = process.stderr.decode("utf-8", "replace").strip()
    _judge(process.exit_code, said, lines.failure)
    if said and listen is None:
        print(said, file=sys.stderr)


def heard(script: Script, mode: str, variables: Mapping[str, str], *more: str) -> tuple[int, list[str], str]:
    """Its exit code, the lines it said and what it complained of: of a script that changes nothing, in any thread."""
    said: list[str] = []
    with _in_memory(script) as file:
        given = {**environment.clean(), **variables}
        out = _Lines(said.append, stops=False)
        process = start(f"/dev/fd/{file}", mode, *more, env=given, _out=out, _pass_fds={0, 1, 2, file})
        process.wait()
    return process.exit_code, said, process.stderr.decode("utf-8", "replace").strip()


@contextmanager
def _in_memory(script: Script) -> Iterator[int]:
    """The script as a file that nobody has to remove: its descriptor."""
    file = os.memfd_create(script.name, 0)
    try:
        os.write(file, str(script).encode())
        yield file
    finally:
        os.close(file)


def _judge(code: int, words: str, failure: Exception | None) -> None:
    if failure is not None:
        why = failure.message if isinstance(failure, BridgekitError) else failure
        unheard = tr("its words were not heard: {0}", why)
        told = tr("bridgekit: {0}", unheard if code else tr("the run is done, but {0}", unheard))
        raise _ERRORS.get(code, RunError)(joined(filter(None, (words, told)), "\n")) from failure
    if -code in _SIGNALS:  # before it heard signals itself
        raise HostError(tr("stopped by a signal; nothing was done"))
    if code < 0:
        what = tr("bash was ended by {0}; the journal tells what it had done", signal.Signals(-code).name)
        raise RunError(what, tr("the same command again, or: bridgekit undo"))
    if code:
        raise _ERRORS.get(code, RunError)(words or tr("bash ended with code {0}", code))


def start(*words: str, env: Mapping[str, str], **options: Any) -> Any:
    """Start bash through `sh`, and do not wait for it.

    env: its environment, but for the locale: it would complain of one that is not here before a script can speak.
    options: for `sh`.  Raises HostError if there is no bash.
    """
    import sh

    bash = environment.find("bash")
    if bash is None:
        raise HostError(tr("a program is missing: bash"), "apt-get install bash")
    hang_up = signal.SIG_IGN if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else signal.SIG_DFL

    def prepare() -> None:
        signal.signal(signal.SIGHUP, hang_up)  # what bash inherits ignored it cannot trap, and with _bg sh ignores it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    return sh.Command(bash)(
        *words,
        _env={**env, "LC_ALL": "C"},
        _tty_out=False,
        _truncate_exc=False,
        _return_cmd=True,
        _ok_code=list(range(-64, 256)),
        _bg=True,
        _preexec_fn=prepare,
        **options,
    )


@contextmanager
def signals_to(handler: Handler) -> Iterator[Callable[[], object]]:
    """While in here a signal to us, other than one that is ignored, is the handler's.

    It waits until what is given is called: by then there is a bash to tell of it.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield lambda: signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def show(line: str) -> None:
    """Print a line of a script; on a terminal its first word becomes a sign."""
    word, _, rest = line.partition(" ")
    if sys.stdout.isatty() and word in _SIGNS:
        streams.sign(_SIGNS[word])
        line = f" {rest}"
    print(line, flush=True)
