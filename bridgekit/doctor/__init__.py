"""Is this host ready: rights, programs, kernel, network settings.  Nothing of it is changed by looking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bridgekit import sandbox
from bridgekit.doctor.crowd import crowd
from bridgekit.doctor.filters import filters
from bridgekit.doctor.finding import MISSING, NOTE, OK, SIGNS, Finding
from bridgekit.doctor.host import PROGRAMS, kernel, programs, rights
from bridgekit.doctor.network import network
from bridgekit.doctor.ports import ports
from bridgekit.doctor.switches import switches
from bridgekit.doctor.ways import ways
from bridgekit.facts.features import features
from bridgekit.facts.firewalls import firewalls
from bridgekit.facts.neighbours import table
from bridgekit.facts.places import Seen, seen
from bridgekit.facts.programs import versions
from bridgekit.facts.settings import settings
from bridgekit.facts.spaces import here
from bridgekit.translation import tr

__all__ = ["MISSING", "NOTE", "OK", "SIGNS", "Finding", "examine", "ready", "standing"]


def examine() -> tuple[Finding, ...]:
    """All that was found, good and bad, in the order in which to mend it."""
    found = features()
    return (
        *rights(found is not None),
        *programs(versions(PROGRAMS)),
        *kernel(found or ()),
        *standing(),
    )


def standing() -> Iterator[Finding]:
    """How the networks that are there stand: what keeps packets of guests from getting where they should."""
    set_to, there = settings(here()), _guests_of_ours(seen())
    yield from network(set_to)
    walls = firewalls()
    yield from filters(walls, there, set_to.parameters.get("net.bridge.bridge-nf-call-iptables") == "1")
    tables = {version: each for version in (4, 6) if (each := table(version))}
    found = [*ports(there, walls.clamped), *switches(there), *ways(there), *crowd(there, tables)]
    yield from found
    if not found:
        links = sum(len(place.links) for place in (there.host, *there.guests))
        yield Finding(tr("links"), tr("all others"), OK, tr("nothing stands out; links: {0}", links))


def _guests_of_ours(found: Seen) -> Seen:
    """Without the world outside a throw-away host, which is nobody's to mend."""
    return replace(found, guests=tuple(each for each in found.guests if not sandbox.is_outside(each.space.names)))


def ready(findings: Sequence[Finding]) -> bool:
    """Whether recipes can run, here or in a throw-away host."""
    return all(finding.sign != MISSING for finding in findings)
