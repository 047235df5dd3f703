"""What `trace` prints."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Iterator
from dataclasses import replace

from bridgekit.cli.nodes import meant
from bridgekit.cli.spoken import local, locally
from bridgekit.streams import one_line
from bridgekit.trace import Hop, Trace, traced
from bridgekit.trace.ends import split
from bridgekit.translation import tr
from bridgekit.wide import padded, prose, width

_WAYS = {"there": tr("there"), "back": tr("back"), "error": tr("an error back")}
_WHATS = {
    "in": tr("in"),
    "out": tr("out"),
    "rule": tr("rule"),
    "policy": tr("policy"),
    "route": tr("route"),
    "now": tr("now"),
}


def show_trace(source: str, target: str, size: int | None, sport: int | None, json: bool) -> bool:
    """Trace, and print the way; whether the answer came.  Raises InputError, HostError."""
    to, port, protocol = split(target)
    found = replace(traced(meant(source), meant(to), port, protocol, size, sport), source=source, target=to)
    if json:
        print(data.dumps(found.to_json(), indent=2))
    else:
        print("\n".join(_lines(found)))
    for note in found.notes:
        print(one_line(locally(note)), file=sys.stderr)  # not on the standard output, which may be read as JSON
    return found.answered


def _lines(found: Trace) -> Iterator[str]:
    places = max((width(one_line(hop.place)) for hop in found.hops), default=0)
    kinds = max((width(_kind(hop)) for hop in found.hops), default=0)
    way = place = ""
    for hop in found.hops:
        if hop.way != way:
            yield local("{0}:", locally(_WAYS[hop.way]))
            way, place = hop.way, ""
        shown, place = one_line(hop.place) if hop.place != place else "", hop.place
        yield f"  {padded(shown, places)}  {padded(_kind(hop), kinds)}  {one_line(locally(hop.text))}".rstrip()
    yield from _end(found)


def _kind(hop: Hop) -> str:
    what = locally(_WHATS[hop.what])
    return f"{one_line(hop.link)} {what}" if hop.link else what


def _end(found: Trace) -> Iterator[str]:
    if found.answered:
        yield local("answered after {0:.1f} ms", found.seconds * 1000)
    else:
        yield prose(local("not answered: {0}", one_line(locally(found.reason))), sys.stdout)
    if found.mend:
        yield local("to mend it: {0}", one_line(found.mend))
