"""What a topology can be and surely was not meant to be: each is told in a line, and nothing is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from bridgekit import names
from bridgekit.lab import probes
from bridgekit.lab.reading import Source, Where
from bridgekit.lab.topology import ROUTERS, Node, Topology, joined
from bridgekit.lab.values import DEFAULT
from bridgekit.translation import Said, tr

Doubts = Iterator[tuple[Where, Said]]
_FORWARDING = {
    4: {"net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv4.conf.default.forwarding"},
    6: {"net.ipv6.conf.all.forwarding", "net.ipv6.conf.default.forwarding"},
}


@dataclass(frozen=True)
class _Member:
    """An address on a segment: whose it is, and where it stands in the file."""

    node: str
    address: names.Interface
    where: Where

    @property
    def network(self) -> names.Network:
        return self.address.network

    @property
    def is_of_a_subnet(self) -> bool:
        """Whether others can be in one with it."""
        return self.network.prefixlen < self.network.max_prefixlen and not self.address.is_link_local


@dataclass
class _Segment:
    """What is joined by cables and bridges.  bridge: one of them; empty: it is a cable."""

    bridge: str = ""
    nodes: set[str] = field(default_factory=set)
    members: list[_Member] = field(default_factory=list)


class _Wires:
    """The segments of a topology, each interface's, and which of them are routed to each other as they are."""

    def __init__(self, topology: Topology) -> None:
        self.topology, self.of = topology, dict[tuple[str, str], _Segment]()
        group = joined(topology.nodes, topology.links)
        bridged = {root: _Segment(root) for root in group.values()}
        for name, root in group.items():
            for at, address in enumerate(topology.nodes[name].addresses):
                bridged[root].nodes.add(name)
                bridged[root].members.append(_Member(name, address, ("topology", "nodes", name, "addresses", at)))
        for pair in topology.links:
            roots = [group[end.node] for end in pair if end.node in group]
            segment = bridged[roots[0]] if roots else _Segment()
            for end in pair:
                self.of[end.node, end.name] = segment
                if end.node not in group:
                    segment.nodes.add(end.node)
                    path: Where = ("topology", "nodes", end.node, "interfaces", end.name, "addresses")
                    own = enumerate(end.addresses)
                    segment.members += [_Member(end.node, address, (*path, at)) for at, address in own]
        self.all = list({id(each): each for each in (*bridged.values(), *self.of.values())}.values())

    def apart(self) -> dict[int, int]:
        """Of each segment, by its id, 0; of one behind NAT, what stands for all that are routed to it as they are."""
        group, hidden = {id(each): id(each) for each in self.all}, set[int]()

        def root(of: int) -> int:
            while group[of] != of:
                of = group[of]
            return of

        for node in self.topology.nodes.values():
            inner = [self.of[e.node, e.name] for e in node.ends if e.device not in (*node.masquerade, "lo")]
            for segment in inner[1:] if _forwards(node, 4) or _forwards(node, 6) else ():
                group[root(id(segment))] = root(id(inner[0]))
            hidden.update(id(each) for each in inner if node.kind == "nat")
        behind = {root(each) for each in hidden}
        return {each: root(each) if root(each) in behind else 0 for each in group}


def doubts(source: Source, topology: Topology) -> Iterator[Said]:
    """A line each, with its place in the file."""
    wires = _Wires(topology)
    found = [*_subnets(wires), *_twice(topology), *_overlaps(wires), *_routers(wires), *probes.doubts(topology)]
    for where, what in sorted(found, key=lambda each: source.place(each[0])):
        yield source.said(where, tr("warning: {0}", what))


def _forwards(node: Node, version: int) -> bool:
    said = {key.replace("/", ".") for key, value in node.sysctls if value == "1"}
    return node.kind in ROUTERS or not said.isdisjoint(_FORWARDING[version])


def _subnets(wires: _Wires) -> Doubts:
    """Who is on a segment is in a subnet with someone there, and both say how wide that is."""
    for segment in wires.all:
        nodes = defaultdict[names.Network, set[str]](set)
        for each in segment.members:
            nodes[each.network].add(each.node)
        met = {net: [n for n in nodes if n.version == net.version and n.overlaps(net)] for net in nodes}
        beside = {(each.node, each.address.version) for each in segment.members if _company(each, met, nodes)}
        for each in filter(lambda each: each.is_of_a_subnet, segment.members):
            if (each.node, each.address.version) not in beside:
                others = _told(n for n in nodes if n.version == each.address.version and nodes[n] != {each.node})
                if others and not _straight(wires.topology.nodes[each.node]):
                    what = tr("'{0}' of {1} is in no subnet of this segment: {2}", each.address, each.node, others)
                    yield each.where, what
            for net in filter(lambda net: _is_sounder(net, each, nodes), met[each.network]):
                yield each.where, tr("'{0}' of {1}: others on this segment are in {2}", each.address, each.node, net)
                break


def _is_sounder(net: names.Network, each: _Member, nodes: dict[names.Network, set[str]]) -> bool:
    """Whether it is rather that than an address's own: where they disagree the fewer are wrong, or who takes more."""
    apart = net != each.network and net.prefixlen < net.max_prefixlen and nodes[net] != {each.node}
    return apart and (len(nodes[net]), net.prefixlen) > (len(nodes[each.network]), each.network.prefixlen)


def _company(
    each: _Member, met: dict[names.Network, list[names.Network]], nodes: dict[names.Network, set[str]]
) -> bool:
    return not each.is_of_a_subnet or any(len(nodes[net]) > (each.node in nodes[net]) for net in met[each.network])


def _straight(node: Node) -> bool:
    """Whether it is told of neighbours in no subnet of its own."""
    return any(not route.via for route in node.routes)


def _told(networks: Iterator[names.Network]) -> str:
    return ", ".join(sorted({str(each) for each in networks})[:3])


def _twice(topology: Topology) -> Doubts:
    """A node is in a subnet by one interface."""
    for node in topology.nodes.values():
        seen: dict[names.Network, str] = {}
        for end in node.ends if node.kind != "bridge" else ():
            for at, address in enumerate(end.addresses):
                member = _Member(
                    node.name, address, ("topology", "nodes", node.name, "interfaces", end.name, "addresses", at)
                )
                first = seen.setdefault(address.network, end.name)
                if member.is_of_a_subnet and first != end.name:
                    what = tr(
                        "{0} is in '{1}' by two interfaces: {2} and {3}", node.name, address.network, first, end.name
                    )
                    yield member.where, what


def _overlaps(wires: _Wires) -> Doubts:
    """Bridges have subnets of their own, but behind NAT."""
    apart = wires.apart()
    found = defaultdict[int, list[tuple[_Member, str]]](list)
    for segment in wires.all if len(wires.all) > 1 else ():
        own = {each.network: each for each in reversed(segment.members) if segment.bridge and each.is_of_a_subnet}
        for network, member in own.items():
            if not any(
                network != other and network.version == other.version and network.overlaps(other) for other in own
            ):
                found[apart[id(segment)]].append((member, segment.bridge))
    for members in found.values():
        members.sort(key=lambda each: (each[0].address.version, each[0].network))
        for (before, one), (member, other) in pairwise(members):
            if before.address.version == member.address.version and before.network.overlaps(member.network):
                what = tr(
                    "'{0}' of bridge {1} overlaps '{2}' of bridge {3}: who is on one finds nobody on the other",
                    before.network,
                    one,
                    member.network,
                    other,
                )
                yield member.where, what


def _routers(wires: _Wires) -> Doubts:
    """The address that a route leads to is somebody's on that segment, and he passes on what comes."""
    owners, address = _owners(wires.topology), cache(names.lone_address)
    for node in wires.topology.nodes.values():
        for at, route in enumerate(node.routes):
            ends = [end for end in node.ends if len(route.via) > 1 or end.device == route.device]
            segments = [wires.of[end.node, end.name] for end in ends if end.name != "lo"]
            for text in route.via:
                who = dict.fromkeys(owners[address(text)])
                there = [name for name in who if any(name in segment.nodes for segment in segments)]
                where: Where = ("topology", "nodes", node.name, "routes", at)
                if not who:
                    yield (
                        where,
                        tr(
                            "nobody has the address {0!r}, and it is handed out to nobody: a route of {1}",
                            text,
                            node.name,
                        ),
                    )
                elif not there:
                    yield where, tr("{0!r} is on no segment of {1}: {2} has it", text, node.name, ", ".join(who))
                elif route.destination == DEFAULT and (guest := _idle(wires.topology, there, address(text).version)):
                    yield where, tr("{0!r} is {1}, a guest, which forwards nothing; kind: router does", text, guest)


def _owners(topology: Topology) -> dict[names.Address, list[str]]:
    """Who has an address; what is this host's, it has on each of its bridges."""
    found = defaultdict[names.Address, list[str]](list)
    host = [node.name for node in topology.nodes.values() if node.kind in ("host", "bridge")]
    for node in topology.nodes.values():
        for each in node.all_addresses:
            found[each.ip] += host if node.name in host else [node.name]
    return found


def _idle(topology: Topology, there: list[str], version: int) -> str:
    """The first of these that is a guest which does not forward."""
    nodes = (topology.nodes[name] for name in there)
    return next((node.name for node in nodes if node.kind == "guest" and not _forwards(node, version)), "")
