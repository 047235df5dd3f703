"""A script -> one bash, through `sh`; its output streamed line by line."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from bridgekit.errors import BridgekitError, HostError, RunError
from bridgekit.script import Script

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNS = {"ok": "\033[32m✓\033[0m", "same": "\033[2m=\033[0m", "past": "\033[2m·\033[0m"}
_ERRORS: dict[int, type[BridgekitError]] = {1: RunError, 3: HostError}
Listener = Callable[[str], None]


class _Lines:
    """A file for `sh` to write lines to; its callbacks and iterators cost up to a second at the end."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen

    def write(self, line: bytes) -> None:
        try:
            self._listen(line.decode("utf-8", "replace").rstrip("\n"))
        except BrokenPipeError:  # whoever read our output hung up: so does bash, and rolls back
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def run(script: Script, mode: str = "up", listen: Listener | None = None) -> None:
    """Run a script on this host.

    mode: `up`, `down` or `check`.  listen: gets each line of output; default: prints it.
    Raises RunError if a step failed (all is taken back), HostError if the host is not ready.
    """
    import sh

    lines: Any = _Lines(listen or show)  # a file in all that sh asks of one
    with tempfile.TemporaryDirectory(prefix="bridgekit-") as folder:
        path = Path(folder, f"{script.name}.sh")
        path.write_text(str(script), "utf-8")
        process = sh.bash(
            str(path),
            mode,
            _out=lines,
            _tty_out=False,
            _truncate_exc=False,
            _return_cmd=True,
            _ok_code=list(range(256)),
            _bg=True,
        )
        with forwarded(process):
            process.wait()
        _judge(process.exit_code, process.stderr.decode("utf-8", "replace").strip())


def _judge(code: int, words: str) -> None:
    if code:
        raise _ERRORS.get(code, RunError)(words or f"bash ended with code {code}")


@contextmanager
def forwarded(process: Any) -> Iterator[None]:
    """While in here a signal to us is a signal to bash, which rolls back; we wait for it."""

    def forward(number: int, _: FrameType | None) -> None:
        if process.is_alive():
            process.signal(number)

    before = {number: signal.signal(number, forward) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(line: str) -> None:
    """Print a line of a script; on a terminal its first word becomes a sign."""
    word, _, rest = line.partition(" ")
    if sys.stdout.isatty() and word in _SIGNS:
        line = f"{_SIGNS[word]} {rest}"
    print(line, flush=True)
