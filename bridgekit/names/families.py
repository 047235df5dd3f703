"""What differs between IPv4 and IPv6."""

from __future__ import annotations

from bridgekit.words import Text

# The kernel's parameter that says whether a host forwards; with it the kernel sets every link's own, too.
FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}


def six(address: Text) -> bool:
    """Whether an address or a network is of IPv6; one that is captured is of IPv4."""
    return isinstance(address, str) and ":" in address


def version(address: Text) -> int:
    """An address's version of IP."""
    return 6 if six(address) else 4


def family(*addresses: Text) -> str:
    """`ip`'s option for the routes of such addresses."""
    return "-6" if any(map(six, addresses)) else "-4"
