"""Plan -> text: a script with undo (`script`), the bare commands (`plain`), or data (`to_json`)."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from bridgekit.compile import compiled
from bridgekit.dialects import wordings
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.script import Script
from bridgekit.translation import tr

STYLES = ("script", "plain", "batch")


def script(plan: Plan, dialect: str = "modern", lang: str = "en", typed: str = "", explained: bool = True) -> Script:
    """A plan as a script with guards and undo.

    dialect: `modern` or `document`.  lang: `en` or `zh`.  typed: options that its header adds to the command.
    explained: its pieces have what a learner reads.  Raises InputError.
    """
    from bridgekit.render.as_script import render

    return render(compiled(plan, dialect, lang, explained), typed)


def batch(plan: Plan, dialect: str = "modern", lang: str = "en", typed: str = " --style batch") -> Script:
    """A plan as a script that does consecutive lines of one tool and place in one process; it is not taught."""
    from bridgekit.render.as_batch import render

    return render(compiled(plan, dialect, lang, explained=False), typed)


def undoing(name: str, lang: str = "en") -> Script:
    """A script without steps, whose `down` takes back the run of that name."""
    from bridgekit.render.as_script import render

    return render(compiled(Plan(name, "by-hand", ()), "modern", lang))


def anew(plan: Plan, lang: str = "en", typed: str = "", ended: Sequence[str] = ()) -> Script:
    """The script of a plan in force that takes back what is its alone, and does it again.

    ended: names of namespaces that lead to none of its guests any more.  Else as `script`.
    """
    from bridgekit.render.as_script import render

    made = render(compiled(plan, "modern", lang, explained=False), typed, ("anew",))
    return replace(made, start=f"{shlex.join(('anew', *ended))}; }}\n")


def aside(name: str, lang: str = "en") -> Script:
    """A script without steps that takes back what is that run's alone, and leaves its journal: it will come again."""
    from bridgekit.render.as_script import render

    made = render(compiled(Plan(name, "by-hand", ()), "modern", lang), more=("step_aside",))
    return replace(made, start="step_aside; }\n")


def plain(plan: Plan, dialect: str = "modern", lang: str = "en") -> str:
    """A plan as the bare commands, to be read; it has no guards and no undo.  Raises InputError."""
    from bridgekit.render.as_plain import render

    return render(compiled(plan, dialect, lang, explained=False))


def to_json(plan: Plan) -> str:
    """A plan as JSON."""
    from bridgekit.render.as_json import to_json

    return to_json(plan)


def from_json(text: str) -> Plan:
    """The plan that `to_json` wrote.  Raises InputError."""
    from bridgekit.render.as_json import from_json

    return from_json(text)


def refuse_unknown(style: str, dialect: str, lang: str) -> None:
    """Refuse what no text can be made in.  Raises InputError."""
    from bridgekit.explain import section

    if style not in STYLES:
        raise InputError(tr("not a style: {0!r}", style), tr("one of: {0}", ", ".join(STYLES)))
    wordings(dialect, "000")
    section("phrases", lang)


def text(plan: Plan, style: str = "script", dialect: str = "modern", lang: str = "en", typed: str | None = None) -> str:
    """A plan in a style: `script`, `plain` or `batch`; typed: as for `script`.  Raises InputError."""
    refuse_unknown(style, dialect, lang)
    if style == "plain":
        return plain(plan, dialect, lang)
    if style == "batch":
        return str(batch(plan, dialect, lang) if typed is None else batch(plan, dialect, lang, typed))
    return str(script(plan, dialect, lang, typed or "", explained=False))
