"""A picture of this host's network as a graph: from the guests, by the bridges and routers, to what is outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from bridgekit.drawing.boxes import bridge_node, guest_node, link_node, nat_node, port_words, routing_node
from bridgekit.drawing.graph import Cluster, Edge, End, Graph, Node
from bridgekit.drawing.translations import translations
from bridgekit.facts import Bridge, Interface, Part, Picture
from bridgekit.translation import joined, tr

_HERE = "this host"  # as the other ends of cables call it
_HOST, _OUTSIDE, _UNSEEN = "host", "outside", "unseen"
_DEPTHS = {"guest": 0, "stale": 0, "link": 0, "bridge": 1, "router": 2, "host": 3, "outside": 5}


def graph(seen: Picture) -> Graph:
    """Draw a picture; links that are down and have neither address nor peer are left out."""
    drawing = _Drawing(seen)
    edges = tuple(drawing.edges())
    used = {end.node for edge in edges for end in (edge.one, edge.other)}
    nodes = tuple(node for node in drawing.nodes.values() if node.key in used or node.kind not in ("host", "outside"))
    return Graph(nodes, edges, (Cluster(_HOST, tr("this host")),))


@dataclass(frozen=True)
class _Drawing:
    seen: Picture
    drawn: set[frozenset[tuple[str, str]]] = field(default_factory=set)

    @cached_property
    def parts(self) -> dict[str, Part]:
        return {guest.name: guest for guest in self.seen.guests} | {_HERE: self.seen}

    @cached_property
    def nodes(self) -> dict[str, Node]:
        uplinks = _uplinks(self.seen)
        beyond = {each.peer.guest for each in self.seen.others if each.peer and each.name in uplinks}
        found = [
            guest_node(guest, self.notes(guest.name), "" if guest.name in beyond else _HOST)
            for guest in self.seen.guests
        ]
        for bridge in self.seen.bridges:
            found += [bridge_node(bridge, _HOST), *(link_node(port, _HOST) for port in bridge.ports if not port.peer)]
        found.append(routing_node(_HOST, self.seen, self.notes(_HERE), _HOST))
        for name in self.parts:
            found += [nat_node(_nat(name, link), lines, _HOST) for link, lines in self.nats[name].items() if link]
        found.append(Node(_UNSEEN, tr("a namespace that cannot be seen from here"), "outside", cluster=_HOST))
        found.append(Node(_OUTSIDE, tr("outside"), "outside"))
        return {node.key: node for node in found}

    @cached_property
    def nats(self) -> dict[str, dict[str, list[str]]]:
        """What each namespace translates, by the link at whose cable it is drawn; of none where there is no such."""
        return {name: self.nats_of(name, part) for name, part in self.parts.items()}

    def nats_of(self, name: str, part: Part) -> dict[str, list[str]]:
        uplinks, bridges = _uplinks(part), {bridge.name for bridge in part.bridges}
        cabled = [link.name for link in part.others if link.peer or (name == _HERE and link.name in uplinks)]
        way = next((link for link in uplinks if link in cabled), "")
        found: dict[str, list[str]] = {}
        for each in translations(rule for firewall in part.firewalls for rule in firewall.nat):
            if each.link in cabled or not each.link:
                found.setdefault(each.link or way, []).append(each.text)
            elif each.link in uplinks or each.link not in bridges:  # into a bridge is no way out
                found.setdefault("", []).append(joined((each.text, f"({each.link})"), " "))
        return found

    def notes(self, name: str) -> list[str]:
        return self.nats[name].get("", [])

    def edges(self) -> Iterator[Edge]:
        for bridge in self.seen.bridges:
            for port in bridge.ports:
                if not port.peer:
                    yield from self.of_card(bridge, port)
        for name, part in self.parts.items():
            for link in _links(part):
                yield from self.of_link(name, link)
        for bridge in self.seen.bridges:
            if bridge.addresses:
                here, host = End(f"bridge:{bridge.name}"), End(_HOST)
                yield Edge(host, here) if bridge.name in _uplinks(self.seen) else Edge(here, host)

    def of_card(self, bridge: Bridge, port: Interface) -> Iterator[Edge]:
        """A port that leads to no namespace; of the bridge that is the way out, a network card leads outside."""
        card, here = End(f"link:{port.name}"), End(f"bridge:{bridge.name}")
        if bridge.name in _uplinks(self.seen) and port.kind == "ether":
            yield Edge(here, card)
            yield Edge(card, End(_OUTSIDE))
        else:
            yield Edge(card, here)

    def of_link(self, name: str, link: Interface) -> Iterator[Edge]:
        here = name, link.name
        if link.peer:
            far = link.peer.guest, link.peer.interface
            if frozenset((here, far)) not in self.drawn:
                self.drawn.add(frozenset((here, far)))
                yield from self.cable(here, far, self.end(*far))
        elif name == _HERE and link.name in _uplinks(self.seen):
            yield from self.cable(here, ("", ""), End(_OUTSIDE))
        if link.parent and link.parent.guest and link.parent.guest != name:
            # To the box: a cable of the parent's own may leave it on the other side.
            box = End(self.end(link.parent.guest, link.parent.interface).node)
            yield Edge(self.end(*here), box, tr("{0} on {1}", link.kind, link.parent.interface), loose=True)

    def cable(self, here: tuple[str, str], far: tuple[str, str], other: End) -> Iterator[Edge]:
        """A cable, with what is translated at its ends as boxes on it."""
        nats = [End(_nat(*each)) for each in (here, far) if each[1] and each[1] in self.nats.get(each[0], {})]
        ends = [self.end(*here), *nats, other]
        if self.depth(ends[0]) > self.depth(ends[-1]):
            ends.reverse()
        label = joined(filter(None, (self.at_bridge(*here), self.at_bridge(*far))), "  ")
        for number, (one, two) in enumerate(pairwise(ends)):
            yield Edge(one, two, "" if number else label)

    def depth(self, end: End) -> int:
        node = self.nodes[end.node]
        several = node.kind == "guest" and len(node.ports) > 1
        return _DEPTHS["router" if several else node.kind]

    def end(self, name: str, link: str) -> End:
        if name == _HERE:
            bridge = self.bridge(link)
            return End(f"bridge:{bridge.name}") if bridge else End(_HOST, link)
        return End(f"guest:{name}", link) if name in self.parts else End(_UNSEEN)

    def bridge(self, link: str) -> Bridge | None:
        """The bridge of this host that a link is a port of, or is itself."""
        return next(
            (each for each in self.seen.bridges if link in (each.name, *(port.name for port in each.ports))), None
        )

    def at_bridge(self, name: str, link: str) -> str:
        """The port of a bridge where a cable ends: in its box stands none of them."""
        bridge = self.bridge(link) if name == _HERE else None
        port = next((each for each in bridge.ports if each.name == link), None) if bridge else None
        return joined((port.name, *port_words(port)), "  ") if port else ""


def _links(part: Part) -> Iterator[Interface]:
    for bridge in part.bridges:
        yield from bridge.ports
    yield from part.others


def _uplinks(part: Part) -> list[str]:
    """The links of default routes."""
    words = [route.split() for route in part.routes if route.startswith("default ")]
    return [each[at + 1] for each in words for at, word in enumerate(each[:-1]) if word == "dev"]


def _nat(name: str, link: str) -> str:
    return f"nat:{name}:{link}"
