"""The probes that a file says: whether they can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab.models import Probe
from bridgekit.lab.topology import Topology
from bridgekit.names import hostnames
from bridgekit.translation import Said, tr

if TYPE_CHECKING:
    from bridgekit.lab.reading import FileError, Where
    from bridgekit.lab.resolving import Resolver


def check(file: Resolver, topology: Topology) -> Iterator[FileError]:
    """Probes that cannot be asked, or not as they say."""
    asked: dict[tuple[str, str, str | None], tuple[int, bool]] = {}
    for at, each in enumerate(topology.probes):
        first, works = asked.setdefault((each.source, each.to, each.port), (at, each.works))
        if works != each.works:
            line, _ = file.source.place(("probes", first))
            what = tr("a probe that must work and must not: '{0} -> {1}'", each.source, each.to)
            yield file.error(("probes", at), what, tr("line {0} says otherwise", line))
        node = topology.nodes.get(each.source)
        if node is None or node.kind in ("bridge", "outside"):
            hint = tr("a guest, a router, or the node of the kind host")
            yield file.error(("probes", at, "from"), tr("nobody who could ask: {0!r}", each.source), hint)
        target = topology.nodes.get(each.to)
        if (
            target
            and target.kind not in ("outside", "host")
            and not (target.all_addresses or target.name in file.doubtful)
        ):
            what = tr("a node without an address: {0!r}", each.to)
            yield file.error(("probes", at, "to"), what, tr("one that has one"))
        if target is None and not _can_be_asked(each.to):
            yield file.error(
                ("probes", at, "to"), tr("nobody is called so: {0!r}", each.to), tr("a node, an address or a name")
            )


def _can_be_asked(text: str) -> bool:
    for checked in (names.target, hostnames.host):
        try:
            checked(text)
            return checked is names.target or "." in text  # a node that was meant has none
        except InputError:
            continue
    return False


def doubts(topology: Topology) -> Iterator[tuple[Where, Said]]:
    """Probes that can be asked, and surely were not meant so."""
    for at, probe in enumerate(topology.probes):
        if what := _probe(probe):
            yield ("probes", at), what


def _probe(probe: Probe) -> Said | None:
    """What is odd about a probe."""
    if probe.says and not probe.port:
        return tr("`says` without `port`: port 80 is asked")
    if probe.source == probe.to:
        return tr("{0} asks itself", probe.to)
    return None
