"""What `verify` prints."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Iterator, Sequence

from bridgekit import streams
from bridgekit.cli.nodes import meant
from bridgekit.cli.spoken import local, locally
from bridgekit.cli.trees import table
from bridgekit.streams import one_line
from bridgekit.translation import later, tr
from bridgekit.verify import Matrix, Probe, Result, verify

_HEADER = (tr("RESULT"), tr("FROM"), tr("TO"), tr("ADDRESS"), tr("LOSS"), tr("RTT"))
_SHOWN = 6  # pairs with a reason


def show_matrix(
    guests: Sequence[str], to: Sequence[str], expect: str | None, probe: Probe, why: bool, json: bool
) -> bool:
    """Verify, and print the matrix; whether all is as it should be.  Raises InputError, HostError."""
    with streams.progress(locally(later("{0} of {1} asked"))) as heard:
        found = verify([meant(each) for each in guests], to, expect, probe, why, heard)
    if json:
        print(data.dumps([result.to_json() for result in found.results], indent=2))
    else:
        print(table([tuple(map(locally, _HEADER)), *map(_row, found.results)]))
        print("\n".join((*_summary(found), *_reasons(found))))
    # Not on the standard output, which may be read as JSON.
    if found.left_out:
        print(local("Left out, because they have no address: {0}.", _names(found.left_out)), file=sys.stderr)
    if found.silent:
        words = local("Not asked, because nothing listens on {0} there: {1}.", probe.port, _names(found.silent))
        print(words, file=sys.stderr)
    return found.ok


def _names(names: Sequence[str]) -> str:
    return one_line(", ".join(names))


def _row(result: Result) -> tuple[str, ...]:
    echo = result.echo
    words = echo.why if echo.rtt is None else f"{echo.rtt:.3f} ms"
    if echo.asked and not result.expected:
        words = tr("{0}, as expected", words) if result.ok else tr("{0}, but it must not work", words)
    sign = locally(result.verdict)
    return sign, result.source, result.target, result.address, f"{echo.loss}%", locally(words)


def _summary(found: Matrix) -> Iterator[str]:
    wrong, all_ = sum(not result.ok for result in found.results), len(found.results)
    yield local("{0} of {1} are not as expected", wrong, all_) if wrong else local("all {0} are as expected", all_)


def _reasons(found: Matrix) -> Iterator[str]:
    """Each reason once, below the pairs that it may explain."""
    if found.reasons:
        yield local("This may be why:")
    by_why: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for reason, results in found.reasons.items():
        pairs, mends = by_why.setdefault(one_line(locally(reason.why)), ({}, {}))
        pairs |= dict.fromkeys(f"{each.source} -> {each.target}" for each in results)
        mends |= dict.fromkeys([one_line(locally(reason.mend))] if reason.mend else [])
    for why, (pairs, mends) in by_why.items():
        shown = ", ".join(list(pairs)[:_SHOWN])
        more = local("{0} and {1} more", shown, len(pairs) - _SHOWN) if len(pairs) > _SHOWN else shown
        yield f"  {one_line(more)}"
        yield f"    {why}"
        yield from (f"    -> {mend}" for mend in mends)
    if found.reasons and found.unexplained:
        yield local("Of {0} more no reason is known: `bridgekit trace FROM TO` looks at one.", found.unexplained)
