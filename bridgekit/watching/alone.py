"""One at a time on a host."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bridgekit.errors import HostError
from bridgekit.translation import tr

LOCK = Path("/run/bridgekit-watch.lock")


@contextmanager
def alone() -> Iterator[None]:
    """While in here nobody else who asks so is; a killed one is not in the way.  Raises HostError."""
    with ExitStack() as held:
        try:
            held.enter_context(_locked())
        except BlockingIOError:
            raise HostError(tr("another `bridgekit watch` runs on this host"), tr("one is enough for all")) from None
        yield


@contextmanager
def _locked() -> Iterator[None]:
    while True:
        file = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is(file):  # it went meanwhile
                continue
            try:
                yield
            finally:
                with suppress(OSError):
                    LOCK.unlink()
            return
        finally:
            os.close(file)


def _is(file: int) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.lstat(LOCK))
    except FileNotFoundError:
        return False
