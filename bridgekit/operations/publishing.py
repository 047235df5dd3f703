"""A container on an engine's network: its address, its published ports, the program that stands in for rules."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.operations.guests import Capture
from bridgekit.operations.needs import Need
from bridgekit.words import Text


@operation
class CaptureHome(Capture):
    """Learn a bridge's own IPv4 address, CIDR: its containers' gateway, and their subnet."""

    bridge: str


@operation
class CaptureHostGateway(Capture):
    """Learn the host's address on its engine's own bridge, or else on another one."""

    usual: str
    bridge: str


@operation
class CaptureFreeAddress(Capture):
    """Learn the lowest address, CIDR, that nobody on a bridge has; a guest that has one there keeps it.

    home: the bridge's own.  pool: the subnet that it is taken from; empty: all of the bridge's.
    path, interface: the guest, and its interface on the bridge.  kept: other addresses that are not free.
    """

    bridge: str
    home: Text
    pool: str
    path: NetnsPath
    interface: str
    kept: tuple[str, ...] = ()


@operation
class CaptureAlone(Capture):
    """Learn an address without its prefix."""

    cidr: Text


@operation
class CaptureMac(Capture):
    """Learn the MAC address that an engine makes of an IPv4 address: 02:42, and the address."""

    address: Text


@operation
class CaptureOnBridge(Capture):
    """Learn the IPv4 address that a guest has on a bridge, without prefix."""

    bridge: str
    path: NetnsPath


@operation
class CapturePort(Capture):
    """Learn which port of a bridge leads to a guest."""

    bridge: str
    path: NetnsPath


@operation
class CaptureFreePort(Capture):
    """Learn the lowest port of the host that is not published and that no program has.

    low, high: in this range; 0: among those that the kernel gives to programs.
    destination: what it is for, ADDRESS:PORT; one that leads there already is kept.  taken: none of these.
    """

    protocol: str
    address: str
    low: int
    high: int
    destination: tuple[Text, ...]
    taken: tuple[Text, ...] = ()


@operation
class CaptureHostname(Capture):
    """Learn a process's own host name."""

    pid: Text


@operation
class NeedAddress(Need):
    """A captured address is not empty."""

    address: Text
    bridge: str


@operation
class NeedFreeAddress(Need):
    """A captured address is not empty: the bridge's network had one to give."""

    address: Text
    bridge: str


@operation
class NeedUnpublished(Need):
    """No rule sends this port of the host elsewhere."""

    protocol: str
    address: str
    port: int
    destination: tuple[Text, ...]


@operation
class NeedUnbound(Need):
    """No program listens at this port of the host, but the one that passes it on to the same destination."""

    protocol: str
    address: str
    port: int
    destination: tuple[Text, ...]


@operation
class NeedNetwork(Need):
    """A network's bridge exists.

    command: what makes it.
    """

    bridge: str
    command: str


@operation
class NeedPort(Need):
    """A captured port is not empty."""

    port: Text


@operation
class NeedBareNetns(Need):
    """The guest has no interface but lo."""

    path: NetnsPath


@operation
class LinkSetHairpin(Operation):
    """Let a bridge send packets out by the port that they came in by."""

    name: Text


@operation
class LinkUnsetHairpin(Operation):
    """Do not let it."""

    name: Text


@operation
class ProxyRun(Operation):
    """Start docker-proxy: it listens at a port of the host and passes on what comes."""

    protocol: str
    address: str
    port: Text
    to: Text
    to_port: int


@operation
class ProxyStop(Operation):
    """Stop the docker-proxy that was started so."""

    protocol: str
    address: str
    port: Text
    to: Text
    to_port: int


@operation
class HostsAppend(Operation):
    """Put a line with an address and its names at the end of a hosts file."""

    path: Text
    address: Text
    names: Text | tuple[Text, ...]
