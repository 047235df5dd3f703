"""What came of an event, as a line or as data."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.errors import BridgekitError, HostError, InputError, RunError

APPLIED, SAME, FAILED, REFUSED, SKIPPED = "applied", "same", "failed", "refused", "skipped"


@dataclass(frozen=True)
class Outcome:
    """What came of one run.

    what: `applied`; `same`, nothing was missing; `failed`, a step did, and all was taken back; `refused`, nothing was
    touched; `skipped`, there was nothing to do.
    busy: it was refused only because another run was under way.
    """

    run: str
    what: str
    message: str = ""
    busy: bool = False


@dataclass(frozen=True)
class Report:
    """A line of `watch`.

    outcome: of a run an outcome's; of an engine `answers` or `gone`.
    source: where it is said that the run shall be there: `stay`, `FILE:3`, a label.
    ms: since the container's start, or of what was there before since it was looked at.
    """

    engine: str
    container: str
    id: str
    run: str
    outcome: str
    ms: int
    source: str
    message: str


def refusal(run: str, error: BridgekitError, busy: str = "\0") -> Outcome:
    """An error as an outcome.  busy: the words by which a script says that another run is under way."""
    message = "; ".join(line.strip().removeprefix("bridgekit: ") for line in str(error).splitlines())
    match error:
        case InputError() | HostError():
            return Outcome(run, REFUSED, message, busy in error.message)
        case RunError():
            return Outcome(run, FAILED, message)
    return Outcome(run, FAILED, message)
