"""An interface of the host that is put to another use, with all that it has; taps; what a route is asked."""

from __future__ import annotations

from typing import ClassVar

from bridgekit.operations.base import Operation, operation
from bridgekit.operations.guests import Capture
from bridgekit.operations.needs import Need
from bridgekit.words import Text


@operation
class LinkLend(Operation):
    """Move an interface of the host into a namespace; its addresses, routes and settings stay behind and are noted."""

    name: str
    netns: str


@operation
class LinkReturn(Operation):
    """Bring a lent interface back, with what it had."""

    name: str
    netns: str


@operation
class LinkMoveOver(Operation):
    """Make an interface a port of a bridge and give its addresses and routes to the bridge, in one go."""

    name: Text
    master: str


@operation
class LinkMoveBack(Operation):
    """Take back what LinkMoveOver did."""

    name: Text
    master: str


@operation
class LinkCopyAddress(Operation):
    """Give an interface the MAC address of another."""

    name: str
    source: Text


@operation
class TapAdd(Operation):
    """Make a tap: an interface whose other end is a program."""

    name: str


@operation
class CaptureCard(Capture):
    """Learn the interface of the default route, also after it became a port of this bridge."""

    bridge: str
    version: int
    override: ClassVar[str] = "NIC"


@operation
class CaptureGateway(Capture):
    """Learn the gateway of the default route that leaves by an interface, or by the bridge that it is a port of."""

    nic: Text
    bridge: str
    version: int
    override: ClassVar[str] = "GATEWAY"


@operation
class NeedLink(Need):
    """The interface is on the host, or in that namespace (if one is named) already."""

    name: Text
    netns: str = ""


@operation
class NeedNoPort(Need):
    """The interface is a port of nothing, or of that bridge (if one is named) already."""

    name: Text
    master: str = ""


@operation
class NeedOnePath(Need):
    """No route with several next hops leads through the interface."""

    name: Text


@operation
class NeedTap(Need):
    """The name is a tap's, or free."""

    name: str


@operation
class NeedGateway(Need):
    """A captured gateway is not empty."""

    gateway: Text
    nic: Text


@operation
class NeedCard(Need):
    """The interface of the default route was found."""

    nic: Text
