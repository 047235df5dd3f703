"""A lab resolved: what nodes share is theirs, addresses are handed out, names are given, ends are joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bridgekit import names
from bridgekit.lab import models
from bridgekit.names.ports import Port, Publication
from bridgekit.plan import Plan

ROUTERS = ("router", "nat")
NAMESPACES = ("guest", *ROUTERS)


@dataclass(frozen=True)
class End:
    """An interface.

    node, name: whose, and its name there.  device: its name in its namespace: a bridge's port has one of the host's.
    netns: the namespace; empty: the host's.  master: the bridge that it is a port of, its name on the host.
    mtu: in bytes; 0: the kernel's choice.
    """

    node: str
    name: str
    device: str
    netns: str = ""
    master: str = ""
    addresses: tuple[names.Interface, ...] = ()
    mac: str = ""
    mtu: int = 0

    @property
    def version(self) -> int:
        """6 where IPv6 is spoken."""
        return max((*(each.version for each in self.addresses), 4))


@dataclass(frozen=True)
class Tunnel:
    """One end of a link between two machines, as VXLAN.

    end: the one that is made here.  far, kind: the other one, and of which kind its node is.  vni: its number.
    local, remote: the addresses of this machine and of the other one.
    """

    end: End
    far: End
    kind: str
    vni: int
    local: str
    remote: str


@dataclass(frozen=True)
class Route:
    """A route.  destination: `default` or CIDR.  via: its routers; empty: straight out of the device.

    device: the one that leads to the first of them.
    """

    destination: str
    via: tuple[str, ...]
    device: str


@dataclass(frozen=True)
class Service:
    """A command that is kept running.  needs: programs, each with its Debian package."""

    name: str
    command: tuple[str, ...]
    needs: tuple[tuple[str, str], ...]
    listens: tuple[Port, ...]
    env: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Node:
    """A node.

    netns: its namespace's name; empty: it has none.  device: of a bridge, its name on the host.
    guest: the container's name, `docker:LAB-NODE`; None: it is none.  shares: the node whose network it has.
    masquerade: the interfaces that lead out.  outward: whether a bridge's subnets leave by this host's address.
    machine: the one that makes it; empty: whichever reads the file.  also: what other commands do with it.
    """

    name: str
    kind: str
    machine: str = ""
    netns: str = ""
    device: str = ""
    guest: names.Guest | None = None
    image: str = ""
    command: tuple[str, ...] = ()
    shares: str = ""
    addresses: tuple[names.Interface, ...] = ()
    isolated: bool = False
    outward: bool = False
    masquerade: tuple[str, ...] = ()
    ends: tuple[End, ...] = ()
    routes: tuple[Route, ...] = ()
    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    hosts: tuple[tuple[str, str], ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    published: tuple[Publication, ...] = ()
    services: tuple[Service, ...] = ()
    also: tuple[Plan, ...] = ()

    @property
    def forwards(self) -> bool:
        """Whether it passes on what is not its own."""
        return self.kind in ROUTERS

    @property
    def all_addresses(self) -> tuple[names.Interface, ...]:
        """Its own and those of its interfaces."""
        return (*self.addresses, *(address for end in self.ends for address in end.addresses))

    @property
    def versions(self) -> tuple[int, ...]:
        """The IP versions that it speaks; IPv4 where no address says."""
        return tuple(sorted({each.version for each in self.all_addresses})) or (4,)


@dataclass(frozen=True)
class Topology:
    """A whole lab, or the part of one machine.  links: pairs of ends.  tunnels: of a part, what leads out of it."""

    name: str
    nodes: dict[str, Node]
    links: tuple[tuple[End, End], ...]
    probes: tuple[models.Probe, ...]
    machines: Mapping[str, models.Machine] = field(default_factory=dict)
    tunnels: tuple[Tunnel, ...] = ()

    @cached_property
    def far(self) -> dict[tuple[str, str], End]:
        """The other end of each interface."""
        ends = {(first.node, first.name): second for first, second in self.links}
        return ends | {(second.node, second.name): first for first, second in self.links}

    def networks(self) -> Iterator[tuple[str, Node, names.Interface]]:
        """What this host has an address in: a bridge's device, its node, the address."""
        for node in self.nodes.values():
            for address in node.addresses:
                yield node.device, node, address

    def address(self, source: Node, target: Node) -> str | None:
        """The address by which a node asks for another one, of a family that both speak; None: there is none."""
        versions = source.versions if source.kind != "host" else (4, 6)
        found = [each.ip for each in target.all_addresses if not each.ip.is_loopback]
        if target.kind == "host":
            found += [each.ip for _, node, each in self.networks() if node.machine == target.machine]
        return next((str(each) for each in found if each.version in versions), None)


def joined(nodes: Mapping[str, Node], links: Iterable[tuple[End, End]]) -> dict[str, str]:
    """Of each bridge the one that stands for all which are linked with it: they are one segment."""
    group = {name: name for name, node in nodes.items() if node.kind == "bridge"}

    def root(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for first, second in links:
        if first.node in group and second.node in group:
            group[root(first.node)] = root(second.node)
    return {name: root(name) for name in group}
