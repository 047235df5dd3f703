"""Judging guests beside each other: addresses that two have, and neighbours that the kernel has room for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bridgekit.doctor.finding import ANY, Breaks, Finding, note, some
from bridgekit.facts.neighbours import Table, widening
from bridgekit.facts.places import HOST, Seen
from bridgekit.translation import tr

_SECTION = tr("guests")
_NEARLY = 0.75


def crowd(seen: Seen, tables: Mapping[int, Table]) -> Iterator[Finding]:
    """All guests of this host."""
    for bridge in seen.bridges:
        yield from _twins(bridge.name, seen)
    yield from _neighbours(seen, tables)


def _twins(bridge: str, seen: Seen) -> Iterator[Finding]:
    """Who at one bridge has another's address, or its MAC."""
    have: dict[str, list[str]] = defaultdict(list)
    own = next(link for link in seen.bridges if link.name == bridge)
    ends = [
        (seen.host.name, own),
        *((end[0].name, end[1]) for port in seen.ports(bridge) if (end := seen.guest_at(port))),
    ]
    for name, link in ends:
        for address in (link.mac, *(each.split()[0].partition("/")[0] for each in link.addresses)):
            if address and name not in have[address]:
                have[address].append(name)
    for address, names in have.items():
        if len(names) > 1:
            concerned = [each for each in names if each != HOST]
            found = tr("{0} belongs to {1}", address, some(sorted(names)))
            advice = tr("packets for one go to another, or are lost: each needs an address and a MAC of its own")
            yield note(_SECTION, bridge, found, advice, Breaks(ANY, concerned))


def _neighbours(seen: Seen, tables: Mapping[int, Table]) -> Iterator[Finding]:
    for version, table in tables.items():
        wanted = sum(number * (number + 1) for number in (len(seen.ports(link.name)) for link in seen.bridges))
        more = widening(version, max(wanted, table.most))
        if table.entries > _NEARLY * table.most:
            found = tr("{0} of {1} entries, for all namespaces of this machine", table.entries, table.most)
            advice = tr(
                "when it is full the kernel sends nothing to whom it must ask for (No buffer space available): {0}",
                more,
            )
            yield note(_SECTION, tr("neighbours IPv{0}", version), found, advice, Breaks(ANY, versions=(version,)))
        elif wanted > table.most and version == 4:
            found = tr(
                "room for {0}; if all guests of a bridge speak to each other, {1} are wanted", table.most, wanted
            )
            yield note(_SECTION, tr("neighbours IPv{0}", version), found, tr("before they do: {0}", more))
