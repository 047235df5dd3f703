"""A lab resolved: what nodes share is theirs, addresses are handed out, names are given, ends are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bridgekit import names
from bridgekit.lab import models
from bridgekit.names.ports import Port, Publication

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
    """

    name: str
    kind: str
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
    """A whole lab.  links: pairs of ends."""

    name: str
    nodes: dict[str, Node]
    links: tuple[tuple[End, End], ...]
    probes: tuple[models.Probe, ...]

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
