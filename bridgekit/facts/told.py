"""What engines tell of their own networks.  man 1 docker-network-inspect, podman-network-inspect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bridgekit.facts.ask import ask, present

_DOCKER = "com.docker.network.bridge."
# Of podman's networks the containers are told by the containers.
_JOINED = "[{{json .Name}},{{json .NetworkSettings.Networks}}]"


@dataclass(frozen=True)
class Joined:
    """A container in a network, with its addresses (CIDR) and its MAC address."""

    name: str
    addresses: tuple[str, ...]
    mac: str


@dataclass(frozen=True)
class Told:
    """A network as its engine tells it.

    engine: `docker` or `podman`.  bridge: the name of the bridge behind it; empty: its driver makes none.
    subnets, pools: CIDR; the pools are the parts of them that containers' addresses are from, if not from all.
    gateways: without prefix.  icc, masquerade, mtu: Docker's options of these names; mtu 0: the usual.
    """

    engine: str
    name: str
    driver: str
    bridge: str
    subnets: tuple[str, ...]
    pools: tuple[str, ...]
    gateways: tuple[str, ...]
    internal: bool
    joined: tuple[Joined, ...]
    icc: bool = True
    masquerade: bool = True
    mtu: int = 0


def of_engine(engine: str) -> tuple[Told, ...] | None:
    """An engine's networks, by name; None if it does not answer."""
    ids = ask(engine, "network", "ls", "-q") if present(engine) else None
    if ids is None:
        return None
    # A network may be removed between the two questions; what is left is asked one by one then.
    answer = ask(engine, "network", "inspect", *ids.split()) if ids.strip() else "[]"
    answers = [answer] if answer is not None else [ask(engine, "network", "inspect", each) for each in ids.split()]
    found = _read(engine, answers)
    return found if found or not ids.strip() else None


def called(name: str, engines: Iterable[str]) -> Told | None:
    """The network of that name; None if none of these engines, asked in turn, has one."""
    for engine in filter(present, engines):
        for each in _read(engine, [ask(engine, "network", "inspect", name)]):
            if each.name == name:  # it also answers to an id
                return each
    return None


def _read(engine: str, answers: Iterable[str | None]) -> tuple[Told, ...]:
    items = [item for each in answers if each for item in _items(engine, each)]
    if engine == "docker":
        found = [_of_docker(item) for item in items]
    else:
        joined = _joined(engine) if items else {}
        found = [_of_podman(item, joined.get(item["name"], ())) for item in items]
    return tuple(sorted(found, key=lambda each: each.name))


def _items(engine: str, answer: str) -> list[Mapping[str, Any]]:
    # podman can be installed by the name of docker; its networks have other keys.
    keys = {"Name", "Id", "Driver"} if engine == "docker" else {"name", "id", "driver"}
    try:
        found = json.loads(answer)
    except ValueError:
        return []
    return [item for item in found if keys <= item.keys()]


def _of_docker(item: Mapping[str, Any]) -> Told:
    configured = (item.get("IPAM") or {}).get("Config") or ()
    options: Mapping[str, str] = item.get("Options") or {}
    members: Mapping[str, Mapping[str, str]] = item.get("Containers") or {}
    return Told(
        engine="docker",
        name=item["Name"],
        driver=item["Driver"],
        bridge=(options.get(f"{_DOCKER}name") or f"br-{item['Id'][:12]}") * (item["Driver"] == "bridge"),
        subnets=_each("Subnet", configured),
        pools=_each("IPRange", configured),
        gateways=tuple(each.partition("/")[0] for each in _each("Gateway", configured)),
        internal=bool(item.get("Internal")),
        joined=tuple(Joined(each["Name"], _addresses(each), each.get("MacAddress", "")) for each in members.values()),
        icc=options.get(f"{_DOCKER}enable_icc", "true") == "true",
        masquerade=options.get(f"{_DOCKER}enable_ip_masquerade", "true") == "true",
        mtu=_mtu(options.get("com.docker.network.driver.mtu", "")),
    )


def _mtu(text: str) -> int:
    return int(text) if text.isdecimal() and text != "1500" else 0


def _addresses(member: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(filter(None, (member.get("IPv4Address"), member.get("IPv6Address"))))


def _of_podman(item: Mapping[str, Any], joined: tuple[Joined, ...]) -> Told:
    configured = item.get("subnets") or ()
    return Told(
        engine="podman",
        name=item["name"],
        driver=item["driver"],
        bridge=item.get("network_interface", "") * (item["driver"] == "bridge"),
        subnets=_each("subnet", configured),
        pools=(),
        gateways=_each("gateway", configured),
        internal=bool(item.get("internal")),
        joined=joined,
    )


def _each(key: str, configured: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(each[key] for each in configured if each.get(key))


def _joined(engine: str) -> dict[str, tuple[Joined, ...]]:
    """The running containers of each network."""
    ids = (ask(engine, "ps", "-q") or "").split()
    found: dict[str, tuple[Joined, ...]] = {}
    for line in (ask(engine, "inspect", "-f", _JOINED, *ids) or "").splitlines() if ids else ():
        try:
            name, networks = json.loads(line)
        except ValueError:
            continue
        for network, place in (networks or {}).items():
            pairs = (("IPAddress", "IPPrefixLen"), ("GlobalIPv6Address", "GlobalIPv6PrefixLen"))
            addresses = tuple(f"{place[key]}/{place[length]}" for key, length in pairs if place.get(key))
            found[network] = (*found.get(network, ()), Joined(name, addresses, place.get("MacAddress", "")))
    return found
