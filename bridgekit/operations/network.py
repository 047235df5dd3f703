"""Links, addresses, routes, packet filter rules, kernel parameters."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.words import Text


@operation
class BridgeAdd(Operation):
    """Make a bridge."""

    name: str


@operation
class VethAdd(Operation):
    """Make a pair of virtual Ethernet interfaces, each the other's peer.

    home: the namespace that the first end will live in, if not the host's.
    queue: how many packets wait in each before more are dropped; empty: the kernel's choice.
    """

    name: str
    peer: str
    home: NetnsPath = NetnsPath()
    queue: str = ""


@operation
class LinkDelete(Operation):
    """Remove an interface (and, for a veth, its peer with it)."""

    name: str


@operation
class LinkSetNetns(Operation):
    """Move an interface of the host into a namespace."""

    name: str
    netns: Text


@operation
class LinkFetch(Operation):
    """Bring an interface back from a namespace, if it is still there."""

    name: str
    netns: Text


@operation
class LinkRename(Operation):
    """Give an interface another name."""

    name: str
    new: str


@operation
class LinkSetMaster(Operation):
    """Make an interface a port of a bridge."""

    name: str
    master: str


@operation
class LinkSetNoMaster(Operation):
    """Take a port out of its bridge."""

    name: str
    master: str


@operation
class LinkSetUp(Operation):
    """Bring an interface up."""

    name: Text


@operation
class LinkSetDown(Operation):
    """Take an interface down."""

    name: Text


@operation
class LinkSetAddress(Operation):
    """Set an interface's MAC address."""

    name: str
    address: Text


@operation
class LinkSetOwnAddress(Operation):
    """Give an interface that this run made a MAC address that it keeps: 02:42, and four random bytes."""

    name: str


@operation
class LinkSetMtu(Operation):
    """Set an interface's MTU, in bytes."""

    name: str
    mtu: int


@operation
class LinkRestoreAddress(Operation):
    """Set an interface's MAC address back to what it was."""

    name: str


@operation
class LinkRestoreMtu(Operation):
    """Set an interface's MTU back to what it was."""

    name: str


@operation
class AddressAdd(Operation):
    """Give an interface an address.

    address: CIDR.
    fresh: only where this run made the interface; an interface found there keeps the addresses it has.
    """

    device: str
    address: Text
    fresh: bool = False


@operation
class AddressShow(Operation):
    """Show the interfaces with their addresses, or one of them."""

    device: Text = ""


@operation
class AddressDelete(Operation):
    """Take an address from an interface."""

    device: str
    address: Text


@operation
class RouteAdd(Operation):
    """Add a route, through a gateway or (if that is empty) straight out of a device.

    destination: `default` or CIDR.
    """

    via: Text
    device: str
    destination: str = "default"


@operation
class RouteDelete(Operation):
    """Remove a route."""

    via: Text
    device: str = ""
    destination: str = "default"


@operation
class SysctlSet(Operation):
    """Set a kernel parameter.

    key: with `/` between its parts where an interface's name is one of them.
    """

    key: Text | tuple[Text, ...]
    value: str


@operation
class RoutersKeep(Operation):
    """Go on listening to IPv6 routers on each link by which one told something, though the host is to forward."""


@operation
class SysctlRestore(Operation):
    """Set a kernel parameter back to what it was, and those that the kernel changed with it."""

    key: Text | tuple[Text, ...]


@operation
class RoutersForget(Operation):
    """Listen to IPv6 routers on each link as before."""


@operation
class Fetch(Operation):
    """Ask a web server for its page, for so many seconds."""

    address: Text
    port: Text = "80"
    seconds: int = 2


@operation
class Ping(Operation):
    """Send echo requests until one is answered, for so many seconds; from this address, if one is given."""

    address: Text
    seconds: int = 3
    source: str = ""
