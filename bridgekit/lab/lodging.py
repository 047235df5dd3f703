"""Where a node is, and what runs in it."""

from __future__ import annotations

from dataclasses import replace

from bridgekit import names
from bridgekit.lab import models
from bridgekit.lab.servers import SERVERS, command
from bridgekit.lab.topology import Node, Service
from bridgekit.names.ports import ports


def lodged(node: Node, nodes: dict[str, Node]) -> Node:
    """A node that has another's network is where that is."""
    at, seen = node, {node.name}
    while at.shares in nodes and at.shares not in seen:
        at = nodes[at.shares]
        seen.add(at.name)
    return replace(node, netns=at.netns)


def contained(node: Node, said: models.Node, name: str) -> Node:
    """The node with its container, and with whose network it has."""
    mode, _, shares = (said.network_mode or "").partition(":")
    return replace(
        node,
        guest=names.Guest(said.runtime or "docker", name) if said.image else None,
        image=said.image or "",
        command=tuple(said.command or ()),
        shares=shares if mode == "container" else "",
    )


def service(node: str, name: str, said: models.Service) -> Service:
    """What is kept running: a command, or a server that bridgekit brings."""
    server = SERVERS[said.server] if said.server else None
    words = command(said.server, node, tuple(said.args)) if said.server else tuple(said.command)
    needs = server.needs if server else ()
    listens = tuple(port for text in said.listens or (server.listens if server else ()) for port in ports(text))
    env = tuple(f"{key}={value}" for key, value in said.env.items())
    return Service(name, words, needs, listens, env, tuple(said.files.items()))
