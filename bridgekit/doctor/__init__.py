"""Is this host ready: rights, programs, kernel, network settings.  Nothing of it is changed by looking."""

from __future__ import annotations

from collections.abc import Sequence

from bridgekit.doctor.finding import MISSING, NOTE, OK, SIGNS, Finding
from bridgekit.doctor.host import PROGRAMS, kernel, programs, rights
from bridgekit.doctor.network import network
from bridgekit.facts.features import features
from bridgekit.facts.programs import versions
from bridgekit.facts.settings import settings
from bridgekit.facts.spaces import here

__all__ = ["MISSING", "NOTE", "OK", "SIGNS", "Finding", "examine", "ready"]


def examine() -> tuple[Finding, ...]:
    """All that was found, good and bad, in the order in which to mend it."""
    found = features()
    return (
        *rights(found is not None),
        *programs(versions(PROGRAMS)),
        *kernel(found or ()),
        *network(settings(here())),
    )


def ready(findings: Sequence[Finding]) -> bool:
    """Whether recipes can run, here or in a throw-away host."""
    return all(finding.sign != MISSING for finding in findings)
