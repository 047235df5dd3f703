"""Which veth of which guest is which link of the host, and in which bridge it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space
from bridgekit.facts.survey import Survey, survey


@dataclass(frozen=True)
class Wire:
    """A veth of a guest, and its peer.

    index, peer_index: the numbers that `ip link` shows before the names; each link shows the other's after `@if`.
    where: what the peer's namespace is called: `this host`, or a guest; empty if it cannot be seen.
    bridge: the bridge that the peer is a port of; empty if none.
    """

    guest: str
    interface: str
    index: int
    where: str = ""
    peer: str = ""
    peer_index: int | None = None
    bridge: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def wires() -> tuple[Wire, ...]:
    """The veths of all guests, whoever wired them, by guest and interface.

    A guest is a container, a named namespace, or a namespace of a process.  Raises HostError if there is no `ip`.
    """
    seen = survey(everyone=True)
    found = (_wire(seen, space, link) for space, link in _inside(seen))
    return tuple(sorted(found, key=lambda wire: (wire.guest, wire.interface)))


def _inside(seen: Survey) -> Iterator[tuple[Space, Link]]:
    for space, links in seen.links.items():
        if not space.is_host:
            yield from ((space, link) for link in links if link.kind == "veth")


def _wire(seen: Survey, space: Space, link: Link) -> Wire:
    guest, end = seen.label(space), seen.end(space, link)
    if end is None:
        return Wire(guest, link.name, link.index, peer_index=link.far_index)
    other, far = end
    return Wire(guest, link.name, link.index, seen.label(other), far.name, far.index, _bridge(seen, other, far))


def _bridge(seen: Survey, space: Space, link: Link) -> str:
    # A link may also be enslaved to a VRF or a bond.
    kinds = {each.name: each.kind for each in seen.links[space]}
    return link.master if kinds.get(link.master) == "bridge" else ""
