"""This host's network as typed data, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bridgekit.facts.links import Link
from bridgekit.facts.parameters import parameters
from bridgekit.facts.routes import routes
from bridgekit.facts.spaces import Space, names
from bridgekit.facts.survey import Survey, survey
from bridgekit.facts.tables import tables
from bridgekit.names.families import FORWARDING


@dataclass(frozen=True)
class End:
    """The other end of a link.

    guest: what its namespace is called; empty if it could not be found.
    """

    guest: str
    interface: str = ""
    up: bool = False
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interface:
    """An interface of this host; `peer` is where a veth leads."""

    name: str
    kind: str
    up: bool
    mtu: int
    addresses: tuple[str, ...] = ()
    peer: End | None = None


@dataclass(frozen=True)
class Bridge:
    """A bridge and the interfaces that are its ports."""

    name: str
    up: bool
    mtu: int
    addresses: tuple[str, ...] = ()
    ports: tuple[Interface, ...] = ()


@dataclass(frozen=True)
class Firewall:
    """The rules of one IP version that decide what passes this host.

    forward_policy: what happens to a packet that no FORWARD rule decides; empty if it could not be asked.
    forwarding: whether the kernel forwards at all; None if it could not be asked.
    chains: the rules of table filter's other chains, by name.
    """

    version: int
    nat: tuple[str, ...]
    forward_policy: str
    forward: tuple[str, ...]
    forwarding: bool | None
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """This host's network.  others: the interfaces that are neither bridges nor ports."""

    bridges: tuple[Bridge, ...]
    others: tuple[Interface, ...]
    routes: tuple[str, ...]
    firewalls: tuple[Firewall, ...]
    namespaces: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def picture() -> Picture:
    """This host's network as it is now, as far as this user may see.  Raises HostError if there is no `ip`."""
    seen = survey()
    host, inside, shown = seen.host, seen.links[seen.host], interfaces(seen)
    return Picture(
        bridges=_bridges(inside, shown),
        others=tuple(shown[link.name] for link in inside if link.kind != "bridge" and not link.master),
        routes=(*routes(host, "-4"), *routes(host, "-6")),
        firewalls=_firewalls(host),
        namespaces=names(),
    )


def _bridges(inside: Sequence[Link], shown: dict[str, Interface]) -> tuple[Bridge, ...]:
    return tuple(
        Bridge(link.name, link.up, link.mtu, link.addresses, _ports(link.name, inside, shown))
        for link in inside
        if link.kind == "bridge"
    )


def _ports(bridge: str, inside: Sequence[Link], shown: dict[str, Interface]) -> tuple[Interface, ...]:
    return tuple(shown[link.name] for link in inside if link.master == bridge)


def interfaces(seen: Survey) -> dict[str, Interface]:
    """The host's interfaces, by name."""
    return {
        link.name: Interface(link.name, link.kind, link.up, link.mtu, link.addresses, _peer(seen, link))
        for link in seen.links[seen.host]
    }


def _peer(seen: Survey, link: Link) -> End | None:
    if link.kind != "veth":
        return None
    end = seen.end(seen.host, link)
    if end is None:
        return End("")
    space, far = end
    return End(seen.label(space), far.name, far.up, far.addresses)


def _firewalls(host: Space) -> tuple[Firewall, ...]:
    set_to = parameters(host, ())
    return tuple(_firewall(host, version, set_to.get(key)) for version, key in FORWARDING.items())


def _firewall(host: Space, version: int, forwards: str | None) -> Firewall:
    found = tables(host, version)
    entries = found or ()
    chains: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if (entry.table, entry.verb) == ("filter", "-A"):
            chains[entry.chain] = (*chains.get(entry.chain, ()), entry.rest)
    policies = (
        entry.rest for entry in entries if (entry.table, entry.verb, entry.chain) == ("filter", "-P", "FORWARD")
    )
    return Firewall(
        version=version,
        nat=tuple(f"{entry.chain} {entry.rest}" for entry in entries if (entry.table, entry.verb) == ("nat", "-A")),
        forward_policy="" if found is None else next(policies, "ACCEPT"),
        forward=chains.pop("FORWARD", ()),
        forwarding=None if forwards is None else forwards != "0",
        chains=chains,
    )
