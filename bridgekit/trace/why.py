"""Why a packet was not answered: small questions, asked in order; the first that has an answer ends it."""

from __future__ import annotations

from collections.abc import Callable

from bridgekit.trace.path import Path
from bridgekit.trace.reasons import arrival, bridges, errors, leading, makers, neighbours, routes, rules
from bridgekit.trace.reasons.case import Case, Reason

Question = Callable[[Case], Reason | None]

QUESTIONS: tuple[Question, ...] = (
    arrival.of_another,
    leading.past,
    errors.untold,
    rules.dropped,
    neighbours.doubled,
    rules.stale,
    rules.circle,
    routes.of_its_link,
    errors.refused_by_icmp,
    errors.refused_by_reset,
    errors.too_long_here,
    leading.elsewhere,
    neighbours.misaddressed,
    routes.translated_at_home,
    routes.sender,
    errors.unsent,
    neighbours.unanswered,
    neighbours.not_sent,
    bridges.far_end,
    bridges.bridged,
    routes.taken_in,
    rules.legacy,
    arrival.queue_full,
    arrival.no_way_back,
    arrival.silent,
    arrival.sent_on,
    arrival.uplink,
)


def why(path: Path) -> Reason:
    """The reason; there always is one, and it may be that nothing more can be seen."""
    case = Case(path)
    found = (question(case) for question in QUESTIONS)
    return makers.considered(case, next((reason for reason in found if reason), None) or arrival.vanished(case))
