"""Docker's networks and the bridges behind them.  docs.docker.com, `docker network inspect`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from bridgekit.facts.ask import ask
from bridgekit.facts.links import Link
from bridgekit.facts.picture import Interface, interfaces
from bridgekit.facts.survey import Survey, survey
from bridgekit.translation import tr

_BRIDGE_NAME = "com.docker.network.bridge.name"


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
    """One of Docker's networks.

    gateways: without prefix; where Docker does not tell them, the bridge's own addresses in the subnets.
    bridge: the bridge behind it, if this host has it.
    """

    name: str
    driver: str
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    internal: bool
    members: tuple[Member, ...]
    bridge: Ports | None = None


@dataclass(frozen=True)
class Networks:
    """engine: whether a Docker engine answered.  bridges: those that are none of its networks'."""

    engine: bool
    networks: tuple[Network, ...]
    bridges: tuple[Ports, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def networks() -> Networks:
    """Docker's networks, and the other bridges; without an engine that answers, the bridges alone.

    Raises HostError if there is no `ip`.
    """
    seen = survey()
    shown = interfaces(seen, seen.host)
    bridges = {link.name: _ports(link, seen, shown) for link in seen.links[seen.host] if link.kind == "bridge"}
    answer = _inspected()
    found = tuple(_network(each, seen, bridges) for each in answer or ())
    taken = {each.bridge.name for each in found if each.bridge}
    return Networks(answer is not None, found, tuple(each for name, each in bridges.items() if name not in taken))


def _inspected() -> Sequence[Mapping[str, Any]] | None:
    ids = ask("docker", "network", "ls", "-q")
    if ids is None:
        return None
    # A network may be removed between the two questions; what is left is asked one by one then.
    answer = ask("docker", "network", "inspect", *ids.split()) if ids.strip() else "[]"
    answers = [answer] if answer is not None else [ask("docker", "network", "inspect", each) for each in ids.split()]
    found = [item for each in answers if each for item in _items(each)]
    return sorted(found, key=lambda item: str(item["Name"])) if found or not ids.strip() else None


def _items(answer: str) -> Iterable[Mapping[str, Any]]:
    # podman can be installed by the name of docker; its networks have other keys.
    try:
        found = json.loads(answer)
    except ValueError:
        return ()
    return [item for item in found if {"Name", "Id", "Driver"} <= item.keys()]


def _network(item: Mapping[str, Any], seen: Survey, bridges: Mapping[str, Ports]) -> Network:
    configured = (item.get("IPAM") or {}).get("Config") or ()
    bridge = _bridge_name(item) if item["Driver"] == "bridge" else ""
    members = (_member(each, bridge, seen) for each in _containers(item))
    return Network(
        name=item["Name"],
        driver=item["Driver"],
        subnets=_each("Subnet", configured),
        gateways=_each("Gateway", configured) or _inside(bridges.get(bridge), configured),
        internal=bool(item.get("Internal")),
        members=tuple(sorted(members, key=lambda each: each.name)),
        bridge=bridges.get(bridge),
    )


def _each(key: str, configured: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(_bare(each[key]) if key == "Gateway" else each[key] for each in configured if each.get(key))


def _inside(bridge: Ports | None, configured: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    # Of the default network some engines tell no gateway; its containers get the bridge's address as theirs.
    subnets = [ip_network(subnet, strict=False) for subnet in _each("Subnet", configured)]
    own = [_bare(address.split()[0]) for address in (bridge.addresses if bridge else ())]
    return tuple(each for each in own if any(ip_address(each) in subnet for subnet in subnets))


def _bare(address: str) -> str:
    """An address without its prefix."""
    return address.partition("/")[0]


def _containers(item: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = item.get("Containers") or {}
    return found.values()


def _bridge_name(item: Mapping[str, Any]) -> str:
    options: Mapping[str, str] = item.get("Options") or {}
    return options.get(_BRIDGE_NAME) or f"br-{item['Id'][:12]}"


def _member(item: Mapping[str, str], bridge: str, seen: Survey) -> Member:
    addresses = tuple(filter(None, (item.get("IPv4Address"), item.get("IPv6Address"))))
    mac = item.get("MacAddress", "")
    return Member(item["Name"], addresses, mac, _port(mac, bridge, seen))


def _port(mac: str, bridge: str, seen: Survey) -> str:
    # In one bridge no two ports lead to the same MAC, and it is the bridge that tells networks apart.
    for link in seen.links[seen.host]:
        end = seen.end(seen.host, link) if link.master == bridge else None
        if end and end[1].mac == mac:
            return link.name
    return ""


def _ports(link: Link, seen: Survey, shown: Mapping[str, Interface]) -> Ports:
    state = tr("down") if not link.up else tr("up") if link.carrier else tr("no carrier")
    inside = (each.name for each in seen.links[seen.host] if each.master == link.name)
    return Ports(link.name, state, link.addresses, tuple(shown[name] for name in inside))
