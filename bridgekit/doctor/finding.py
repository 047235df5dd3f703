"""One line of the doctor's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bridgekit.translation import tr

OK, NOTE, MISSING = SIGNS = tr("ok"), tr("note"), tr("missing")


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what it means.

    sign: `ok`; `note`, recipes can run, but this is good to know; `missing`, without it recipes cannot run.
    found: what is there.  advice: what to do about it; empty if nothing need be done.
    """

    section: str
    name: str
    sign: str
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)
