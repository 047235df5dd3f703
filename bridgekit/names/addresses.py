"""Addresses, subnets, gateways: IPv4 and IPv6."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)

from bridgekit.names.refusal import refuse
from bridgekit.translation import tr

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface
Network = IPv4Network | IPv6Network
_USUAL = {4: 24, 6: 64}
_WIDEST = {4: 8, 6: 7}  # 10.0.0.0/8 and fc00::/7: what is wider takes the place of a default route
# What no host can have for its own.
_NOBODYS: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(block), what)
    for block, what in (
        ("0.0.0.0/8", "unspecified"),
        ("127.0.0.0/8", "loopback"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("ff00::/8", "multicast"),
    )
)
_NO_HOSTS = {
    "unspecified": tr("unspecified addresses belong to no single host"),
    "loopback": tr("loopback addresses belong to no single host"),
    "multicast": tr("multicast addresses belong to no single host"),
    "IPv4-mapped": tr("IPv4-mapped addresses belong to no single host"),
}
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(/[0-9A-Fa-f:.]*)?\Z", re.ASCII)


def _parsed(what: str, text: str, hint: str) -> Interface:
    if not _ADDRESS.match(text):
        raise refuse(tr("not {0}", what), text, hint)
    try:
        return ip_interface(text)
    except ValueError as error:
        raise refuse(tr("not {0}", what), text, tr("{0} ({1})", hint, error)) from None


def host_address(text: str) -> Interface:
    """A host's address with its prefix, `10.0.0.2/24` or `2001:db8::2/64`.  Raises InputError."""
    _, slash, prefix = text.partition("/")
    parsed = _parsed(tr("an address"), text, tr("an address with its prefix length, such as 10.0.0.2/24"))
    if not slash:
        raise refuse(
            tr("an address without its prefix"), text, tr("did you mean {0}/{1}?", text, _USUAL[parsed.version])
        )
    if prefix != str(parsed.network.prefixlen):
        raise refuse(tr("not a prefix length"), text, tr("did you mean {0}?", parsed.with_prefixlen))
    _assignable(parsed.ip, text)
    network = parsed.network
    if network.prefixlen < _WIDEST[parsed.version]:
        usual, widest = _USUAL[parsed.version], _WIDEST[parsed.version]
        hint = tr("did you mean {0}/{1}?  /{2} is the widest", parsed.ip, usual, widest)
        raise refuse(tr("a subnet of all or most addresses"), text, hint)
    if network.prefixlen < network.max_prefixlen - 1:
        if parsed.ip == network.network_address:
            raise refuse(
                tr("the address of the network itself"), text, tr("a host of {0}: {1}, say", network, network[1])
            )
        if parsed.version == 4 and parsed.ip == network.broadcast_address:
            raise refuse(tr("the broadcast address"), text, tr("a host of {0}: {1}, say", network, network[1]))
    return parsed


@lru_cache(1000)  # a lab's nodes have few routers, and name them often
def lone_address(text: str) -> Address:
    """An address that stands alone, `10.1.1.1`; `/32` or `/128` may follow.  Raises InputError."""
    hint = tr("an address without prefix, such as 10.1.1.1")
    parsed = _parsed(tr("an address"), text, hint)
    if parsed.network.prefixlen != parsed.network.max_prefixlen:
        raise refuse(tr("not an address alone"), text, tr("did you mean {0}?", parsed.ip))
    _assignable(parsed.ip, text)
    return parsed.ip


def hosts(network: Network, count: int) -> list[Interface]:
    """The first so many addresses of a subnet, each with its prefix.  Raises InputError if there are fewer."""
    narrow = network.prefixlen >= network.max_prefixlen - 1
    first, last = (0, -1) if narrow else (1, -2 if network.version == 4 else -1)
    room = int(network[last]) - int(network[first]) + 1
    if count > room:
        raise refuse(
            tr("more guests than {0} has addresses ({1})", network, room), count, tr("a wider subnet, or fewer guests")
        )
    return [ip_interface(f"{network[first + each]}/{network.prefixlen}") for each in range(count)]


def _assignable(address: Address, text: str) -> None:
    what = nobodys(address)
    if what:
        whose = tr("the broadcast address") if what == "broadcast" else _NO_HOSTS[what]
        raise refuse(whose, text, tr("a unicast address"))


def nobodys(address: Address) -> str:
    """What kind of address it is that no host can have for its own; empty if one can."""
    return next((what for block, what in _NOBODYS if address in block), "")


def subnet(text: str) -> Network:
    """A subnet of hosts, `10.0.0.0/24` or `2001:db8::/64`.  Raises InputError."""
    found = prefix(text)
    if found.prefixlen < _WIDEST[found.version]:
        raise refuse(
            tr("no subnet of hosts"), text, tr("such as 10.0.0.0/24; /{0} is the widest", _WIDEST[found.version])
        )
    return found


def prefix(text: str) -> Network:
    """Addresses that are reached one way, written as a subnet; not all there are.  Raises InputError."""
    parsed = _parsed(tr("a subnet"), text, tr("a network with its prefix length, such as 10.0.0.0/24"))
    if "/" not in text:
        suggestion = ip_network(f"{parsed.ip}/{_USUAL[parsed.version]}", strict=False)
        raise refuse(tr("a subnet without its prefix"), text, tr("did you mean {0}?", suggestion))
    if parsed.ip != parsed.network.network_address or text.partition("/")[2] != str(parsed.network.prefixlen):
        raise refuse(tr("not a subnet"), text, tr("did you mean {0}?", parsed.network))
    if any(block[0] in parsed.network or parsed.network[0] in block for block, _ in _NOBODYS):
        raise refuse(tr("no subnet of hosts"), text, tr("such as 10.0.0.0/24"))
    return parsed.network


def router(text: str, of: Network) -> Address:
    """The address of a router in a subnet, without prefix.  Raises InputError."""
    hint = tr("another host of {0}, without its prefix", of)
    if "/" in text:
        raise refuse(tr("not a gateway"), text, hint)
    address = _parsed(tr("a gateway"), text, hint).ip
    if address not in of:
        raise refuse(tr("the gateway is outside {0}", of), text, hint)
    return host_address(f"{address}/{of.prefixlen}").ip


def gateway(text: str, of: Interface) -> Address:
    """The address of a router in `of`'s subnet, without prefix.  Raises InputError."""
    address = router(text, of.network)
    if address == of.ip:
        raise refuse(
            tr("the gateway is the guest's own address"),
            text,
            tr("another host of {0}, without its prefix", of.network),
        )
    return address


def address_text(address: Address) -> str:
    """An address as the kernel prints it."""
    return str(ip_address(address))


def target(text: str) -> Address:
    """An address to ask for an answer, without prefix: `203.0.113.2`, `2001:db8::2`.  Raises InputError."""
    hint = tr("an IPv4 or IPv6 address, without a prefix and not a name, such as 203.0.113.2")
    if "/" in text:
        raise refuse(tr("not an address to ask"), text, hint)
    address = _parsed(tr("an address to ask"), text, hint).ip
    if nobodys(address) not in ("", "loopback"):
        raise refuse(tr("no single host has this address"), text, hint)
    return address
