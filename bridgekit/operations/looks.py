"""Looking: operations that change nothing."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.operations.guests import Capture
from bridgekit.words import Text


@operation
class AddressList(Operation):
    """List every interface of the host with its addresses."""


@operation
class BridgeShow(Operation):
    """Show the bridges and their ports."""


@operation
class InterfaceShow(Operation):
    """Show one interface: its address and counters."""

    name: str


@operation
class LinkShow(Operation):
    """Show the interfaces in detail: kind, index, peer's index."""


@operation
class GuestLinkShow(Operation):
    """Show the interfaces of a container in detail, with the host's own `ip`."""

    runtime: str
    guest: Text


@operation
class NetnsCompare(Operation):
    """Say whether two are in one network namespace; a path of nothing is the host's."""

    path: NetnsPath
    other: NetnsPath = NetnsPath()


@operation
class RouteShow(Operation):
    """Show the routes."""


@operation
class RuleList(Operation):
    """List the rules of a table, chain by chain."""

    table: str = "filter"


@operation
class NetworkList(Operation):
    """List the networks of an engine."""

    runtime: str


@operation
class NetworkInspect(Operation):
    """Show one network of an engine, with its members."""

    runtime: str
    network: str


@operation
class CaptureNetworkFact(Capture):
    """Learn something about a container's place in its network.

    fact: as the engine calls it: `IPAddress`, `Gateway`, `MacAddress`.
    """

    runtime: str
    guest: Text
    fact: str


@operation
class CaptureIndex(Capture):
    """Learn the index of a container's interface."""

    runtime: str
    guest: Text
    interface: str


@operation
class CaptureHostEnd(Capture):
    """Learn the name of the host's end of a container's veth pair."""

    runtime: str
    guest: Text
    interface: str


@operation
class CaptureLinkIndex(Capture):
    """Learn the index of an interface of the host."""

    name: Text
