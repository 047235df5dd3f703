"""What `verify` prints."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Sequence

from bridgekit import streams
from bridgekit.cli.trees import table
from bridgekit.streams import one_line
from bridgekit.verify import Matrix, Result, verify

_HEADER = ("RESULT", "FROM", "TO", "ADDRESS", "LOSS", "RTT")


def show_matrix(guests: Sequence[str], to: Sequence[str], expect: str | None, count: int, json: bool) -> bool:
    """Verify, and print the matrix; whether all is as it should be.  Raises InputError, HostError."""
    with streams.progress("asked") as heard:
        found = verify(guests, to, expect, count, heard)
    if json:
        print(data.dumps([result.to_json() for result in found.results], indent=2))
    else:
        print(table([_HEADER, *map(_row, found.results)]))
        print(_summary(found))
    if found.left_out:
        # Not on the standard output, which may be read as JSON.
        print(f"Left out, because they have no address: {one_line(', '.join(found.left_out))}.", file=sys.stderr)
    return found.ok


def _row(result: Result) -> tuple[str, ...]:
    echo = result.echo
    words = echo.why if echo.rtt is None else f"{echo.rtt:.3f} ms"
    if echo.asked and not result.expected:
        words += ", as expected" if result.ok else ", but it must not work"
    return "ok" if result.ok else "FAILED", result.source, result.target, result.address, f"{echo.loss}%", words


def _summary(found: Matrix) -> str:
    wrong, all_ = sum(not result.ok for result in found.results), len(found.results)
    return f"{wrong} of {all_} are not as expected" if wrong else f"all {all_} are as expected"
