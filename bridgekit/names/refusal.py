"""How a value is refused."""

from __future__ import annotations

from bridgekit.errors import InputError
from bridgekit.translation import tr


def refuse(what: str, value: object, hint: str) -> InputError:
    """What was wrong, the value, and what would be right."""
    return InputError(tr("{0}: {1!r}", what, value), hint)
