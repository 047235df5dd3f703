"""Topology -> Plan, by the recipes' own parts.

The order is that of the fastest sequence: bridges, namespaces, pairs whose peers are born where they belong; then what
is inside; then files and the packet filter; at the end what is kept running.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, starmap

from bridgekit import names, operations as op
from bridgekit.lab import inside
from bridgekit.lab.giving import mac_of
from bridgekit.lab.hostports import published_at
from bridgekit.lab.loading import Loaded
from bridgekit.lab.machines import of_machine
from bridgekit.lab.resolving import resolved
from bridgekit.lab.topology import NAMESPACES, End, Node, Topology, Tunnel
from bridgekit.plan import Plan, Steps, as_steps, because
from bridgekit.recipes import meeting, nat, publishing, wiring


def plan(loaded: Loaded, file: str, machine: str = "") -> Plan:
    """The plan of a lab.  Raises InputError with line and column.

    file: what the user called it.  machine: the one whose part it is; empty: the lab has no machines.
    """
    topology = of_machine(resolved(loaded), machine)
    parts = {"machine": machine} if machine else {}
    made = Plan(run_of(topology.name), "lab", tuple(as_steps(_steps(topology))))
    also = (each for node in topology.nodes.values() for each in node.also)
    return Plan(
        made.name,
        made.recipe,
        Plan.joined(made.name, made, *also).steps,
        {"name": topology.name, "nodes": str(len(topology.nodes)), "links": str(_count(topology)), **parts},
        command=shlex.join(["bridgekit", "lab", "up", file, *(("--machine", machine) if machine else ())]),
        document="001",  # whose containers have the names that they are given
        identity=shlex.join(["lab", loaded.content, *parts.values()]),
    )


def _count(topology: Topology) -> int:
    return len(topology.links) + len(topology.tunnels)


def run_of(name: str) -> str:
    """The name of a lab's run."""
    return f"lab-{name}"


def _steps(topology: Topology) -> Steps:
    nodes = list(topology.nodes.values())
    own = [node for node in nodes if node.kind in NAMESPACES]
    services = [(node, service) for node in own for service in node.services]
    yield from _needs(topology, own)
    yield from _of_each(_bridge, [node for node in nodes if node.kind == "bridge"])
    yield from _of_each(_namespace, sorted(own, key=lambda node: bool(node.shares)))
    yield from chain.from_iterable(_link(topology, *pair) for pair in topology.links)
    yield from chain.from_iterable(_tunnel(topology, each) for each in topology.tunnels)
    yield from chain.from_iterable(_ports(topology, *pair) for pair in topology.links)
    yield from chain.from_iterable(_port(topology, each.end, each.kind) for each in topology.tunnels)
    yield from _of_each(inside.addressed, nodes)
    yield from _of_each(inside.routed, nodes)
    yield from _of_each(inside.settled, own)
    yield from inside.named(own)
    yield from _among(topology)
    yield from _outward(topology)
    yield from _published(topology)
    yield from chain.from_iterable(starmap(inside.started, services))
    yield from chain.from_iterable(starmap(inside.waited, services))


def _of_each(part: Callable[[Node], Steps], nodes: Iterable[Node]) -> Steps:
    return chain.from_iterable(map(part, nodes))


def _needs(topology: Topology, own: list[Node]) -> Steps:
    """All names are free, or this lab's; the subnets that this host is to be in, too, and the ports."""
    if made := tuple(node.netns for node in own if not node.shares):
        yield op.Need("NamesFree", names=made)
    bridges = [node.device for node in topology.nodes.values() if node.kind == "bridge"]
    pairs = ("=".join(end.device for end in pair if not end.netns) for pair in topology.links)
    if links := (*bridges, *filter(None, pairs)):
        yield op.Need("LinksFree", names=links)
    if files := tuple(inside.files(own)):
        yield op.Need("PathsFree", names=files)
    for device, _, address in topology.networks():
        yield op.Need("Room", bridge=device, subnet=str(address.network))
    for protocol in ("tcp", "udp"):
        doors = [door for *_, door in _doors(topology) if door.spec.port.protocol == protocol]
        if doors:
            told = tuple(f"{door.host}:{door.spec.low}={door.address}:{door.spec.port.number}" for door in doors)
            yield op.Need("PortsFree", protocol=protocol, publications=told)
    yield from meeting.reached(chain(_among(topology), _outward(topology)))
    programs = {need: None for node in own for service in node.services for need in inside.programs(service)}
    for program, package in programs:
        yield op.Need("Program", program=program, package=package)
    for each in topology.tunnels[:1]:
        yield op.Need("OwnAddress", address=each.local, machine=topology.nodes[each.end.node].machine)
    for runtime in dict.fromkeys(node.guest.kind for node in own if node.guest):
        yield op.Need("Runtime", runtime=runtime)
        called = tuple(node.guest.name for node in own if node.guest and node.guest.kind == runtime)
        yield op.Need("GuestsFree", runtime=runtime, names=called)


def _bridge(node: Node) -> Steps:
    yield from wiring.new_bridge(node.device)
    for address in node.addresses:
        yield op.AddressAdd(node.device, str(address))
    yield op.LinkSet(node.device, "up")


def _namespace(node: Node) -> Steps:
    if node.guest is None:
        if not node.shares:
            yield op.NetnsAdd(node.netns)
        return
    network = f"container:{node.netns}" if node.shares else "none"
    mark = names.number(node.image, *node.command, network)  # of another image: another container
    yield op.GuestRun(node.guest.kind, node.guest.name, node.image, node.command, network, mark)
    yield because("lab-start", op.GuestStart(node.guest.kind, node.guest.name), guest=node.guest.name)
    if node.shares:
        return
    who = inside.party(node)
    assert who.pid is not None
    yield op.Capture(who.pid, "Pid", runtime=node.guest.kind, guest=node.guest.name)
    yield op.Need("Process", pid=who.pid)
    yield op.NetnsAttach(node.netns, who.pid)


def _link(topology: Topology, first: End, second: End) -> Steps:
    """A pair, each of its ends where it belongs."""
    if first.netns and second.netns:
        macs = mac_of(topology.name, first), mac_of(topology.name, second)
        yield op.VethBetween(first.device, first.netns, second.device, second.netns, *macs)
    elif first.netns or second.netns:
        here, there = (second, first) if first.netns else (first, second)
        yield op.VethInto(here.device, there.device, there.netns, mac_of(topology.name, there))
    else:
        yield op.VethAdd(first.device, second.device)


def _tunnel(topology: Topology, tunnel: Tunnel) -> Steps:
    """This machine's end of a link to another one, where it belongs."""
    end, far = tunnel.end, f"{tunnel.far.node}:{tunnel.far.name}"
    mac = mac_of(topology.name, end) if end.netns else ""
    made = op.VxlanAdd(end.device, str(tunnel.vni), tunnel.local, tunnel.remote, end.netns, mac)
    yield because("lab-tunnel", made, far=far)


def _ports(topology: Topology, *ends: End) -> Steps:
    """What of a pair is this host's."""
    for end, other in (ends, ends[::-1]):
        yield from _port(topology, end, topology.nodes[other.node].kind)


def _port(topology: Topology, end: End, kind: str) -> Steps:
    """An end that is this host's: a port of a bridge, which is up.  kind: of the node at the other end."""
    if end.master:
        yield op.LinkSet(end.device, "master", end.master)
        if topology.nodes[end.node].isolated and kind == "guest":
            yield because("lab-isolated", op.LinkSet(end.device, "isolated"), port=end.device)
    if not end.netns:
        yield from inside.sized(end)
        yield op.LinkSet(end.device, "up")


def _among(topology: Topology) -> Steps:
    """What goes from port to port of a bridge passes, also where the host filters that: one with Docker does."""
    spoken: dict[str, set[int]] = {node.name: set() for node in topology.nodes.values() if node.device}
    for pair in topology.links:
        for end, other in (pair, pair[::-1]):
            if end.master:
                spoken[end.node].update(topology.nodes[other.node].versions)
    for tunnel in topology.tunnels:
        if tunnel.end.master:
            spoken[tunnel.end.node].update(address.version for address in tunnel.far.addresses)
    for node in topology.nodes.values():
        for version in sorted(spoken.get(node.name, ())) if not node.outward else ():
            yield nat.among(node.device, version)


def _outward(topology: Topology) -> Steps:
    """What leaves a bridge's subnets by this host has the host's address; the host passes it on."""
    for node in topology.nodes.values():
        if not node.outward:
            continue
        for version in sorted({address.version for address in node.addresses}):
            yield from nat.forward(node.device, version)
        for address in node.addresses:
            subnet = str(address.network)
            rule = op.Rule("POSTROUTING", "MASQUERADE", "nat", address.version, subnet, out_interface=f"!{node.device}")
            yield because("lab-outward", op.RuleAppend(rule), subnet=subnet, bridge=node.device)


def _doors(topology: Topology) -> Iterator[tuple[Node, str, str, publishing.Door]]:
    """Each published port: whose, and the bridge and its port that lead there."""
    for node in topology.nodes.values():
        at = published_at(topology, node) if node.published else None
        if at:
            bridge, port, address = at
            for door in publishing.doors(node.published, str(address.ip)):
                yield node, bridge, port, door


def _published(topology: Topology) -> Steps:
    found = list(_doors(topology))
    for bridge in dict.fromkeys(bridge for _, bridge, _, _ in found):
        own = [(node, port, door) for node, at, port, door in found if at == bridge]
        yield from publishing.opened(bridge, [door for _, _, door in own])
        for port in dict.fromkeys(port for _, port, door in own if not door.local):
            yield op.LinkSet(port, "hairpin")
        for node, _, door in own:
            yield from publishing.rules_apart(bridge, inside.party(node).guest, door)


def names_of(nodes: Iterable[Node]) -> list[str]:
    """The nodes in which a command can be run."""
    return [node.name for node in nodes if node.kind in NAMESPACES]
