"""Every namespace that can be seen from this host, with its links and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from bridgekit.facts.guests import label, together
from bridgekit.facts.links import Link, Peers, links, peers
from bridgekit.facts.spaces import NOWHERE, Space, everywhere


@dataclass(frozen=True)
class Survey:
    """links: those of each namespace, the host's first.  known: as `sharing`, where it was asked already."""

    links: Mapping[Space, tuple[Link, ...]]
    known: Mapping[int, tuple[str, ...]] | None = None

    @property
    def host(self) -> Space:
        """The namespace that bridgekit itself is in."""
        return next(iter(self.links))

    @cached_property
    def ends(self) -> Peers:
        """The other end of each veth that can be found, by (inode, index)."""
        return peers(self.links)

    @cached_property
    def sharing(self) -> Mapping[int, tuple[str, ...]]:
        """The names of running containers, by the inode of the namespace that they are in."""
        return together() if self.known is None else self.known

    @cached_property
    def containers(self) -> Mapping[int, str]:
        """The name of a running container, by the inode of its namespace."""
        return {inode: names[0] for inode, names in self.sharing.items()}

    def label(self, space: Space) -> str:
        """What to call a namespace: where containers share it, by all their names."""
        return label(space, {inode: ", ".join(names) for inode, names in self.sharing.items()})

    def end(self, space: Space, link: Link) -> tuple[Space, Link] | None:
        """Where a veth of a namespace leads; None if that cannot be seen, or it is no veth."""
        return self.ends.get((space.inode, link.index)) if link.kind == "veth" else None

    def parent(self, space: Space, link: Link) -> tuple[Space, Link] | None:
        """What a link was made on, such as a macvlan; None if nothing, or it cannot be seen."""
        if link.kind == "veth":
            return None
        if link.below:
            return next(((space, each) for each in self.links[space] if each.name == link.below), None)
        for other, inside in self.links.items() if link.far_index else ():
            if other != space and space.number_of(other) == link.far_nsid:
                return next(((other, each) for each in inside if each.index == link.far_index), None)
        return None


def survey(everyone: bool = False, guests: bool = False) -> Survey:
    """What can be seen now: the host, and the namespaces to which links of it lead.

    guests: also containers and namespaces with a name.  everyone: also the namespaces of other processes.
    Raises HostError if there is no `ip`.
    """
    host, *others = everywhere()
    known = together() if guests else None
    # The host's first: it is when its links are listed that the kernel gives their namespaces a number.
    found = {host: links(host)}
    reached = [each for each in others if everyone or each.nsid != NOWHERE or _is_guest(each, known)]
    with ThreadPoolExecutor() as pool:
        found |= zip(reached, pool.map(links, reached), strict=True)
    return Survey(found, known)


def _is_guest(space: Space, known: Mapping[int, tuple[str, ...]] | None) -> bool:
    return known is not None and (bool(space.names) or space.inode in known)
