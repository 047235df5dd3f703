"""This host's network as typed data, for people to look at."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from bridgekit.facts.links import Link
from bridgekit.facts.routes import routes, unusual_rules
from bridgekit.facts.rulesets import Firewall, Ruleset, rulesets
from bridgekit.facts.spaces import Space, names
from bridgekit.facts.stale import Stale, dead_names, stale
from bridgekit.facts.survey import Survey, survey

USUAL_MTU = 1500


@dataclass(frozen=True)
class End:
    """Another link, to which one leads, or on which it was made.

    guest: what its namespace is called; empty if it could not be found.
    master: the bridge, VRF or bond that it is part of.
    stale: whether nobody uses that namespace any more.
    """

    guest: str
    interface: str = ""
    up: bool = False
    addresses: tuple[str, ...] = ()
    master: str = ""
    stale: bool = False


@dataclass(frozen=True)
class Interface:
    """An interface.

    peer: where a veth leads.  parent: what a macvlan, a VLAN and their like were made on.
    master: the bridge, VRF or bond that it is part of.
    state: of a port of a bridge, `forwarding`, `listening` ...; isolated, hairpin: of a port, too.
    """

    name: str
    kind: str
    up: bool
    mtu: int
    addresses: tuple[str, ...] = ()
    peer: End | None = None
    parent: End | None = None
    mac: str = ""
    master: str = ""
    state: str = ""
    isolated: bool = False
    hairpin: bool = False

    @property
    def odd_state(self) -> str:
        """The state of a port that is up and does not forward; empty of all others."""
        # `disabled` is one that is down, or whose bridge is.
        return self.state if self.up and self.state not in ("forwarding", "disabled") else ""


@dataclass(frozen=True)
class Bridge:
    """A bridge and the interfaces that are its ports.

    stp, snooping, vlans: spanning tree, snooping of multicast, filtering by VLAN.
    """

    name: str
    up: bool
    mtu: int
    addresses: tuple[str, ...] = ()
    ports: tuple[Interface, ...] = ()
    mac: str = ""
    stp: bool = False
    snooping: bool = True
    vlans: bool = False


@dataclass(frozen=True)
class Part:
    """What is in one namespace.

    others: the interfaces that are neither bridges nor ports.  rules: of routing, but for the usual ones.
    rulesets: the tables of packet filters that iptables does not show.
    """

    bridges: tuple[Bridge, ...]
    others: tuple[Interface, ...]
    routes: tuple[str, ...]
    firewalls: tuple[Firewall, ...]
    rules: tuple[str, ...] = ()
    rulesets: tuple[Ruleset, ...] = ()

    @property
    def forwards(self) -> tuple[int, ...]:
        """The versions of IP that it forwards, if it has more than one link.

        The kernel gives a new namespace what the first one has; with one link there is nowhere to forward to.
        """
        links = len(self.bridges) + len([link for link in self.others if link.kind != "loopback"])
        return tuple(each.version for each in self.firewalls if each.forwarding and links > 1)


@dataclass(frozen=True)
class Guest(Part):
    """The part of a guest.

    name: what it is called.  netns: its names under /run/netns.  containers: that are in it.
    stale: why nobody uses it, if that is so.
    """

    name: str = ""
    netns: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    stale: Stale | None = None


@dataclass(frozen=True)
class Picture(Part):
    """This host's network.  namespaces: the names under /run/netns.  guests: those with a link to here or a name."""

    namespaces: tuple[str, ...] = ()
    guests: tuple[Guest, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def picture() -> Picture:
    """This host's network as it is now, as far as this user may see.  Raises HostError if there is no `ip`."""
    seen = survey(guests=True)
    left = stale(seen)
    with ThreadPoolExecutor() as pool:
        host, *parts = pool.map(lambda space: _part(seen, space, left), seen.links)
    _, *spaces = seen.links
    guests = [_guest(seen, space, part, left.get(space)) for space, part in zip(spaces, parts, strict=True)]
    guests += [Guest((), (), (), (), name=name, netns=(name,), stale=why) for name, why in dead_names().items()]
    return Picture(**vars(host), namespaces=names(), guests=tuple(sorted(guests, key=lambda guest: guest.name)))


def _part(seen: Survey, space: Space, left: Container[Space]) -> Part:
    inside, shown = seen.links[space], interfaces(seen, space, left)
    bridges = {link.name for link in inside if link.kind == "bridge"}
    if not inside:  # every namespace has a link: this one is gone, or not ours to enter
        return Part((), (), (), ())
    firewalls, others = rulesets(space)
    return Part(
        bridges=tuple(_bridge(link, inside, shown) for link in inside if link.name in bridges),
        others=tuple(shown[link.name] for link in inside if link.name not in bridges and link.master not in bridges),
        routes=(*routes(space, "-4"), *routes(space, "-6")),
        firewalls=firewalls,
        rules=(*unusual_rules(space, "-4"), *unusual_rules(space, "-6")),
        rulesets=others,
    )


def _guest(seen: Survey, space: Space, part: Part, why: Stale | None) -> Guest:
    return Guest(
        **vars(part),
        name=seen.label(space),
        netns=space.names,
        containers=seen.sharing.get(space.inode, ()),
        stale=why,
    )


def _bridge(link: Link, inside: Sequence[Link], shown: Mapping[str, Interface]) -> Bridge:
    ports = tuple(shown[each.name] for each in inside if each.master == link.name)
    own = (link.name, link.up, link.mtu, link.addresses, ports, link.mac)
    return Bridge(*own, stp=link.stp, snooping=link.snooping, vlans=link.vlans)


def interfaces(seen: Survey, space: Space, left: Container[Space] = ()) -> dict[str, Interface]:
    """The interfaces of a namespace, by name.  left: the namespaces that nobody uses any more."""
    return {link.name: _interface(seen, space, link, left) for link in seen.links[space]}


def _interface(seen: Survey, space: Space, link: Link, left: Container[Space]) -> Interface:
    own = (link.name, link.kind, link.up, link.mtu, link.addresses)
    peer = _end(seen, seen.end(space, link), left) if link.kind == "veth" else None
    made_on = link.kind != "veth" and (link.below or link.far_index)
    parent = _end(seen, seen.parent(space, link), left) if made_on else None
    more = (link.mac, link.master, link.state, link.isolated, link.hairpin)
    return Interface(*own, peer, parent, *more)


def _end(seen: Survey, found: tuple[Space, Link] | None, left: Container[Space]) -> End:
    if found is None:
        return End("")
    space, far = found
    return End(seen.label(space), far.name, far.up, far.addresses, far.master, space in left)
