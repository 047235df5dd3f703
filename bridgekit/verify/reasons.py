"""Why a pair does not work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bridgekit.doctor import NOTE, Finding, standing
from bridgekit.doctor.finding import BRIDGED, FORWARDED, FULL_SIZE, INPUT
from bridgekit.errors import BridgekitError
from bridgekit.facts.connections import listeners
from bridgekit.facts.pings import Echo, gateway_towards
from bridgekit.names import version
from bridgekit.trace import traced
from bridgekit.translation import tr
from bridgekit.verify.parties import Party
from bridgekit.verify.probing import Probe, Question

MOST_TRACED = 6  # each may take two seconds


@dataclass(frozen=True)
class Reason:
    """What may be why, in a sentence, and what mends it; empty if that is not known."""

    why: str
    mend: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"why": self.why, "mend": self.mend}


@dataclass(frozen=True)
class Reasons:
    """Looks for reasons, at this host but once."""

    probe: Probe
    traced: list[Question] = field(default_factory=list)

    def of(self, question: Question, echo: Echo) -> tuple[Reason, ...]:
        """What may be why a question that should have been answered was not, or not always."""
        if not echo.sent:
            return ()  # then its answer says why
        return self._silence(question) or self._way(question, echo) or tuple(self._standing(question))

    def _way(self, question: Question, echo: Echo) -> tuple[Reason, ...]:
        """What one packet of the same kind says, of the first few pairs that did not work."""
        if echo.received or len(self.traced) >= MOST_TRACED:
            return ()
        self.traced.append(question)
        port = self.probe.port
        try:
            seen = traced(
                question.source.name,
                question.address,
                port=port.number if port else None,
                protocol=port.protocol if port else "tcp",
                size=self.probe.size or None,
            )
        except BridgekitError:
            return ()
        return (Reason(seen.reason, seen.mend),) if seen.reason and not seen.answered else ()

    def _standing(self, question: Question) -> Iterator[Reason]:
        """What doctor finds of this host that bears on it."""
        kinds, ends = self._kinds(question), {question.source.name, question.name}
        return (
            Reason(tr("{0}: {1}", each.name, each.found), each.advice)
            for each in self._findings
            if each.sign == NOTE and each.breaks.stop(kinds, ends, version(question.address))
        )

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        return tuple(standing())

    def _silence(self, question: Question) -> tuple[Reason, ...]:
        """Whether nothing listens at the address that is asked, though its network was reached."""
        port, target = self.probe.port, question.target
        where = listeners(target.space, port) if port and isinstance(target, Party) else None
        if where is None or {"*", question.address} & set(where):
            return ()
        if not where:
            return (Reason(tr("nothing listens on {0} in {1}", port, question.name)),)
        mend = tr("let it listen on 0.0.0.0, or on {0}", question.address)
        return (
            Reason(tr("in {0} something listens on {1} at {2} alone", question.name, port, ", ".join(where)), mend),
        )

    def _kinds(self, question: Question) -> set[str]:
        """What the packets of a question are to this host."""
        target = question.target
        kinds = {FULL_SIZE} if self.probe.size else set()
        if isinstance(target, Party) and target.space.is_host:
            return kinds | {INPUT}
        if question.source.space.is_host:
            return kinds | ({INPUT} if isinstance(target, Party) else set())  # its answers come in
        routed = gateway_towards(question.source.space, question.address)
        return kinds | {FORWARDED if routed else BRIDGED}
