"""A virtual machine on a tap; questions to routes, neighbours and rules."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.operations.needs import Need


@operation
class VmRun(Operation):
    """Start a virtual machine on a tap."""

    name: str
    tap: str
    mac: str
    address: str
    gateway: str


@operation
class VmStop(Operation):
    """Stop a virtual machine."""

    name: str


@operation
class NeedVm(Need):
    """The throw-away host's program `vm` is there."""


@operation
class RouteGet(Operation):
    """Ask which way a packet to an address would take."""

    address: str


@operation
class NeighbourShow(Operation):
    """Show which MAC address has an IP address, as far as it was learned."""

    address: str


@operation
class RuleSearch(Operation):
    """Look for rules in a table; finding none is a failure."""

    table: str
