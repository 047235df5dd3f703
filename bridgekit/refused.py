"""Why a plan was refused, and what frees the way."""

from __future__ import annotations

import re

from bridgekit import journal, upkeep
from bridgekit.errors import HostError
from bridgekit.journal import Run
from bridgekit.plan import Plan, Step
from bridgekit.translation import tr
from bridgekit.words import parts

_IN_USE = (  # needs
    *("Bridge", "NetnsName", "NoPort", "Pair", "Tap", "Unpublished"),
    *("NamesFree", "GuestsFree", "LinksFree", "PathsFree", "PortsFree", "Room"),
)
# What a line of undo takes away: a link, a port of the host that leads elsewhere, a namespace's name.
_MADE = re.compile(r"^ip link del dev ([\w.-]+)$|^iptables .* -D .* --dport (\d+) .*-j DNAT|/run/netns/([\w.-]+)$")


def way_out(plan: Plan, error: HostError, lang: str) -> HostError:
    """Why a plan was refused, with what frees the way, where the journal tells."""
    from bridgekit.explain import phrase

    if phrase("not_root", lang) in error.message:
        return error  # it says the way out, and an ordinary user's engines need not be asked
    if phrase("other_plan", lang) in error.message:
        return HostError(error.message, tr("the same with --replace, or: bridgekit undo {0}", plan.name))
    if above := upkeep.standing_on(error, lang):
        return HostError(error.message, tr("bridgekit undo {0}", " ".join(above)))
    if any(_is_said(step, error.message, lang) for step in plan.steps if step.is_need):
        for run in reversed(journal.runs()):
            if _has(run, error.message):
                return HostError(error.message, _freeing(run))
    return error if error.hint else HostError(error.message, _about_guests(plan))


def _freeing(run: Run) -> str:
    """How to get what a run has."""
    if run.plan[:1] == ("lab",):
        return tr("the lab {0} has it: bridgekit lab down {0}", run.name.removeprefix("lab-"))
    try:
        stale = upkeep.stale(run)
    except HostError:
        stale = []
    if stale:
        return tr("the run {0} is of an earlier start of its guest: bridgekit repair --anew {0}, or undo it", run.name)
    return tr("the run {0} has it: bridgekit undo {0}", run.name)


def _about_guests(plan: Plan) -> str:
    """What to do about the first of a plan's guests that is not there."""
    from bridgekit.facts import guests

    return next((guests.way_to(guest) for guest in upkeep.guests_of(plan) if guests.inode(guest) is None), "")


def _is_said(need: Step, message: str, lang: str) -> bool:
    """Whether a refusal is that something is in use, in this need's words."""
    from bridgekit.explain import say

    said = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in parts(say(need, lang)))
    return need.operation.values.get("what") in _IN_USE and re.search(said, message) is not None


def _has(run: Run, refusal: str) -> bool:
    """Whether a run made what a refusal names: a link, a namespace or a port of the host."""
    named = set(re.findall(r"[\w.-]+", refusal))
    made = (each for line in run.undoing for found in _MADE.findall(line) for each in found)
    return not run.elsewhere and not named.isdisjoint(filter(None, made))
