"""Checked values. Whatever a user types passes one of these functions or is refused with exit 2.

Every accepted value is plain ASCII from a short alphabet: it will stand in a script that root runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
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
from string import Formatter

from bridgekit.errors import InputError

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface
Network = IPv4Network | IPv6Network

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,254}\Z", re.ASCII)
_PID = re.compile(r"[1-9][0-9]{0,6}\Z", re.ASCII)
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(/[0-9A-Fa-f:.]*)?\Z", re.ASCII)
_ALPHABET = "letters, digits, `_`, `.` and `-`, not starting with `.` or `-`"


def _refuse(what: str, value: object, hint: str) -> InputError:
    return InputError(f"{what}: {value!r}", hint)


def _word(what: str, text: str, longest: int) -> str:
    if not _WORD.match(text) or len(text) > longest:
        raise _refuse(f"not {what}", text, f"1 to {longest} characters: {_ALPHABET}")
    return text


def interface(text: str) -> str:
    """An interface name: 1 to 15 characters (IFNAMSIZ).  Raises InputError."""
    if text in ("all", "default"):
        raise _refuse("not an interface name", text, "to sysctl it means every interface; choose another")
    return _word("an interface name", text, 15)


def netns(text: str) -> str:
    """The name of a network namespace, a file name under /run/netns.  Raises InputError."""
    return _word("a namespace name", text, 64)


def run_name(text: str) -> str:
    """The name of a run, a file name under /run/bridgekit.  Raises InputError."""
    return _word("a run name", text, 64)


def image(text: str) -> str:
    """A container image's reference.  Raises InputError."""
    if not _IMAGE.match(text):
        raise _refuse("not an image", text, "for example: ubuntu:14.04")
    return text


def slug(pattern: str, values: Mapping[str, object]) -> str:
    """A run name: the pattern with its values, where `:` and `/` become `-`.

    Where that could be the name of other values too, it ends in a number made of them.
    """
    used = {name: str(values[name]) for _, name, _, _ in Formatter().parse(pattern) if name}
    text = re.sub(r"[^A-Za-z0-9_.-]+", "-", pattern.format_map(used)).strip(".-")
    if len(text) > 64 or any(re.search(r"-|[^A-Za-z0-9_.]{2}", value) for value in used.values()):
        text = f"{text[:56]}-{number(*used.values())}"
    return run_name(text)


def number(*words: object) -> str:
    """Seven hex digits made of words, to tell names apart that would be too long."""
    return sha256(" ".join(str(word) for word in words).encode()).hexdigest()[:7]


HOST = "host"  # what stands for this host where a guest is named


@dataclass(frozen=True)
class Guest:
    """Who gets a network: a container of a runtime, a process or a named namespace.

    kind: `docker`, `podman`, `pid` or `netns`.
    name: the container's name or id, the process id, or the namespace's name.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == "docker" else f"{self.kind}:{self.name}"


def guest(text: str) -> Guest:
    """A guest: `NAME` (a Docker container), `podman:NAME`, `pid:N` or `netns:NAME`.  Raises InputError."""
    kind, colon, name = text.partition(":")
    if not colon:
        kind, name = "docker", text
    if kind == "pid":
        if not _PID.match(name):
            raise _refuse("not a process id", text, "for example: pid:4242")
    elif kind in ("docker", "podman", "netns"):
        _word("a guest", name, 64)
    else:
        raise _refuse("not a guest", text, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME")
    return Guest(kind, name)


def _parsed(what: str, text: str, hint: str) -> Interface:
    if not _ADDRESS.match(text):
        raise _refuse(f"not {what}", text, hint)
    try:
        return ip_interface(text)
    except ValueError as error:
        raise _refuse(f"not {what}", text, f"{hint} ({error})") from None


def host_address(text: str) -> Interface:
    """A host's address with its prefix, `10.0.0.2/24` or `2001:db8::2/64`.  Raises InputError."""
    _, slash, prefix = text.partition("/")
    parsed = _parsed("an address", text, "an address with its prefix length, such as 10.0.0.2/24")
    if not slash:
        usual = 24 if parsed.version == 4 else 64
        raise _refuse("an address without its prefix", text, f"did you mean {text}/{usual}?")
    if prefix != str(parsed.network.prefixlen):
        raise _refuse("not a prefix length", text, f"did you mean {parsed.with_prefixlen}?")
    _assignable(parsed.ip, text)
    network = parsed.network
    if network.prefixlen < network.max_prefixlen - 1:
        if parsed.ip == network.network_address:
            raise _refuse("the address of the network itself", text, f"a host of {network}: {network[1]}, say")
        if parsed.version == 4 and parsed.ip == network.broadcast_address:
            raise _refuse("the broadcast address", text, f"a host of {network}: {network[1]}, say")
    return parsed


def lone_address(text: str) -> Address:
    """An address that stands alone, `10.1.1.1`; `/32` or `/128` may follow.  Raises InputError."""
    hint = "an address without prefix, such as 10.1.1.1"
    parsed = _parsed("an address", text, hint)
    if parsed.network.prefixlen != parsed.network.max_prefixlen:
        raise _refuse("not an address alone", text, f"did you mean {parsed.ip}?")
    _assignable(parsed.ip, text)
    return parsed.ip


def hosts(network: Network, count: int) -> list[Interface]:
    """The first so many addresses of a subnet, each with its prefix.  Raises InputError if there are fewer."""
    narrow = network.prefixlen >= network.max_prefixlen - 1
    first, last = (0, -1) if narrow else (1, -2 if network.version == 4 else -1)
    room = int(network[last]) - int(network[first]) + 1
    if count > room:
        raise _refuse(f"more guests than {network} has addresses ({room})", count, "a wider subnet, or fewer guests")
    return [ip_interface(f"{network[first + each]}/{network.prefixlen}") for each in range(count)]


def _assignable(address: Address, text: str) -> None:
    for what in ("multicast", "loopback", "unspecified"):
        if getattr(address, f"is_{what}"):
            raise _refuse(f"{what} addresses belong to no single host", text, "a unicast address")
    if address.version == 4 and address == IPv4Address("255.255.255.255"):
        raise _refuse("the broadcast address", text, "a unicast address")


def subnet(text: str) -> Network:
    """A subnet, `10.0.0.0/24` or `2001:db8::/64`.  Raises InputError."""
    parsed = _parsed("a subnet", text, "a network with its prefix length, such as 10.0.0.0/24")
    if "/" not in text:
        usual = 24 if parsed.version == 4 else 64
        suggestion = ip_network(f"{parsed.ip}/{usual}", strict=False)
        raise _refuse("a subnet without its prefix", text, f"did you mean {suggestion}?")
    if parsed.ip != parsed.network.network_address or text.partition("/")[2] != str(parsed.network.prefixlen):
        raise _refuse("not a subnet", text, f"did you mean {parsed.network}?")
    _assignable_network(parsed.network, text)
    return parsed.network


def _assignable_network(network: Network, text: str) -> None:
    if network.prefixlen == 0 or network.is_multicast or network.is_loopback:
        raise _refuse("no subnet of hosts", text, "such as 10.0.0.0/24")


def router(text: str, of: Network) -> Address:
    """The address of a router in a subnet, without prefix.  Raises InputError."""
    hint = f"another host of {of}, without its prefix"
    if "/" in text:
        raise _refuse("not a gateway", text, hint)
    address = _parsed("a gateway", text, hint).ip
    if address not in of:
        raise _refuse(f"the gateway is outside {of}", text, hint)
    return host_address(f"{address}/{of.prefixlen}").ip


def gateway(text: str, of: Interface) -> Address:
    """The address of a router in `of`'s subnet, without prefix.  Raises InputError."""
    address = router(text, of.network)
    if address == of.ip:
        raise _refuse(
            "the gateway is the guest's own address", text, f"another host of {of.network}, without its prefix"
        )
    return address


def mac(text: str) -> str:
    """A unicast MAC address, `02:42:0a:00:00:02`.  Raises InputError."""
    lowered = text.lower()
    if not _MAC.match(lowered):
        raise _refuse("not a MAC address", text, "six pairs of hex digits: 02:42:0a:00:00:02")
    if int(lowered[:2], 16) & 1:
        raise _refuse("a multicast MAC address", text, f"an even first byte: 02{lowered[2:]}")
    if lowered == "00:00:00:00:00:00":
        raise _refuse("no MAC address", text, "six pairs of hex digits: 02:42:0a:00:00:02")
    return lowered


def truth(text: str) -> bool:
    """`true` or `false`, as the engine's options write it.  Raises InputError."""
    if text not in ("true", "false"):
        raise _refuse("neither true nor false", text, "true or false")
    return text == "true"


def mtu(value: int, version: int) -> int:
    """An MTU in bytes: 68 to 65535, and at least 1280 where IPv6 is spoken.  Raises InputError."""
    least = 68 if version == 4 else 1280
    if not least <= value <= 65535:
        raise _refuse("not an MTU", value, f"{least} to 65535 bytes; Ethernet's is 1500")
    return value


def address_text(address: Address) -> str:
    """An address as the kernel prints it."""
    return str(ip_address(address))


def target(text: str) -> Address:
    """An address to ask for an answer, without prefix: `203.0.113.2`, `2001:db8::2`.  Raises InputError."""
    hint = "an IPv4 or IPv6 address, without a prefix and not a name, such as 203.0.113.2"
    if "/" in text:
        raise _refuse("not an address to ask", text, hint)
    address = _parsed("an address to ask", text, hint).ip
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise _refuse("no single host has this address", text, hint)
    return address
