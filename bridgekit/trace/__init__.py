"""One real packet or connection, told hop by hop: where it went, by which rules, where it ended and why.

The packet has the effects that any packet has: neighbours are learned, a connection is tracked, and what listens at
the port gets a connection that is closed at once.  Nothing else of the machine is touched, and nothing stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bridgekit.errors import HostError
from bridgekit.facts.survey import survey
from bridgekit.trace import ends
from bridgekit.trace.kernel import Kernel
from bridgekit.trace.path import Hop, Path
from bridgekit.trace.reasons.arrival import of_another
from bridgekit.trace.reasons.case import Case
from bridgekit.trace.reasons.neighbours import doubled
from bridgekit.trace.record import PATIENCE, free_tag, observe
from bridgekit.trace.scene import Scene
from bridgekit.trace.why import why
from bridgekit.translation import reason as why_not, tr

__all__ = ["Hop", "Trace", "traced"]

MOST = 24  # namespaces to watch: the likely ones where there are more


@dataclass(frozen=True)
class Trace:
    """What became of it.

    source, target: as they were named.  address: which it was sent to.  protocol: `icmp`, `tcp` or `udp`.
    port: 0 for a ping.
    answered: whether the answer came back, and from whom was meant.  seconds: until then.
    reason: in a sentence, why not; empty if it was.  mend: the command that would mend it, empty if there is none.
    hops: its way.  notes: what else is to be known, such as what could not be seen.
    """

    source: str
    target: str
    address: str
    protocol: str
    port: int
    answered: bool
    seconds: float
    reason: str
    mend: str
    hops: tuple[Hop, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as plain data; `from` and `to` are as they were named."""
        found = asdict(self)
        return {"from": found.pop("source"), "to": found.pop("target"), **found}


def traced(
    source: str,
    target: str,
    port: int | None = None,
    protocol: str = "tcp",
    size: int | None = None,
    sport: int | None = None,
    patience: float = PATIENCE,
) -> Trace:
    """Send one packet, or open one connection, and tell its way.

    source: `host`, a guest (`web`, `podman:web`, `lxc:web`, `pid:4242`, `netns:red`), or an address that one of them
    has; `outside` in a throw-away host.  target: the same, or any address.
    port: none for a ping.  protocol: `tcp` or `udp`, of a port.
    size: of the whole packet, in bytes: of a ping, or to a UDP port.  sport: the port that it comes from.
    patience: how long to wait for an answer, in seconds.
    Raises InputError, and HostError for one who is not there, or without root.
    """
    want = ends.wanted(source, target, port, protocol, size, sport)
    ends.check_rights()
    scene = Scene(survey(everyone=True))
    asked = ends.asked(want, scene, free_tag())
    try:
        seen = observe(asked, scene.relevant(asked.space, asked.address, MOST), patience)
    except OSError as refused:
        raise HostError(tr("cannot watch the packet: {0}", why_not(refused)), tr("it needs root")) from refused
    path = Path(seen, scene, Kernel())
    found = of_another(Case(path)) if seen.outcome.answered else why(path)
    return Trace(
        *(source, target, asked.address, asked.protocol, asked.port),
        answered=found is None,
        seconds=seen.outcome.seconds,
        reason=found.text if found else "",
        mend=found.mend if found else "",
        hops=tuple(path.hops()),
        notes=tuple(_notes(path)),
    )


def _notes(path: Path) -> Iterator[str]:
    for space, said in path.record.unseen.items():
        yield tr("the rules of {0} cannot be seen: {1}", path.scene.label(space), said)
    if path.record.outcome.answered and (two := doubled(Case(path))):
        yield two.text
