"""What `verify` prints."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Sequence

from bridgekit import streams
from bridgekit.cli.spoken import local, locally
from bridgekit.cli.trees import table
from bridgekit.streams import one_line
from bridgekit.translation import later, tr
from bridgekit.verify import Matrix, Result, verify

_HEADER = (tr("RESULT"), tr("FROM"), tr("TO"), tr("ADDRESS"), tr("LOSS"), tr("RTT"))


def show_matrix(guests: Sequence[str], to: Sequence[str], expect: str | None, count: int, json: bool) -> bool:
    """Verify, and print the matrix; whether all is as it should be.  Raises InputError, HostError."""
    with streams.progress(locally(later("{0} of {1} asked"))) as heard:
        found = verify(guests, to, expect, count, heard)
    if json:
        print(data.dumps([result.to_json() for result in found.results], indent=2))
    else:
        print(table([tuple(map(locally, _HEADER)), *map(_row, found.results)]))
        print(_summary(found))
    if found.left_out:
        # Not on the standard output, which may be read as JSON.
        names = one_line(", ".join(found.left_out))
        print(local("Left out, because they have no address: {0}.", names), file=sys.stderr)
    return found.ok


def _row(result: Result) -> tuple[str, ...]:
    echo = result.echo
    words = echo.why if echo.rtt is None else f"{echo.rtt:.3f} ms"
    if echo.asked and not result.expected:
        words = tr("{0}, as expected", words) if result.ok else tr("{0}, but it must not work", words)
    sign = local("ok") if result.ok else local("FAILED")
    return sign, result.source, result.target, result.address, f"{echo.loss}%", locally(words)


def _summary(found: Matrix) -> str:
    wrong, all_ = sum(not result.ok for result in found.results), len(found.results)
    if wrong:
        return local("{0} of {1} are not as expected", wrong, all_)
    return local("all {0} are as expected", all_)
