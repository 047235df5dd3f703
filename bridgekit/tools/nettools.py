"""`ifconfig` and `route` of net-tools, as the documents use them.  man 8 ifconfig, route.

IPv6 addresses are left to `ip`: ifconfig cannot skip duplicate address detection, so an address
that it adds is unusable for a second or two.
"""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.tools import ip
from bridgekit.words import Argv

PROGRAMS = {"ifconfig": "net-tools", "route": "net-tools"}


def build(operation: op.Operation) -> Argv | None:
    """The `ifconfig` or `route` command of an operation."""
    match operation:
        case op.AddressAdd(device, str(address)) if ":" not in address:
            return ("ifconfig", device, address)
        case op.InterfaceShow(name):
            return ("ifconfig", name)
        case op.RouteAdd(via, _, "default") if via and not ip.six(via):
            return ("route", "add", "default", "gw", via)
    return None


def precondition(operation: op.Operation) -> Argv | None:
    """What must hold before a command of these is safe: ifconfig replaces the address that is there."""
    match operation:
        case op.AddressAdd(device, str(address)) if ":" not in address:
            return ("lacks", "ip", "-4", "addr", "show", "dev", device, "primary")
    return None
