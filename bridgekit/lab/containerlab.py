"""What a containerlab file says in words that are not ours: said in ours, ignored with a line, or refused.

Source: https://containerlab.dev/manual/nodes, /manual/topo-def-file, /manual/links.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from bridgekit.lab.reading import Source, Where
from bridgekit.translation import Said, tr

_NO_MANAGEMENT = tr("there is no management network here")
_NOT_LIMITED = tr("nodes share this host's processors and memory")
_FOR_PEOPLE = tr("it changes nothing of the network")
_NO_SYSTEM = tr("nodes have no operating system of their own to configure")
# What is ignored, by where it stands, and why that does no harm.
IGNORED: dict[str, dict[str, Said]] = {
    "lab": {
        "prefix": tr("the lab's name is the prefix"),
        "mgmt": _NO_MANAGEMENT,
        "settings": _NO_SYSTEM,
        "debug": _FOR_PEOPLE,
    },
    "node": {
        **dict.fromkeys(("mgmt-ipv4", "mgmt-ipv6", "aliases"), _NO_MANAGEMENT),
        **dict.fromkeys(("cpu", "memory", "cpu-set", "shm-size"), _NOT_LIMITED),
        **dict.fromkeys(("labels", "group", "position", "type", "extras"), _FOR_PEOPLE),
        **dict.fromkeys(("restart-policy", "auto-remove"), tr("`bridgekit lab up` makes again what died")),
        **dict.fromkeys(("startup-delay", "stages", "healthcheck"), tr("services are waited for by `listens`")),
        **dict.fromkeys(("license", "certificate", "credentials", "enforce-startup-config"), _NO_SYSTEM),
    },
    "link": {"labels": _FOR_PEOPLE, "vars": _FOR_PEOPLE},
}
# What is refused, and what would be right.
REFUSED: dict[str, dict[str, Said]] = {
    "lab": {},
    "node": {
        "binds": tr("a namespace sees this host's files; `services: files:` for those of a service"),
        "startup-config": tr("addresses and routes are said with `interfaces` and `routes`"),
        "config": tr("addresses and routes are said with `interfaces` and `routes`"),
        "entrypoint": tr("`command`, which an image's own entrypoint runs"),
        "env": tr("`services: env:` for those of a service"),
        "user": tr("whom the image names"),
        "devices": tr("a container without devices of this host"),
        "cap-add": tr("a container with the usual rights"),
        "env-files": tr("`services: env:` for those of a service"),
    },
    "link": {},
}
_RENAMED = {"cmd": "command", "network-mode": "network_mode"}


def adapted(source: Source) -> list[str]:
    """Put a file into our words; what was ignored, a line each.  What cannot be is noted as wrong."""
    notes: list[str] = []
    top = source.data
    if not isinstance(top, dict):
        return notes
    _drop(source, (), "lab", top, notes)
    topology = top.get("topology")
    if not isinstance(topology, dict):
        return notes
    for where, node in _nodes(topology):
        _node(source, where, node, notes)
    for at, link in enumerate(topology.get("links") or () if isinstance(topology.get("links"), list) else ()):
        if isinstance(link, dict):
            _link(source, ("topology", "links", at), link, notes)
    _host(topology)
    return notes


def _nodes(topology: dict[str, Any]) -> Iterator[tuple[Where, dict[str, Any]]]:
    if isinstance(topology.get("defaults"), dict):
        yield ("topology", "defaults"), topology["defaults"]
    for group in ("kinds", "nodes"):
        for name, node in (topology.get(group) or {}).items() if isinstance(topology.get(group), dict) else ():
            if node is None:
                node = topology[group][name] = {}
            if isinstance(node, dict):
                yield ("topology", group, name), node


def _drop(source: Source, where: Where, level: str, data: dict[str, Any], notes: list[str]) -> None:
    for key in [each for each in data if each in IGNORED[level]]:
        del data[key]
        line, column = source.marks[(*where, key)]
        notes.append(tr("{0}:{1}:{2}: ignored: {3}: {4}", source.name, line, column, key, IGNORED[level][key]))
    for key in [each for each in data if each in REFUSED[level]]:
        del data[key]
        what = tr("containerlab's {0!r} is not done here", key)
        source.wrong.append(source.error((*where, key), what, REFUSED[level][key]))


def _node(source: Source, where: Where, node: dict[str, Any], notes: list[str]) -> None:
    _drop(source, where, "node", node, notes)
    for theirs, ours in _RENAMED.items():
        if theirs in node:
            node[ours] = node.pop(theirs)
            source.marks[(*where, ours)] = source.marks[(*where, theirs)]
    if isinstance(node.get("command"), str):
        node["command"] = _words(source, (*where, "command"), node["command"])
    if isinstance(node.get("dns"), dict) and "servers" in node["dns"] and "nameservers" not in node["dns"]:
        node["dns"]["nameservers"] = node["dns"].pop("servers")
        source.marks[(*where, "dns", "nameservers")] = source.marks[(*where, "dns", "servers")]
    commands = node.pop("exec") if isinstance(node.get("exec"), list) else []
    for at, each in enumerate(commands):
        _exec(source, (*where, "exec", at), node, str(each))


def _words(source: Source, where: Where, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        source.wrong.append(source.error(where, tr("not a command: {0!r}", text), str(error)))
        return []


def _exec(source: Source, where: Where, node: dict[str, Any], text: str) -> None:
    """A command that configures the node's network, as what it sets."""
    words = [word for word in _words(source, where, text) if word not in ("-4", "-6")]
    match words:
        case []:
            pass  # what is none was told
        case ["ip", "a" | "addr" | "address", "add" | "replace", address, "dev", name]:
            _put(source, where, node, ("interfaces", name, "addresses"), address)
        case ["ip", "l" | "link", "set", *rest] if rest[-1:] == ["up"] and len(rest) <= 3:
            pass  # they all are
        case ["ip", "l" | "link", "set", *dev, name, "mtu", mtu] if dev in ([], ["dev"]) and mtu.isdecimal():
            _interface(node, name)["mtu"] = int(mtu)
        case ["ip", "r" | "route", "add" | "replace", to, *rest] if len(rest) in (2, 4):
            ways = dict(zip(rest[::2], rest[1::2], strict=True))
            _put(source, where, node, ("routes",), {"to": to, **ways})
        case ["sysctl", *options, setting] if options in ([], ["-w"], ["-qw"]) and "=" in setting:
            key, _, value = setting.partition("=")
            node.setdefault("sysctls", {})[key] = value
            source.marks[(*where[:-2], "sysctls", key)] = source.marks[where]
        case _:
            hint = tr("ip addr add, ip link set, ip route add and sysctl -w are; `services` for what is to run")
            source.wrong.append(source.error(where, tr("a command that is not done here: {0!r}", text), hint))


def _interface(node: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = node.setdefault("interfaces", {}).setdefault(name, {})
    return found


def _put(source: Source, where: Where, node: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Append a value to the list at that path of the node; errors about it are told where the command stands."""
    at = node if path == ("routes",) else _interface(node, path[1])
    found = at.setdefault(path[-1], [])
    source.marks[(*where[:-2], *path, len(found))] = source.marks[where]
    found.append(value)


def _link(source: Source, where: Where, link: dict[str, Any], notes: list[str]) -> None:
    _drop(source, where, "link", link, notes)
    kind = link.pop("type", "veth")
    if kind not in ("veth", "host"):
        what = tr("a kind of link that is not made here: {0!r}", kind)
        source.wrong.append(source.error((*where, "type"), what, tr("veth, or host")))
    if kind == "host" and isinstance(link.get("endpoint"), dict):
        link["endpoints"] = [link.pop("endpoint"), {"node": "host", "interface": link.pop("host-interface", "")}]
    for at, end in enumerate(link.get("endpoints") or ()):
        if isinstance(end, dict) and {"node", "interface"} <= end.keys():
            link["endpoints"][at] = f"{end['node']}:{end['interface']}"


def _host(topology: dict[str, Any]) -> None:
    """containerlab knows `host` without being told."""
    nodes, links = topology.get("nodes"), topology.get("links")
    if not isinstance(nodes, dict) or not isinstance(links, list) or "host" in nodes:
        return
    ends = [end for link in links if isinstance(link, dict) for end in link.get("endpoints") or ()]
    if any(isinstance(end, str) and end.startswith("host:") for end in ends):
        nodes["host"] = {"kind": "host"}
