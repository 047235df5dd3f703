"""How a value is refused."""

from __future__ import annotations

from bridgekit.errors import InputError


def refuse(what: str, value: object, hint: str) -> InputError:
    """What was wrong, the value, and what would be right."""
    return InputError(f"{what}: {value!r}", hint)
