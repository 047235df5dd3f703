"""This host and its guests, each with its links, what is set for them, its routes and its name servers.

ip-sysctl of the kernel's documentation; man 8 ip-route, 5 resolv.conf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridgekit.facts.ask import objects
from bridgekit.facts.guests import everyone
from bridgekit.facts.links import Link, Peers, links, peers
from bridgekit.facts.spaces import Space, here

HOST = "host"
_NET = Path("/proc/sys/net")
_KEYS = {
    "ipv4": ("rp_filter", "forwarding", "proxy_arp"),
    "ipv6": ("accept_ra", "disable_ipv6", "forwarding"),
}
_NAMES = Path("/etc/netns")
RESOLVERS = Path("/etc/resolv.conf")


@dataclass(frozen=True)
class Hop:
    """Where a route leads next: a gateway, empty if none, by a link."""

    gateway: str
    link: str


@dataclass(frozen=True)
class Route:
    """A route of the main table to a network, CIDR, or `default`.  made_by: `kernel`, `ra`, `static` ..."""

    to: str
    hops: tuple[Hop, ...]
    metric: int = 0
    made_by: str = ""
    version: int = 4


@dataclass(frozen=True)
class Place:
    """A namespace.

    name: `host`, or as the command line names the guest.
    set_to: kernel parameters, by version and name, such as `ipv4.rp_filter`, for each link, `all` and `default`.
    resolvers: the name servers that a program in it would ask; None of containers, which have files of their own.
    """

    name: str
    space: Space
    links: tuple[Link, ...]
    set_to: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    resolvers: tuple[str, ...] | None = None

    def get(self, link: str, key: str) -> str:
        """A parameter of a link; empty if it is not there."""
        return self.set_to.get(link, {}).get(key, "")

    @property
    def real(self) -> tuple[Link, ...]:
        """Its links but for `lo`."""
        return tuple(link for link in self.links if link.name != "lo")


@dataclass(frozen=True)
class Seen:
    """This host and its guests, and which links are two ends of one pair."""

    host: Place
    guests: tuple[Place, ...]
    ends: Peers

    def guest_at(self, link: Link) -> tuple[Place, Link] | None:
        """The guest to which a veth of the host leads, and its end there."""
        space, far = self.ends.get((self.host.space.inode, link.index), (None, link))
        place = next((each for each in self.guests if each.space == space), None)
        return None if place is None else (place, far)

    def ports(self, bridge: str) -> list[Link]:
        """The ports of a bridge of the host."""
        return [link for link in self.host.links if link.master == bridge]

    @property
    def bridges(self) -> list[Link]:
        """The host's bridges."""
        return [link for link in self.host.links if link.kind == "bridge"]


def seen() -> Seen:
    """What is there now.  Raises HostError if there is no `ip`."""
    host = here()
    names = {host: HOST, **everyone()}
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda space: _place(space, names[space]), names))
    return Seen(found[0], tuple(found[1:]), peers({place.space: place.links for place in found}))


def _place(space: Space, name: str) -> Place:
    try:
        set_to = space.within(_settings)
    except OSError:
        set_to = {}
    return Place(name, space, links(space), set_to, tuple(_routes(space)), _resolvers(space, name))


def _settings() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for version, keys in _KEYS.items():
        for folder in (_NET / version / "conf").glob("*"):
            of_link = found.setdefault(folder.name, {})
            for key in keys:
                try:
                    of_link[f"{version}.{key}"] = (folder / key).read_text().strip()
                except OSError:  # the link went meanwhile
                    continue
    return found


def _routes(space: Space) -> Iterator[Route]:
    for version in (4, 6):
        for item in objects(*space.ip("-j", f"-{version}", "route", "show", "table", "main")) or ():
            if item.get("type", "unicast") == "unicast":
                yield route(item, version)


def route(item: Mapping[str, Any], version: int) -> Route:
    """One as `ip -j route` prints it."""
    hops = tuple(_hop(each) for each in item.get("nexthops") or (item,))
    return Route(item["dst"], hops, item.get("metric", 0), item.get("protocol", ""), version)


def _hop(item: Mapping[str, Any]) -> Hop:
    gateway = item.get("gateway") or item.get("via", {}).get("host", "")
    return Hop(gateway, item.get("dev", ""))


def _resolvers(space: Space, name: str) -> tuple[str, ...] | None:
    if not space.is_host and not name.startswith("netns:"):
        return None  # a container has a file of its own
    own = [] if space.is_host else [_NAMES / name / "resolv.conf" for name in space.names]
    file = next((each for each in own if each.exists()), RESOLVERS)
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    words = [line.split() for line in lines]
    return tuple(each[1] for each in words if len(each) > 1 and each[0] == "nameserver")
