"""A lab on many machines: which part is whose, and what joins the parts: VXLAN (RFC 7348)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab.models import Machine, Probe
from bridgekit.lab.topology import End, Node, Topology, Tunnel, joined
from bridgekit.translation import tr

if TYPE_CHECKING:
    from bridgekit.lab.reading import FileError, Where
    from bridgekit.lab.resolving import Resolver

OVERHEAD = {4: 50, 6: 70}  # bytes of a packet that VXLAN takes: Ethernet, IP, UDP and its own header
_MOST_LINKS = 0xFFF  # a VNI has 24 bits: 12 tell the lab, 12 the link
Links = list[tuple[End, End]]


def place(file: Resolver) -> Iterator[FileError]:
    """Each node has a machine, or none has: where it is otherwise."""
    known = file.lab.machines
    seen: dict[names.Address, str] = {}
    for name, machine in known.items():
        first = seen.setdefault(names.lone_address(machine.address), name)
        if first != name:
            what = tr("an address that two machines have: {0!r}, {1} and {2}", machine.address, first, name)
            yield file.error(("machines", name, "address"), what, tr("each its own"))
    for name, node in file.words.items():
        where: Where = ("topology", "nodes", name)
        if node.machine and node.machine not in known:
            what = tr("a machine that is not there: {0!r}", node.machine)
            yield file.error((*where, "machine"), what, _near(node.machine, known))
        if known and not node.machine:
            what = tr("a node without a machine: {0!r}", name)
            yield file.error(where, what, tr("where some have one, all have; one of: {0}", ", ".join(known)))
        if node.machine and node.kind == "outside":
            what = tr("no machine makes what is outside: {0!r}", name)
            yield file.error(where, what, tr("leave it out; it is there in a throw-away host"))
    used = {node.machine for node in file.words.values()}
    for name in known.keys() - used if used <= known.keys() else ():
        yield file.error(("machines", name), tr("a machine without nodes: {0!r}", name), tr("leave it out"))


def _near(name: str, known: dict[str, Machine]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return tr("did you mean {0!r}?", near[0])
    return tr("one of: {0}", ", ".join(known)) if known else tr("`machines:` says what they are")


def fit(file: Resolver, nodes: dict[str, Node], links: Links) -> Links:
    """The links with MTUs that fit: on a segment, what fits through each of its tunnels.  Raises InputError.

    A bridge drops what is too large for a port and tells nobody, so all of the segment has to keep to it.
    """
    groups, most = joined(nodes, links), dict[str | int, tuple[int, str]]()
    segments = [groups.get(first.node) or groups.get(second.node) or at for at, (first, second) in enumerate(links)]
    for at, pair in enumerate(links):
        if nodes[pair[0].node].machine != nodes[pair[1].node].machine:
            room, why = _room(file, at, *(nodes[end.node].machine for end in pair))
            if pair[0].mtu:
                _refuse_larger(file, at, pair[0].mtu, room, why)
                room, why = pair[0].mtu, tr("at most {0}, as link {1} of that segment has", pair[0].mtu, at + 1)
            most[segments[at]] = min((room, why), most.get(segments[at], (room, why)))
    for at, (first, second) in enumerate(links):
        if segments[at] in most:
            room, why = most[segments[at]]
            _refuse_larger(file, at, first.mtu, room, why)
            mtu = first.mtu or room
            links[at] = (replace(first, mtu=mtu), replace(second, mtu=mtu))
    return links


def _refuse_larger(file: Resolver, at: int, mtu: int, room: int, why: str) -> None:
    if mtu > room:
        raise file.error(
            ("topology", "links", at, "mtu"), tr("an MTU that does not fit between machines: {0}", mtu), why
        )


def _room(file: Resolver, at: int, one: str, other: str) -> tuple[int, str]:
    """How much a link between two machines can carry, and why no more."""
    where: Where = ("topology", "links", at)
    ends = [file.lab.machines[each] for each in (one, other)]
    versions = {names.lone_address(each.address).version for each in ends}
    if len(versions) > 1:
        what = tr("a link between machines of two address families: {0} and {1}", one, other)
        raise file.error(where, what, tr("IPv4 for both, or IPv6"))
    if at >= _MOST_LINKS:
        what = tr("too many links before one between machines: {0}", at)
        raise file.error(where, what, tr("those between machines among the first {0}", _MOST_LINKS))
    taken, least = OVERHEAD[versions.pop()], min(each.mtu for each in ends)
    why = tr(
        "at most {0}: VXLAN takes {1} bytes of the {2} between {3} and {4}", least - taken, taken, least, one, other
    )
    return least - taken, why


def vni(lab: str, at: int) -> int:
    """The number of a tunnel, by its link's place in the file, from 0; of another lab, others."""
    return (int(names.number(lab), 16) % 0xFFF + 1) << 12 | at + 1


def of_machine(topology: Topology, machine: str) -> Topology:
    """The part of a lab that a machine makes; of a lab without machines, named by nothing, all.  Raises InputError."""
    known = dict(topology.machines)
    if machine not in known and (known or machine):
        if machine:
            raise InputError(tr("a machine that is not there: {0!r}", machine), _near(machine, known))
        what = tr("several machines make this lab: {0}", ", ".join(known))
        raise InputError(
            what, tr("--machine {0}; all of them: bridgekit lab export ansible DIR FILE", next(iter(known)))
        )
    if not known:
        return topology
    nodes = {name: node for name, node in topology.nodes.items() if node.machine == machine}
    return replace(
        topology,
        nodes=nodes,
        links=tuple(pair for pair in topology.links if all(end.node in nodes for end in pair)),
        tunnels=tuple(_tunnels(topology, machine)),
        probes=tuple(_told(topology, each, nodes) for each in topology.probes if each.source in nodes),
    )


def _tunnels(topology: Topology, machine: str) -> Iterator[Tunnel]:
    for at, pair in enumerate(topology.links):
        for end, far in (pair, pair[::-1]):
            here, there = topology.nodes[end.node].machine, topology.nodes[far.node]
            if here == machine != there.machine:
                local, remote = (
                    str(names.lone_address(topology.machines[each].address)) for each in (here, there.machine)
                )
                yield Tunnel(end, far, there.kind, vni(topology.name, at), local, remote)


def _told(topology: Topology, probe: Probe, nodes: dict[str, Node]) -> Probe:
    """A probe, to the address of a node that is another machine's."""
    target = topology.nodes.get(probe.to)
    if target is None or target.name in nodes:
        return probe
    return probe.model_copy(update={"to": topology.address(nodes[probe.source], target) or probe.to})
