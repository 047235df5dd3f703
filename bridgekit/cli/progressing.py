"""How far a long run is: on a terminal a count and the time left, in the place of a line for each step."""

from __future__ import annotations

import sys
import time

from bridgekit.cli.spoken import local
from bridgekit.run import Listener, show

LONG = 100  # steps
_EACH = 0.1  # seconds, from one look to the next


def listener(total: int) -> Listener:
    """Who hears the lines of a run of so many steps."""
    return _Counted(total) if total > LONG and sys.stdout.isatty() else show


class _Counted:
    """Counts the steps that are done; what is no step is printed."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._start, self._told = time.monotonic(), 0.0

    def __call__(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        count = rest.partition("/")[0]
        if word not in ("ok", "same", "skip", "past") or not count.isdecimal():
            print(f"\r\033[K{line}", flush=True)
            return
        self._done = int(count)
        now = time.monotonic()
        if now - self._told >= _EACH or self._done == self._total:
            self._told = now
            self._tell(now - self._start)

    def _tell(self, passed: float) -> None:
        left = passed / self._done * (self._total - self._done)
        said = local("{0} of {1} steps, {2:.0f} s left", self._done, self._total, left)
        print(f"\r\033[K{said}", end="\n" if self._done == self._total else "", flush=True)
