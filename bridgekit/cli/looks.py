"""What `show peers` and `show networks` print."""

from __future__ import annotations

import json as data
import sys
from collections.abc import Sequence

from bridgekit.cli.as_tree import interface
from bridgekit.cli.show import say_what_needs_root
from bridgekit.cli.spoken import local, locally
from bridgekit.cli.trees import Row, drawn, table
from bridgekit.facts import Member, Network, Networks, Ports, Wire, networks, wires
from bridgekit.translation import tr

_NETWORKS = {"docker": tr("networks of Docker"), "podman": tr("networks of podman")}
_PEERS = (tr("GUEST"), tr("INTERFACE"), tr("INDEX"), tr("PEER"), tr("INDEX"), tr("BRIDGE"))


def show_peers(json: bool) -> None:
    """Print each guest's veths and their peers.  Raises HostError if there is no `ip`."""
    found = wires()
    if json:
        print(data.dumps([wire.to_json() for wire in found], indent=2))
    else:
        print(table([tuple(map(locally, _PEERS)), *map(_wire, found)]))
    say_what_needs_root()


def show_networks(json: bool) -> None:
    """Print the engines' networks and the other bridges.  Raises HostError if there is no `ip`."""
    found = networks()
    print(data.dumps(found.to_json(), indent=2) if json else picture(found))
    if not found.engine:
        # Not on the standard output, which may be read as JSON.
        print(local("No engine answers, so these are the bridges alone."), file=sys.stderr)
    say_what_needs_root()


def picture(found: Networks) -> str:
    """Networks and bridges as text with box characters."""
    sections: list[tuple[str, Sequence[Row]]] = []
    for engine, title in _NETWORKS.items():
        rows = [_network(each) for each in found.networks if each.engine == engine]
        if rows:
            sections.append((locally(title), rows))
    others = local("other bridges") if found.engine else local("bridges")
    bridges: list[Row] = [(_bridge(each), [(interface(port), ()) for port in each.ports]) for each in found.bridges]
    return drawn([*sections, (others, bridges)])


def _wire(wire: Wire) -> tuple[str, ...]:
    far = wire.peer if wire.where == "this host" or not wire.peer else local("{0} in {1}", wire.peer, wire.where)
    return wire.guest, wire.interface, str(wire.index), far, str(wire.peer_index or ""), wire.bridge


def _network(each: Network) -> Row:
    words = [
        each.name,
        local("driver {0}", each.driver),
        *each.subnets,
        *(local("gateway {0}", gateway) for gateway in each.gateways),
    ]
    below: list[Row] = [(local("bridge {0}", _bridge(each.bridge)), ())] if each.bridge else []
    below += [(_member(member), ()) for member in each.members]
    return "  ".join(words + [local("internal")] * each.internal), below + _strangers(each)


def _strangers(each: Network) -> list[Row]:
    """The ports of a network's bridge that are none of its members'."""
    known = {member.port for member in each.members}
    ports = each.bridge.ports if each.bridge else ()
    return [(local("port {0}", interface(port)), ()) for port in ports if port.name not in known]


def _bridge(each: Ports) -> str:
    return "  ".join((each.name, locally(each.state), *each.addresses))


def _member(each: Member) -> str:
    mac = [f"MAC {each.mac}"] if each.mac else []
    port = [local("port {0}", each.port)] if each.port else []
    return "  ".join((each.name, *each.addresses, *mac, *port))
