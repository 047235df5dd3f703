"""Lab -> Topology: what nodes share is put together, addresses are handed out, names on the host given, ends joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab import machines, models
from bridgekit.lab.giving import Pools, device_of, netns_of, port_of
from bridgekit.lab.loading import Loaded
from bridgekit.lab.reading import Where
from bridgekit.lab.servers import SERVERS, command
from bridgekit.lab.topology import NAMESPACES, End, Node, Route, Service, Topology
from bridgekit.names.ports import Publication, ports, publications
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
        self.devices = {
            name: device_of(self.lab.name, name, self.taken)
            for name, node in self.words.items()
            if node.kind == "bridge"
        }

    def error(self, where: Where, message: str, hint: str) -> InputError:
        """What is wrong there."""
        return self.source.error(where, message, hint)

    def _written(self) -> Iterator[names.Address]:
        """The addresses that the file gives itself: they are not handed out; so is a router that it names."""
        for node in self.words.values():
            for text in (*node.addresses, *(each for end in node.interfaces.values() for each in end.addresses)):
                if "/" in text:
                    yield names.host_address(text).ip
            yield from (names.lone_address(via) for route in node.routes for via in route.via)

    def topology(self) -> Topology:
        """All of it.  Raises InputError."""
        machines.place(self)
        nodes = {name: self._node(name, node) for name, node in self.words.items()}
        links, ends = list[tuple[End, End]](), dict[str, list[End]]()
        for at, link in enumerate(self.lab.topology.links):
            pair = tuple(self._end(at, side, nodes, link.mtu) for side in (0, 1))
            if len({each.mtu for each in pair if each.mtu}) > 1:
                what = tr("two MTUs of one link: {0}, {1}", *(each.mtu for each in pair))
                raise self.error(("topology", "links", at), what, tr("both ends of a pair have the same"))
            mtu = max(each.mtu for each in pair)
            first, second = (replace(each, mtu=mtu) for each in pair)
            links.append((first, second))
        for end in chain.from_iterable(machines.fit(self, nodes, links)):
            ends.setdefault(end.node, []).append(end)
        full = {name: self._with_ends(_lodged(node, nodes), ends.get(name, [])) for name, node in nodes.items()}
        return Topology(self.lab.name, full, tuple(links), tuple(self.lab.probes), self.lab.machines)

    def _node(self, name: str, said: models.Node) -> Node:
        where: Where = ("topology", "nodes", name)
        kind, own = said.kind or "guest", netns_of(self.lab.name, name)
        self._checked(where, own)
        dns = said.dns or self.lab.dns or models.Dns()
        node = Node(
            name,
            kind,
            said.machine or "",
            netns=own if kind in NAMESPACES else "",
            device=self.devices.get(name, ""),
            addresses=tuple(self._address((*where, "addresses", at), text) for at, text in enumerate(said.addresses)),
            isolated=bool(said.isolated),
            outward=said.masquerade is True,
            masquerade=tuple(said.masquerade) if isinstance(said.masquerade, list) else (),
            nameservers=tuple(dns.nameservers),
            search=tuple(dns.search),
            hosts=tuple(said.extra_hosts.items()),
            sysctls=tuple(said.sysctls.items()),
            published=self._published(where, said),
            services=tuple(_service(name, *each) for each in said.services.items()),
        )
        return _contained(node, said, own)

    def _checked(self, where: Where, netns: str) -> None:
        try:
            names.netns(netns)
        except InputError as error:
            raise self.error(where, tr("too long with the lab's name: {0!r}", netns), error.hint) from None

    def _published(self, where: Where, node: models.Node) -> tuple[Publication, ...]:
        try:
            return tuple(publications(node.ports))
        except InputError as error:
            raise self.error((*where, "ports"), error.message, error.hint) from None

    def _address(self, where: Where, text: str) -> names.Interface:
        if "/" in text:
            return names.host_address(text)
        if text not in self.pools.subnets:
            known = ", ".join(self.pools.subnets) or tr("none")
            raise self.error(where, tr("no subnet of that name: {0!r}", text), tr("of `subnets:`: {0}", known))
        try:
            return self.pools.next(text)
        except InputError as error:
            raise self.error(where, error.message, error.hint) from None

    def _end(self, at: int, side: int, nodes: dict[str, Node], mtu: int | None) -> End:
        where: Where = ("topology", "links", at, "endpoints", side)
        ends = self.lab.topology.links[at].endpoints
        name, colon, interface = ends[side].partition(":")
        if not colon:
            raise self.error(
                where, tr("not an end of a link: {0!r}", ends[side]), tr("NODE:INTERFACE, such as h1:eth0")
            )
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
        addresses = tuple(self._address((*path, "addresses", at), text) for at, text in enumerate(said.addresses))
        mac, size = said.macaddress or "", said.mtu or mtu or 0
        return End(node.name, interface, interface, node.netns, "", addresses, mac, size)

    def _with_ends(self, node: Node, ends: list[End]) -> Node:
        said = self.words[node.name]
        lone = said.interfaces.get("lo")
        if lone and lone.addresses:
            where: Where = ("topology", "nodes", node.name, "interfaces", "lo", "addresses")
            own = tuple(self._address((*where, at), text) for at, text in enumerate(lone.addresses))
            ends = [*ends, End(node.name, "lo", "lo", node.netns, addresses=own)]
        whole = replace(node, ends=tuple(ends))
        return replace(whole, routes=tuple(self._routes(whole, said)))

    def _routes(self, node: Node, said: models.Node) -> Iterator[Route]:
        """Its routes, each with the interface that it leads through."""
        reached = [(address.network, end.device) for end in node.ends for address in end.addresses]
        for at, route in enumerate(said.routes):
            where: Where = ("topology", "nodes", node.name, "routes", at)
            device = route.dev or ""
            if device and device not in {end.device for end in node.ends}:
                raise self.error(
                    where, tr("no such interface of {0!r}: {1!r}", node.name, device), tr("one with a link")
                )
            through = [self._through(where, node, reached, via) for via in route.via]
            if through:
                device = device or through[0]
            elif not device:
                raise self.error(where, tr("a route to nowhere: '{0}'", route.to), tr("via: ROUTER, or dev: INTERFACE"))
            yield Route(route.to, tuple(route.via), device)
            if route.to != models.DEFAULT:
                reached.append((names.prefix(route.to), device))

    def _through(self, where: Where, node: Node, reached: list[tuple[names.Network, str]], via: str) -> str:
        router = names.lone_address(via)
        found = [(network.prefixlen, device) for network, device in reached if router in network]
        if not found:
            subnets = ", ".join(str(network) for network, _ in reached) or tr("none")
            raise self.error(
                where,
                tr("a route to nowhere: {0!r} is in no subnet of {1!r}", via, node.name),
                tr("a router in one of its subnets ({0}), or before it a route to it with `dev:`", subnets),
            )
        return max(found)[1]


def _lodged(node: Node, nodes: dict[str, Node]) -> Node:
    """A node that has another's network is where that is; a container has a name of its own for it."""
    at, seen = node, {node.name}
    while at.shares in nodes and at.shares not in seen and not at.guest:
        at = nodes[at.shares]
        seen.add(at.name)
    return replace(node, netns=at.netns)


def _contained(node: Node, said: models.Node, name: str) -> Node:
    """The node with its container, and with whose network it has."""
    mode, _, shares = (said.network_mode or "").partition(":")
    return replace(
        node,
        guest=names.Guest(said.runtime or "docker", name) if said.image else None,
        image=said.image or "",
        command=tuple(said.command or ()),
        shares=shares if mode == "container" else "",
    )


def _service(node: str, name: str, said: models.Service) -> Service:
    server = SERVERS[said.server] if said.server else None
    words = command(said.server, node, tuple(said.args)) if said.server else tuple(said.command)
    needs = server.needs if server else ()
    listens = tuple(port for text in said.listens or (server.listens if server else ()) for port in ports(text))
    env = tuple(f"{key}={value}" for key, value in said.env.items())
    return Service(name, words, needs, listens, env, tuple(said.files.items()))


def resolved(loaded: Loaded) -> Topology:
    """The topology of a lab, checked.  Raises InputError with line and column."""
    from bridgekit.lab.checks import check

    resolver = Resolver(loaded)
    topology = resolver.topology()
    check(resolver, topology)
    return topology
