"""What `doctor` prints."""

from __future__ import annotations

import json as data
from collections.abc import Iterator, Sequence
from itertools import groupby

from bridgekit.doctor import MISSING, Finding, examine, ready
from bridgekit.streams import one_line


def show_health(json: bool) -> bool:
    """Examine this host and print what was found; whether recipes can run."""
    found = examine()
    if json:
        print(data.dumps([finding.to_json() for finding in found], indent=2))
    else:
        print("\n".join(_lines(found)))
    return ready(found)


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    width = max(len(finding.name) for finding in found)
    for section, findings in groupby(found, key=lambda finding: finding.section):
        yield section
        for finding in findings:
            yield f"  {finding.sign:7}  {finding.name:{width}}  {one_line(finding.found)}"
            if finding.advice:
                yield f"  {'':7}  {'':{width}}  -> {one_line(finding.advice)}"
    missing = [finding.name for finding in found if finding.sign == MISSING]
    yield f"recipes cannot run yet, for lack of: {', '.join(missing)}" if missing else "recipes can run"
