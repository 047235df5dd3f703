"""Why a pair does not work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bridgekit.doctor import NOTE, Finding, standing
from bridgekit.doctor.finding import BRIDGED, FORWARDED, FULL_SIZE, INPUT
from bridgekit.errors import BridgekitError
from bridgekit.facts.connections import listeners
from bridgekit.facts.links import global_addresses, links
from bridgekit.facts.pings import Echo, gateway_towards
from bridgekit.facts.spaces import here
from bridgekit.names import version
from bridgekit.trace import traced
from bridgekit.translation import tr
from bridgekit.verify.parties import Party
from bridgekit.verify.probing import Probe, Question

TRACING = 8.0  # seconds: for all pairs; one whose packet gets no answer takes more than one


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
    """Looks for reasons, at this host but once.

    until: when to trace no more, by time.monotonic().
    """

    probe: Probe
    until: float = field(default_factory=lambda: time.monotonic() + TRACING)

    def of(self, question: Question, echo: Echo) -> tuple[Reason, ...]:
        """What may be why a question that should have been answered was not, or not always."""
        if echo.clear or not echo.sent:
            return ()  # then its answer says why
        if found := self._silence(question):
            return found
        if not echo.received and time.monotonic() > self.until:
            return ()
        return (() if echo.received else self._way(question)) or tuple(self._standing(question))

    def _way(self, question: Question) -> tuple[Reason, ...]:
        """What one packet of the same kind says."""
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
        gateway = gateway_towards(question.source.space, question.address)
        return kinds | {FORWARDED if gateway in self._own else BRIDGED}

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """This host's addresses: by another one's gateway it is not this host that forwards."""
        return global_addresses(links(here()))
