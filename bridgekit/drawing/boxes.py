"""The boxes of a picture: a guest, a bridge, this host's own links, what changes addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridgekit.drawing.drops import drops
from bridgekit.drawing.graph import Node, Port
from bridgekit.facts import USUAL_MTU, Bridge, Guest, Interface, Part
from bridgekit.translation import joined, tr

_MOST = 6  # of what is dropped, in a box


def guest_node(guest: Guest, notes: Sequence[str], cluster: str) -> Node:
    """A guest with its interfaces; in no cluster: it is what is outside.  notes: what stands in it, too."""
    links = [*(link for bridge in guest.bridges for link in bridge.ports), *guest.others]
    ports = (
        *(Port(bridge.name, (tr("bridge"), *bridge.addresses)) for bridge in guest.bridges),
        *(Port(link.name, _words(link)) for link in links if link.kind != "loopback"),
    )
    routes = tuple(_notes(guest))
    kind = "stale" if guest.stale else "outside" if not cluster else "router" if routes else "guest"
    lines = ((tr("stale"),) if guest.stale else ()) + ((tr("one namespace"),) if len(guest.containers) > 1 else ())
    return Node(f"guest:{guest.name}", guest.name, kind, (*lines, *routes, *notes), ports, cluster)


def bridge_node(bridge: Bridge, cluster: str) -> Node:
    """A bridge of this host."""
    lines = [*bridge.addresses, *([] if bridge.up else [tr("down")]), *_size(bridge.mtu)]
    lines += [tr("STP on")] if bridge.stp else []
    return Node(f"bridge:{bridge.name}", bridge.name, "bridge", tuple(lines), cluster=cluster)


def link_node(port: Interface, cluster: str) -> Node:
    """A port of a bridge that leads to no namespace: a network card, a tap device."""
    return Node(f"link:{port.name}", port.name, "link", (port.kind, *port_words(port)), cluster=cluster)


def routing_node(key: str, host: Part, notes: Sequence[str], cluster: str) -> Node:
    """This host's own links, and how it decides about what passes."""
    ports = (
        Port(each.name, _words(each))
        for each in host.others
        if each.kind != "loopback" and (each.up or each.addresses or each.peer)
    )
    return Node(key, tr("routing"), "host", (*_notes(host), *_drops(host), *notes), tuple(ports), cluster)


def nat_node(key: str, lines: Sequence[str], cluster: str) -> Node:
    """What is translated at the end of a cable."""
    return Node(key, tr("NAT"), "nat", tuple(lines), cluster=cluster)


def port_words(port: Interface) -> list[str]:
    """What is not usual of a bridge's port."""
    words: list[str] = [] if port.up else [tr("down")]
    words += filter(None, (port.odd_state,))
    words += [tr("isolated")] if port.isolated else []
    return words + ([tr("hairpin")] if port.hairpin else []) + _size(port.mtu)


def _words(link: Interface) -> tuple[str, ...]:
    kind = () if link.kind in ("ether", "veth") else (link.kind,)
    return (*kind, *([] if link.up else [tr("down")]), *_size(link.mtu), *link.addresses)


def _size(mtu: int) -> list[str]:
    return [] if mtu == USUAL_MTU else [f"mtu {mtu}"]


def _notes(part: Part) -> Iterator[str]:
    versions = [f"IPv{version}" for version in part.forwards]
    if versions:
        yield tr("forwards {0}", joined(versions))
    for each in part.firewalls:
        if each.forward_policy == "DROP":
            yield tr("IPv{0}: what no rule accepts is dropped", each.version)


def _drops(host: Part) -> list[str]:
    found = list(dict.fromkeys(each for rules in host.firewalls for each in drops(rules.forward, rules.chains)))
    if len(found) <= _MOST + 1:
        return found
    return [*found[:_MOST], tr("and {0} others", len(found) - _MOST)]
