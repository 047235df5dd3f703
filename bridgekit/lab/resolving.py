"""Lab -> Topology: what nodes share is put together, addresses are handed out, names on the host given, ends joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab import further, lodging, machines, models, routing
from bridgekit.lab.giving import Pools, device_of, netns_of, port_of
from bridgekit.lab.loading import Loaded
from bridgekit.lab.reading import FileError, Where
from bridgekit.lab.topology import NAMESPACES, End, Node, Topology
from bridgekit.names.ports import Publication, publications
from bridgekit.plan import Plan
from bridgekit.translation import tr


def merged(lab: models.Lab, name: str) -> models.Node:
    """A node with what it shares: its own words count most, then its kind's, then all nodes'; keys are put together."""
    own, topology = lab.topology.nodes[name], lab.topology
    kind = own.kind or topology.defaults.kind or "guest"
    found: dict[str, object] = {}
    for each in (topology.defaults, topology.kinds.get(kind, models.Node()), own):
        for key in each.model_fields_set:
            value, before = getattr(each, key), found.get(key)
            found[key] = before | value if isinstance(value, dict) and isinstance(before, dict) else value
    return models.Node.model_construct(**(found | {"kind": kind}))  # type: ignore[arg-type]  # each was checked


class Resolver:
    """Makes the topology of a lab; what cannot be is refused where it stands."""

    def __init__(self, loaded: Loaded) -> None:
        self.lab, self.source = loaded.lab, loaded.source
        self.words = {name: merged(self.lab, name) for name in self.lab.topology.nodes}
        subnets = {name: names.subnet(text) for name, text in self.lab.subnets.items()}
        self.pools = Pools(subnets, set(self._written()))
        self.taken = {interface for node in self.words.values() if node.kind == "host" for interface in node.interfaces}
        self.doubtful: set[str] = set()
        self.devices = {
            name: device_of(self.lab.name, name, self.taken)
            for name, node in self.words.items()
            if node.kind == "bridge"
        }

    def error(self, where: Where, message: str, hint: str) -> FileError:
        """What is wrong there."""
        return self.source.error(where, message, hint)

    def tell(self, error: FileError, *nodes: str) -> None:
        """Note what is wrong.  nodes: of which more would be wrong because of it, which is not told then."""
        if not (error.where[:2] == ("topology", "nodes") and error.where[2] in self.doubtful):
            self.source.wrong.append(error)
        self.doubtful.update(nodes)

    def _written(self) -> Iterator[names.Address]:
        """The addresses that the file gives itself: they are not handed out; so is a router that it names."""
        for node in self.words.values():
            for text in (*node.addresses, *(each for end in node.interfaces.values() for each in end.addresses)):
                if "/" in text:
                    yield names.host_address(text).ip
            yield from (names.lone_address(via) for route in node.routes for via in route.via)

    def topology(self) -> Topology:
        """All of it but what is wrong, which is told."""
        placed = list(machines.place(self))
        for error in placed:
            self.tell(error)
        nodes = {name: self._node(name, node) for name, node in self.words.items()}
        ends, links = dict[str, list[End]](), [pair for pair in self._links(nodes) if pair]
        for end in chain.from_iterable(links if placed else self._fit(nodes, links)):
            ends.setdefault(end.node, []).append(end)
        full = {name: self._with_ends(lodging.lodged(node, nodes), ends.get(name, [])) for name, node in nodes.items()}
        return Topology(self.lab.name, full, tuple(links), tuple(self.lab.probes), self.lab.machines)

    def _links(self, nodes: dict[str, Node]) -> Iterator[tuple[End, End]]:
        for at, link in enumerate(self.lab.topology.links):
            try:
                first, second = (self._end(at, side, nodes, link.mtu) for side in (0, 1))
            except FileError as error:
                self.tell(error, *self._meant(link, nodes))
                continue
            if len({each.mtu for each in (first, second) if each.mtu}) > 1:
                what = tr("two MTUs of one link: {0}, {1}", first.mtu, second.mtu)
                where: Where = ("topology", "links", at)
                self.tell(self.error(where, what, tr("both ends of a pair have the same")))
            mtu = max(first.mtu, second.mtu)
            yield replace(first, mtu=mtu), replace(second, mtu=mtu)

    def _meant(self, link: models.Link, nodes: dict[str, Node]) -> Iterator[str]:
        """The nodes that a link seems to be of."""
        for end in link.endpoints:
            yield from get_close_matches(end.partition(":")[0], nodes, 1)

    def _fit(self, nodes: dict[str, Node], links: machines.Links) -> machines.Links:
        try:
            return machines.fit(self, nodes, links)
        except FileError as error:
            self.tell(error)
            return links

    def _node(self, name: str, said: models.Node) -> Node:
        where: Where = ("topology", "nodes", name)
        kind, own = said.kind or "guest", netns_of(self.lab.name, name)
        self._checked(where, own)
        addresses = tuple(self._addresses((*where, "addresses"), said.addresses))
        dns = said.dns or self.lab.dns or models.Dns()
        node = Node(
            name,
            kind,
            said.machine or "",
            netns=own if kind in NAMESPACES else "",
            device=self.devices.get(name, ""),
            addresses=addresses,
            isolated=bool(said.isolated),
            outward=said.masquerade is True,
            masquerade=tuple(said.masquerade) if isinstance(said.masquerade, list) else (),
            nameservers=tuple(dns.nameservers),
            search=tuple(dns.search),
            hosts=tuple(said.extra_hosts.items()),
            sysctls=tuple(said.sysctls.items()),
            published=self._published(where, said),
            services=tuple(lodging.service(name, *each) for each in said.services.items()),
            also=tuple(self._also(where, said, own if kind in NAMESPACES else "")),
        )
        return lodging.contained(node, said, own)

    def _checked(self, where: Where, netns: str) -> None:
        try:
            names.netns(netns)
        except InputError:
            room = names.LONGEST_NAME - len(self.lab.name) - 1
            hint = tr("at most {0} characters: a namespace is called LAB-NODE, {1} in all", room, names.LONGEST_NAME)
            self.tell(self.error(where, tr("too long with the lab's name: {0!r}", netns), hint))

    def _also(self, where: Where, said: models.Node, netns: str) -> Iterator[Plan]:
        for each in further.plans(said.also, netns):
            if isinstance(each, Plan):
                yield each
            else:
                self.tell(self.error((*where, "also", each[0]), each[1].message, each[1].hint))

    def _published(self, where: Where, node: models.Node) -> tuple[Publication, ...]:
        try:
            return tuple(publications(node.ports))
        except InputError as error:
            self.tell(self.error((*where, "ports"), error.message, error.hint))
            return ()

    def _addresses(self, where: Where, texts: Iterable[str]) -> Iterator[names.Interface]:
        for at, text in enumerate(texts):
            try:
                yield self._address(text)
            except InputError as error:
                self.tell(self.error((*where, at), error.message, error.hint), str(where[2]))

    def _address(self, text: str) -> names.Interface:
        if "/" in text:
            return names.host_address(text)
        if text not in self.pools.subnets:
            near = get_close_matches(text, self.pools.subnets, 1)
            known = ", ".join(self.pools.subnets) or tr("none")
            hint = tr("did you mean {0!r}?", near[0]) if near else tr("of `subnets:`: {0}", known)
            raise InputError(tr("no subnet of that name: {0!r}", text), hint)
        return self.pools.next(text)

    def _end(self, at: int, side: int, nodes: dict[str, Node], mtu: int | None) -> End:
        where: Where = ("topology", "links", at, "endpoints", side)
        ends = self.lab.topology.links[at].endpoints
        name, colon, interface = ends[side].partition(":")
        if not colon:
            hint = tr("NODE:INTERFACE, such as h1:eth0")
            if name in nodes and nodes[name].kind == "bridge":
                hint = tr("a bridge's port has a name, too, any one: {0}:{1}", name, ends[1 - side].partition(":")[0])
            raise self.error(where, tr("not an end of a link: {0!r}", ends[side]), hint)
        if name not in nodes:
            near = get_close_matches(name, nodes, 1)
            hint = tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(list(nodes)[:9]))
            raise self.error(where, tr("a link to a node that is not there: {0!r}", name), hint)
        node = nodes[name]
        if node.kind == "outside" or node.shares:
            raise self.error(where, tr("{0!r} has no interfaces of its own", name), tr("another node"))
        if node.kind == "bridge":
            other, _, its = ends[1 - side].partition(":")
            what = "veth" if other not in nodes or nodes[other].machine == node.machine else "vxlan"
            port = port_of(self.lab.name, other, its, self.taken, what)
            return End(name, interface, port, master=node.device, mtu=mtu or 0)
        return self._interface(where, node, interface, mtu)

    def _interface(self, where: Where, node: Node, interface: str, mtu: int | None) -> End:
        try:
            names.interface(interface)
        except InputError as error:
            raise self.error(where, error.message, error.hint) from None
        said = self.words[node.name].interfaces.get(interface, models.Interface())
        path: Where = ("topology", "nodes", node.name, "interfaces", interface)
        addresses = tuple(self._addresses((*path, "addresses"), said.addresses))
        mac, size = said.macaddress or "", said.mtu or mtu or 0
        return End(node.name, interface, interface, node.netns, "", addresses, mac, size)

    def _with_ends(self, node: Node, ends: list[End]) -> Node:
        said = self.words[node.name]
        lone = said.interfaces.get("lo")
        if lone and lone.addresses:
            where: Where = ("topology", "nodes", node.name, "interfaces", "lo", "addresses")
            ends = [
                *ends,
                End(node.name, "lo", "lo", node.netns, addresses=tuple(self._addresses(where, lone.addresses))),
            ]
        whole = replace(node, ends=tuple(ends))
        return replace(whole, routes=tuple(routing.routes(self, whole, said)))


def resolved(loaded: Loaded) -> Topology:
    """The topology of a lab, checked; its source keeps what is odd.  Raises InputError with line and column."""
    from bridgekit.lab.checks import check
    from bridgekit.lab.doubts import doubts

    resolver = Resolver(loaded)
    topology = resolver.topology()
    for error in check(resolver, topology):
        resolver.tell(error)
    resolver.source.judge()
    resolver.source.doubts = tuple(doubts(resolver.source, topology))
    return topology
