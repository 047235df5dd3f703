"""The engines' networks and the bridges behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from bridgekit.facts import told
from bridgekit.facts.containers import ENGINES
from bridgekit.facts.links import Link
from bridgekit.facts.picture import Interface, interfaces
from bridgekit.facts.survey import Survey, survey
from bridgekit.facts.told import Told
from bridgekit.translation import tr


@dataclass(frozen=True)
class Member:
    """A container in a network.

    addresses: with their prefix length.  port: the host's end of its veth; empty if it has none to be seen.
    """

    name: str
    addresses: tuple[str, ...]
    mac: str
    port: str = ""


@dataclass(frozen=True)
class Ports:
    """A bridge of this host: the interfaces that are its ports, its addresses and its state.

    state: `up`, `down`, or `no carrier` (brought up, but no port of it is connected).
    """

    name: str
    state: str
    addresses: tuple[str, ...]
    ports: tuple[Interface, ...]


@dataclass(frozen=True)
class Network:
    """One of an engine's networks.

    gateways: without prefix; where the engine does not tell them, the bridge's own addresses in the subnets.
    bridge: the bridge behind it, if this host has it.  engine: `docker` or `podman`.
    """

    name: str
    driver: str
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    internal: bool
    members: tuple[Member, ...]
    bridge: Ports | None = None
    engine: str = "docker"


@dataclass(frozen=True)
class Networks:
    """engine: whether an engine answered.  bridges: those that are none of its networks'."""

    engine: bool
    networks: tuple[Network, ...]
    bridges: tuple[Ports, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def networks() -> Networks:
    """The engines' networks, and the other bridges; without an engine that answers, the bridges alone.

    Raises HostError if there is no `ip`.
    """
    seen = survey()
    shown = interfaces(seen, seen.host)
    bridges = {link.name: _ports(link, seen, shown) for link in seen.links[seen.host] if link.kind == "bridge"}
    answers = [told.of_engine(engine) for engine in ENGINES]
    found = tuple(_network(each, seen, bridges) for answer in answers for each in answer or ())
    taken = {each.bridge.name for each in found if each.bridge}
    others = tuple(each for name, each in bridges.items() if name not in taken)
    return Networks(any(answer is not None for answer in answers), found, others)


def _network(each: Told, seen: Survey, bridges: Mapping[str, Ports]) -> Network:
    bridge = bridges.get(each.bridge)
    members = (Member(one.name, one.addresses, one.mac, _port(one.mac, each.bridge, seen)) for one in each.joined)
    return Network(
        name=each.name,
        driver=each.driver,
        subnets=each.subnets,
        gateways=each.gateways or _inside(bridge, each.subnets),
        internal=each.internal,
        members=tuple(sorted(members, key=lambda each: each.name)),
        bridge=bridge,
        engine=each.engine,
    )


def _inside(bridge: Ports | None, subnets: Sequence[str]) -> tuple[str, ...]:
    # Of the default network some engines tell no gateway; its containers get the bridge's address as theirs.
    ranges = [ip_network(subnet, strict=False) for subnet in subnets]
    own = [address.split()[0].partition("/")[0] for address in (bridge.addresses if bridge else ())]
    return tuple(each for each in own if any(ip_address(each) in subnet for subnet in ranges))


def _port(mac: str, bridge: str, seen: Survey) -> str:
    # In one bridge no two ports lead to the same MAC, and it is the bridge that tells networks apart.
    for link in seen.links[seen.host]:
        end = seen.end(seen.host, link) if bridge and link.master == bridge else None
        if end and end[1].mac == mac:
            return link.name
    return ""


def _ports(link: Link, seen: Survey, shown: Mapping[str, Interface]) -> Ports:
    state = tr("down") if not link.up else tr("up") if link.carrier else tr("no carrier")
    inside = (each.name for each in seen.links[seen.host] if each.master == link.name)
    return Ports(link.name, state, link.addresses, tuple(shown[name] for name in inside))
