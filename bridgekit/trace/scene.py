"""Who is there, and how their links are joined: what a packet could meet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from ipaddress import ip_address, ip_interface

from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space, comm
from bridgekit.facts.survey import Survey
from bridgekit.names import HOST, Interface

Place = tuple[Space, Link]
OUTSIDE = "outside"


class Scene:
    """The namespaces of this host with their links."""

    def __init__(self, seen: Survey) -> None:
        self.seen = seen
        self._names = {space: {link.name: link for link in inside} for space, inside in seen.links.items()}
        self._indices = {(space, link.index): link for space, inside in seen.links.items() for link in inside}

    @property
    def host(self) -> Space:
        """The host's own namespace."""
        return self.seen.host

    @property
    def outside(self) -> Space | None:
        """The one that stands for what is outside of a throw-away host."""
        return next((space for space in self.seen.links if OUTSIDE in space.names), None)

    def label(self, space: Space) -> str:
        """What to call a namespace, in few letters."""
        if space.is_host:
            return HOST
        return self.seen.containers.get(space.inode) or next(iter(space.names), f"pid {space.pid} ({comm(space.pid)})")

    def link(self, space: Space, name: str) -> Link | None:
        """A link of a namespace."""
        return self._names.get(space, {}).get(name)

    def links(self, space: Space) -> tuple[Link, ...]:
        """The links of a namespace."""
        return self.seen.links.get(space, ())

    def name(self, space: Space, index: int) -> str:
        """The name of a link, empty if there is none."""
        found = self._indices.get((space, index))
        return found.name if found else ""

    def up(self, space: Space, name: str) -> bool:
        """Whether a link is up; one that is not known is taken to be."""
        found = self.link(space, name)
        return found is None or found.up

    def peer(self, space: Space, name: str) -> Place | None:
        """Where a veth leads."""
        found = self.link(space, name)
        return self.seen.end(space, found) if found else None

    def bridge(self, space: Space, name: str) -> str:
        """The bridge of which a link is a port, empty if of none."""
        found = self.link(space, name)
        above = self.link(space, found.master) if found and found.master else None
        return above.name if above and above.kind == "bridge" else ""

    def is_bridge(self, space: Space, name: str) -> bool:
        """Whether a link is a bridge."""
        found = self.link(space, name)
        return found is not None and found.kind == "bridge"

    def ports(self, space: Space, bridge: str) -> list[Link]:
        """The ports of a bridge."""
        return [link for link in self.links(space) if link.master == bridge]

    @cached_property
    def _owners(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for space, inside in self.seen.links.items():
            for link in inside:
                for address in subnets(link):
                    found.setdefault(str(address.ip), []).append((space, link))
        return found

    def owners(self, address: str) -> list[Place]:
        """Who has an address, on which link."""
        return self._owners.get(address, [])

    def has(self, space: Space, address: str) -> bool:
        """Whether a namespace has an address."""
        return any(each == space for each, _ in self.owners(address))

    def of_mac(self, mac: str) -> list[Place]:
        """The links with a MAC address."""
        return [(space, link) for space, inside in self.seen.links.items() for link in inside if link.mac == mac]

    def segment(self, space: Space, name: str) -> set[tuple[Space, str]]:
        """All links that share a wire with one, through bridges and veths, be they up or down."""
        found: set[tuple[Space, str]] = set()
        left = [(space, name)]
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += self._joined(*each)
        return found

    def _joined(self, space: Space, name: str) -> Iterator[tuple[Space, str]]:
        if end := self.peer(space, name):
            yield end[0], end[1].name
        if bridge := self.bridge(space, name):
            yield space, bridge
        if self.is_bridge(space, name):
            yield from ((space, port.name) for port in self.ports(space, name))

    def beside(self, space: Space, link: Link, other: Space, name: str, version: int) -> str:
        """The address of another's link that lies in a subnet of this one; empty if none does."""
        far = self.link(other, name)
        for near in subnets(link):
            for each in subnets(far) if far and near.version == version else ():
                if each.ip in near.network and not self.has(space, str(each.ip)):
                    return str(each.ip)
        return ""

    def joining(self, space: Space, ends: list[tuple[Space, str]]) -> str:
        """The link of a namespace, a bridge rather than its port, whose wire has one of these on it."""
        for link in self.links(space):
            if link.name != "lo" and not link.master and self.segment(space, link.name) & set(ends):
                return link.name
        return ""

    def subnet_of(self, space: Space, address: str) -> str:
        """The subnet of a namespace's own in which an address lies; empty if in none."""
        ip = ip_address(address)
        own = (each.network for link in self.links(space) for each in subnets(link))
        return next((str(network) for network in own if ip in network), "")

    def link_of(self, space: Space, subnet: str) -> str:
        """The link of a namespace whose subnet that is; empty if none's."""
        own = ((link.name, str(each.network)) for link in self.links(space) for each in subnets(link))
        return next((name for name, network in own if network == subnet), "")

    def only_bridge(self, space: Space) -> str:
        """The name of a namespace's bridge, if it has but one."""
        found = [link.name for link in self.links(space) if link.kind == "bridge"]
        return found[0] if len(found) == 1 else ""

    def relevant(self, first: Space, address: str, most: int) -> list[Space]:
        """The namespaces that a packet from one to an address may meet: all, or if they are many, the likely ones."""
        linked = [space for space, inside in self.seen.links.items() if space.is_host or any(map(_leads, inside))]
        likely = {first, self.host, self.outside, *(space for space, _ in self.owners(address))}
        if len(linked) > most:  # guests have one link; what has more may be a router
            linked = [space for space in linked if space in likely or sum(map(_leads, self.links(space))) > 1]
        return list(dict.fromkeys((first, *linked)))


def _leads(link: Link) -> bool:
    return link.name != "lo" and link.up


def subnets(link: Link) -> list[Interface]:
    """The addresses of a link with their prefixes."""
    found = []
    for text in link.addresses:
        own, *rest = text.split()
        far = rest[1] if rest[:1] == ["peer"] else own
        found.append(ip_interface(f"{own.partition('/')[0]}/{far.partition('/')[2]}"))
    return found
