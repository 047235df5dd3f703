"""A plan in a line each: read it, run it, learn it, take it back."""

from __future__ import annotations

from bridgekit.errors import HostError
from bridgekit.plan import Plan
from bridgekit.translation import tr


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
    from bridgekit.render import batch
    from bridgekit.run import run as run_script

    try:
        run_script(batch(plan, dialect, lang), "check")
    except RunError:
        return False
    return True


def teach(plan: Plan, dialect: str = "modern", lang: str = "en") -> bool:
    """Teach a plan step by step in this terminal; whether it was walked to its end.  Raises as `run`."""
    from bridgekit.render import script as render
    from bridgekit.teach import teach as teach_script

    return teach_script(render(plan, dialect, lang), lang)


def undo(name: str, lang: str = "en", dependents: bool = False) -> None:
    """Take back the run of that name; dependents: after the runs that stand on it.

    Raises RunError if something could not be, HostError, InputError.
    """
    from bridgekit import upkeep

    upkeep.undo(name, lang, dependents)


def missing(name: str, lang: str = "en") -> list[str]:
    """What of the run of that name is no longer so, a line each; changes nothing.  Raises HostError, InputError."""
    from bridgekit import upkeep

    (health,) = upkeep.checked(upkeep.chosen([name]), lang)
    if health.holds is None:
        raise HostError(tr("{0}: {1!r}", health.state, name), health.unmet)
    return [*health.missing, *filter(None, (health.unmet or ("" if health.run.finished else health.state),))]


def wait(guest: str | None, interface: str = "eth1", timeout: int = 30) -> tuple[str, ...]:
    """Wait until a guest's interface can be used; its addresses, CIDR.  guest: None: here.  timeout: seconds.

    Raises RunError with what is missing, InputError.
    """
    from bridgekit.facts import waiting

    return waiting.wait(guest, interface, timeout)


def repair(name: str, lang: str = "en") -> None:
    """Do again what of a run is no longer so.  Raises as `run`."""
    from bridgekit import anew, upkeep

    (run,) = upkeep.chosen([name])
    (anew.repaired if run.away else upkeep.repair)(name, lang)
