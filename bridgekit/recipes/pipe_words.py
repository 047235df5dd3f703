"""pipework's command line, read: HOSTIF [-i GUESTIF] [-l HOSTSIDE] [-a FAMILY] GUEST IP/MASK[@GATEWAY] [MAC][@VLAN].

Its options may stand anywhere.  Source: jpetazzo/pipework, its usage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5
from ipaddress import ip_address
from typing import Any

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.names.addresses import address_text
from bridgekit.recipes.configuring import NO_ADDRESS
from bridgekit.translation import tr

KINDS = ("bridge", "nic", "ovs", "ipoib", "dummy")
IPVLAN_MODES = ("l2", "l3", "l3s")
VERBS = ("route", "rule", "tc")
AND = "+"  # between a guest's interfaces, where one call is about several
USAGE = "bridgekit pipework HOSTIF [-i GUESTIF] [-l HOSTSIDE] [-a FAMILY] GUEST IP/MASK[@GATEWAY] [MAC][@VLAN]"
VALUES = ("-i", "-l", "-a", "--type", "--mode", "--mtu", "--route", "--timeout")
_FLAGS = ("--direct-phys", "--no-forward", "--no-replies", "--host-route")
_FAMILIES = {"4": 4, "inet": 4, "6": 6, "inet6": 6}
# What a name tells.  A letter more is another word: `broken0` is no bridge.
_BY_NAME = {
    "bridge": re.compile(r"(br|bridge)([0-9_.-].*)?\Z", re.ASCII),
    "ovs": re.compile(r"ovs([0-9_.-].*)?\Z", re.ASCII),
    "ipoib": re.compile(r"ib([0-9_.-].*)\Z", re.ASCII),
    "dummy": re.compile(r"dummy\Z", re.ASCII),
}
_DHCP = re.compile(r"(dhcp|dhclient|udhcpc|dhcpcd)(-f)?(:.*)?\Z", re.ASCII | re.DOTALL)
_HARDWARE = re.compile(r"[0-9A-Fa-f]{1,2}(:[0-9A-Fa-f]{1,2})+(@.*)?\Z", re.ASCII)


@dataclass(frozen=True)
class Words:
    """What a command line says.

    link: HOSTIF, or `mac:ADDRESS`.  uplink: of a bridge, the NIC on whose VLAN it is.
    kind: one of KINDS; empty where only the host can tell a bridge from a NIC.
    client: a DHCP client and its options, `udhcpc:-T 3`, in the address's place; then there is none.
    timeout: how long to wait for its lease, in seconds.
    addresses: CIDR, or `0/0` alone.  routers: the gateways of these.  vlan: as it was given; empty: none.
    """

    link: str
    kind: str
    guest: str
    interface: str
    addresses: tuple[str, ...]
    routers: tuple[str, ...] = ()
    client: str = ""
    timeout: int | None = None
    hostside: str | None = None
    mac: str | None = None
    vlan: str = ""
    direct: bool = False
    mode: str | None = None
    uplink: str = ""
    mtu: int | None = None
    routes: tuple[str, ...] = ()
    forward: bool = True
    replies: bool = True
    host_route: bool = False


@dataclass
class _Split:
    """Options and their values, and the words that are no options."""

    values: dict[str, list[str]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def one(self, option: str) -> str | None:
        """An option's value.  Raises InputError where it was given twice."""
        found = self.values.get(option, [])
        if len(found) > 1:
            raise InputError(tr("an option twice: {0}", f"{option} {' '.join(found)}"), tr("each of them once"))
        return found[0] if found else None


def parts(words: Sequence[str]) -> list[list[str]]:
    """The command lines that words hold, one an interface; from the second on, `-i` need not be said."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == AND:
            found.append([])
        else:
            found[-1].append(word)
    named = (["-i", f"eth{number}"] if number > 1 and "-i" not in part else [] for number, part in enumerate(found, 1))
    return [[*part, *name] for part, name in zip(found, named, strict=True)]


def read(words: Sequence[str]) -> Words:
    """A command line for one interface.  Raises InputError."""
    split = _split(words)
    where, guest, address, *rest = split.words if len(split.words) > 2 else ("", "", "")
    if not address:
        raise InputError(tr("pipework wants HOSTIF, GUEST and an address: {0!r}", " ".join(words)), USAGE)
    client = address if _DHCP.match(address) else ""
    link, uplink = _link(where)
    kind = _kind(link, split.one("--type"), "--direct-phys" in split.flags)
    names.guest(guest)
    addresses, hardware = _sorted((NO_ADDRESS if client else address, *rest))
    found, routers = _addresses(addresses, split.one("-a"))
    mac, vlan = _hardware(hardware)
    interface = split.one("-i") or (link if kind == "ipoib" else "eth1")
    said = Words(link, kind, guest, names.interface(interface), found, routers)
    return replace(said, client=client, uplink=uplink, mac=mac, vlan=vlan, **_options(split))


def client(text: str) -> tuple[str, tuple[str, ...]]:
    """A DHCP client and its options; `dhcp` was one of busybox, and is any where it has no options.  They all stay."""
    name, _, words = _DHCP.findall(text)[0]
    options = (words.removeprefix(":"),) if words.strip(": ") not in ("", "-f") else ()
    return ("udhcpc" if options else "any") if name == "dhcp" else name, options


def _options(split: _Split) -> dict[str, Any]:
    numbers = {name: split.one(f"--{name}") for name in ("mtu", "timeout")}
    return {name: None if text is None else names.whole(text) for name, text in numbers.items()} | {
        "hostside": split.one("-l"),
        "direct": "--direct-phys" in split.flags,
        "mode": split.one("--mode"),
        "routes": tuple(split.values.get("--route", ())),
        "forward": "--no-forward" not in split.flags,
        "replies": "--no-replies" not in split.flags,
        "host_route": "--host-route" in split.flags,
    }


def _split(words: Sequence[str]) -> _Split:
    found, rest = _Split(), iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if word in _FLAGS:
            found.flags.add(word)
        elif word in VALUES or (equals and option.startswith("--") and option in VALUES):
            given = value if equals else next(rest, None)
            if given is None:
                raise InputError(tr("an option without its value: {0!r}", word), USAGE)
            found.values.setdefault(option, []).append(given)
        elif word.startswith("-"):
            raise InputError(tr("not an option of pipework: {0!r}", word), USAGE)
        else:
            found.words.append(word)
    return found


def _link(text: str) -> tuple[str, str]:
    """HOSTIF, and the NIC that it leads to by a VLAN: `br20@eth0`."""
    if text.startswith("mac:"):
        return f"mac:{names.mac(text.removeprefix('mac:'))}", ""
    link, at, uplink = text.partition("@")
    return names.interface(link), names.interface(uplink) if at else ""


def _kind(link: str, given: str | None, direct: bool) -> str:
    """What HOSTIF is, as it was said, or as its name tells."""
    if given is not None and given not in KINDS:
        raise InputError(tr("not a kind of HOSTIF: {0!r}", given), tr("one of: {0}", ", ".join(KINDS)))
    if link.startswith("mac:"):
        return given or "nic"
    return given or next((kind for kind, name in _BY_NAME.items() if name.match(link)), "nic" if direct else "")


def _sorted(words: Sequence[str]) -> tuple[list[str], str]:
    """Addresses, and the MAC address with the VLAN, which may stand alone or one behind the other."""
    addresses: list[str] = []
    hardware = ""
    for word in words:
        if not (word.startswith(("U:", "@")) or _HARDWARE.match(word)):
            if hardware:
                raise InputError(tr("an address behind the MAC address: {0!r}", word), USAGE)
            addresses.append(word)
        elif hardware and not (word.startswith("@") and "@" not in hardware):
            raise InputError(tr("a second MAC address or VLAN: {0!r}", word), USAGE)
        else:
            hardware += word
    if not addresses:
        raise InputError(tr("no address: {0!r}", " ".join(words)), USAGE)
    return addresses, hardware


def _addresses(texts: Sequence[str], family: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Addresses and gateways."""
    if family is not None and family not in _FAMILIES:
        raise InputError(tr("not a family: {0!r}", family), tr("one of: {0}", "4, 6, inet, inet6"))
    found, routers = [], []
    for text in texts:
        address, at, router = text.partition("@")
        if at and "/" not in address and _is_address(address):
            usual = 64 if names.six(address) else 24
            raise InputError(
                tr("an address without its prefix: {0!r}", text), tr("did you mean {0}?", f"{address}/{usual}@{router}")
            )
        known = NO_ADDRESS if address == NO_ADDRESS else str(names.host_address(address))
        if known == NO_ADDRESS and len(texts) > 1:
            raise InputError(tr("no address, and others: {0!r}", " ".join(texts)), tr("0/0 alone, or the others"))
        found.append(known)
        if at:
            routers.append(address_text(names.lone_address(router)))
    for each in (*found, *routers):
        if family and each != NO_ADDRESS and names.version(each) != _FAMILIES[family]:
            raise InputError(tr("not an address of family {0}: {1!r}", family, each), tr("leave -a out"))
    return tuple(found), tuple(routers)


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _hardware(text: str) -> tuple[str | None, str]:
    """A MAC address, or one made of a text, and what stands behind the `@`."""
    mac, at, vlan = text.rpartition("@") if "@" in text else (text, "", "")
    if at and not vlan:
        raise InputError(tr("no VLAN behind the @: {0!r}", text), tr("a number from 1 to 4094"))
    if not mac:
        return None, vlan
    if not mac.startswith("U:"):
        return names.mac(mac), vlan
    if mac == "U:":
        raise InputError(tr("no text to make a MAC address of: {0!r}", mac), tr("U:STRING, such as U:web.example.test"))
    digest = md5(f"{mac.removeprefix('U:')}\n".encode(), usedforsecurity=False).hexdigest()
    return names.mac(":".join(("02", *(digest[at : at + 2] for at in range(0, 10, 2))))), vlan
