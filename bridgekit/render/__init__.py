"""Plan -> text: a script with undo (`script`), the bare commands (`plain`), or data (`to_json`)."""

from __future__ import annotations

from bridgekit.dialects import dialect as named_dialect
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.script import Script

STYLES = ("script", "plain")


def script(plan: Plan, dialect: str = "modern", lang: str = "en") -> Script:
    """A plan as a script with guards and undo.

    dialect: `modern` or `document`.  lang: `en` or `zh`.  Raises InputError.
    """
    from bridgekit.render.as_script import render

    return render(plan, named_dialect(dialect), lang)


def plain(plan: Plan, dialect: str = "modern", lang: str = "en") -> str:
    """A plan as the bare commands, to be read; it has no guards and no undo.  Raises InputError."""
    from bridgekit.render.as_plain import render

    return render(plan, named_dialect(dialect), lang)


def text(plan: Plan, style: str = "script", dialect: str = "modern", lang: str = "en") -> str:
    """A plan in a style, `script` or `plain`.  Raises InputError."""
    if style not in STYLES:
        raise InputError(f"not a style: {style!r}", f"one of: {', '.join(STYLES)}")
    return plain(plan, dialect, lang) if style == "plain" else str(script(plan, dialect, lang))
