"""Every namespace that can be seen from this host, with its links and where its veths lead."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from bridgekit.facts.guests import containers, label
from bridgekit.facts.links import Link, Peers, links, peers
from bridgekit.facts.spaces import NOWHERE, Space, everywhere


@dataclass(frozen=True)
class Survey:
    """links: those of each namespace, the host's first."""

    links: Mapping[Space, tuple[Link, ...]]

    @property
    def host(self) -> Space:
        """The namespace that bridgekit itself is in."""
        return next(iter(self.links))

    @cached_property
    def ends(self) -> Peers:
        """The other end of each veth that can be found, by (inode, index)."""
        return peers(self.links)

    @cached_property
    def containers(self) -> Mapping[int, str]:
        """The names of running containers, by the inode of their namespace."""
        return containers()

    def label(self, space: Space) -> str:
        """What to call a namespace."""
        return label(space, self.containers)

    def end(self, space: Space, link: Link) -> tuple[Space, Link] | None:
        """Where a veth of a namespace leads; None if that cannot be seen, or it is no veth."""
        return self.ends.get((space.inode, link.index)) if link.kind == "veth" else None


def survey(everyone: bool = False) -> Survey:
    """What can be seen now.

    everyone: also the namespaces to which no link of the host leads.
    Raises HostError if there is no `ip`.
    """
    host, *others = everywhere()
    # The host's first: it is when its links are listed that the kernel gives their namespaces a number.
    found = {host: links(host)}
    reached = [space for space in others if everyone or space.nsid != NOWHERE]
    with ThreadPoolExecutor() as pool:
        found |= zip(reached, pool.map(links, reached), strict=True)
    return Survey(found)
