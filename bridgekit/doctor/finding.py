"""One line of the doctor's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridgekit.translation import Said, joined, tr

OK, NOTE, MISSING = SIGNS = tr("ok"), tr("note"), tr("missing")
# What a finding may keep from working: packets between two ports of a bridge; those that this host forwards; those to
# this host itself; those as big as a link's MTU.
BRIDGED, FORWARDED, INPUT, FULL_SIZE = "bridged", "forwarded", "input", "full-size"
ANY = (BRIDGED, FORWARDED, INPUT)


@dataclass(frozen=True)
class Breaks:
    """The packets that a finding may stop: their kinds, versions of IP, and whom they come from or go to; none: all."""

    kinds: tuple[str, ...] = ()
    guests: Collection[str] = ()
    versions: tuple[int, ...] = (4, 6)

    def stop(self, kinds: Collection[str], ends: Collection[str], version: int) -> bool:
        """Whether it may stop packets of one of these kinds between these ends."""
        return (
            bool(set(kinds) & set(self.kinds))
            and (not self.guests or bool(set(ends) & set(self.guests)))
            and version in self.versions
        )


NOTHING = Breaks()
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what it means.

    sign: `ok`; `note`, recipes can run, but this is good to know; `missing`, without it recipes cannot run.
    found: what is there.  advice: what it breaks and what to do about it; empty if nothing need be done.
    breaks: the packets that it may stop.
    """

    section: str
    name: str
    sign: str
    found: str
    advice: str = ""
    breaks: Breaks = field(default=NOTHING, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {key: getattr(self, key) for key in ("section", "name", "sign", "found", "advice")}


def some(names: Sequence[object]) -> Said:
    """The first few of many names, and how many others there are: two or more."""
    if len(names) <= _SHOWN + 1:
        return joined(names)
    return tr("{0} and {1} others", joined(names[:_SHOWN]), len(names) - _SHOWN)


def note(section: str, name: str, found: str, advice: str, breaks: Breaks = NOTHING) -> Finding:
    """What is good to know."""
    return Finding(section, name, NOTE, found, advice, breaks)
