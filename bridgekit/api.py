"""A plan in a line each: read it, run it, learn it, take it back."""

from __future__ import annotations

from bridgekit.errors import HostError
from bridgekit.plan import Plan


def script(plan: Plan, dialect: str = "modern", lang: str = "en") -> str:
    """The script of a plan, as text.  Raises InputError."""
    from bridgekit.render import text

    return text(plan, "script", dialect, lang)


def run(plan: Plan, dialect: str = "modern", lang: str = "en") -> None:
    """Run a plan on this host.  Raises RunError (taken back), HostError (nothing touched), InputError."""
    from bridgekit.render import script as render
    from bridgekit.run import run as run_script

    run_script(render(plan, dialect, lang))


def check(plan: Plan, dialect: str = "modern", lang: str = "en") -> bool:
    """Whether everything of a plan is in place; changes nothing.  Raises HostError, InputError."""
    from bridgekit.errors import RunError
    from bridgekit.render import script as render
    from bridgekit.run import run as run_script

    try:
        run_script(render(plan, dialect, lang), "check")
    except RunError:
        return False
    return True


def teach(plan: Plan, dialect: str = "modern", lang: str = "en") -> bool:
    """Teach a plan step by step in this terminal; whether it was walked to its end.  Raises as `run`."""
    from bridgekit.render import script as render
    from bridgekit.teach import teach as teach_script

    return teach_script(render(plan, dialect, lang), lang)


def undo(name: str, lang: str = "en") -> None:
    """Take back the run of that name.  Raises RunError if something could not be, HostError, InputError."""
    from bridgekit.errors import RunError
    from bridgekit.journal import runs
    from bridgekit.names import run_name
    from bridgekit.render import undoing
    from bridgekit.run import run as run_script

    in_force = [each.name for each in runs()]
    if run_name(name) not in in_force:
        raise HostError(f"no run of that name is in force: {name!r}", "bridgekit runs lists them")
    try:
        run_script(undoing(name, lang), "down")
    except RunError as error:
        later = in_force[in_force.index(name) + 1 :]
        hint = f"what came after it may need that; undo it first: {' '.join(reversed(later))}" if later else ""
        raise RunError(error.message, hint) from None
