"""The lessons that this user has walked to the end, in $XDG_STATE_HOME/bridgekit/finished."""

from __future__ import annotations

import os
from pathlib import Path

from bridgekit.errors import HostError
from bridgekit.translation import reason, tr


def path() -> Path:
    """The file that remembers them, a name a line."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(state, "bridgekit/finished")


def finished() -> frozenset[str]:
    """The names of the lessons; none where they cannot be read."""
    try:
        return frozenset(path().read_text("utf-8", "replace").split())
    except OSError:
        return frozenset()


def folder() -> tuple[str, ...]:
    """The folder of that file, made where it can be: what a lesson in a throw-away host changes outside of it."""
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ()  # which will be said when there is something to remember
    return (str(path().parent.resolve()),)


def remember(lesson: str) -> None:
    """Remember that a lesson was finished.  Raises HostError if that cannot be written."""
    if lesson in finished():
        return
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        with path().open("a", encoding="utf-8") as file:
            file.write(f"{lesson}\n")
    except OSError as error:
        raise HostError(
            tr("cannot remember the lesson in {0}: {1}", path(), reason(error)), tr("the lesson itself is done")
        ) from None
