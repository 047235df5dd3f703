"""What `doctor` prints."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from bridgekit.cli.spoken import local, locally
from bridgekit.doctor import MISSING, SIGNS, Finding, examine, ready
from bridgekit.streams import one_line
from bridgekit.translation import joined
from bridgekit.wide import behind, columns, padded, width


def show_health(json: bool) -> bool:
    """Examine this host and print what was found; whether recipes can run."""
    found = examine()
    if json:
        print(data.dumps([finding.to_json() for finding in found], indent=2))
    else:
        print("\n".join(_lines(found)))
    return ready(found)


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    signs = max(width(locally(sign)) for sign in SIGNS)
    wide = columns(sys.stdout)
    names = max(width(locally(finding.name)) for finding in found)
    for section, findings in groupby(found, key=lambda finding: finding.section):
        yield locally(section)
        for finding in findings:
            sign, name = padded(locally(finding.sign), signs), padded(locally(finding.name), names)
            yield behind(f"  {sign}  {name}  ", one_line(locally(finding.found)), wide)
            if finding.advice:
                yield behind(f"  {'':{signs}}  {'':{names}}  -> ", one_line(locally(finding.advice)), wide)
    missing = [finding.name for finding in found if finding.sign == MISSING]
    if missing:
        yield local("recipes cannot run yet, for lack of: {0}", joined(missing))
    else:
        yield local("recipes can run")
