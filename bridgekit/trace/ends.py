"""FROM and TO: who sends, and to which address."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address

from bridgekit import names
from bridgekit.errors import HostError, InputError
from bridgekit.facts.guests import inode, way_to
from bridgekit.facts.links import global_addresses
from bridgekit.facts.pings import source_towards
from bridgekit.facts.spaces import Space
from bridgekit.names import HOST, six
from bridgekit.names.ports import ports
from bridgekit.trace.scene import OUTSIDE, Scene
from bridgekit.trace.send import Asked
from bridgekit.translation import tr

_KINDS = ("netns", "pid", "podman", "lxc", "docker")
_PORT = re.compile(r"(.+):([0-9]+(?:/[a-z]+)?)\Z", re.ASCII)
_FORM = tr("host, outside, a guest (web, podman:web, pid:4242, netns:red), or an address")
_NAMES = tr("names are not looked up; its address, such as 203.0.113.2, or a guest")
_LEAST = {4: 28, 6: 48}


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for, checked as far as it can be without looking.

    port: 0 for a ping.  protocol: `icmp`, `tcp` or `udp`.  size: in bytes; 0: the usual.  sport: 0: a free one.
    """

    source: str
    target: str
    port: int = 0
    protocol: str = "icmp"
    size: int = 0
    sport: int = 0


def split(text: str) -> tuple[str, int | None, str]:
    """TO, its port and its protocol: `web`, `web:80`, `netns:red:53/udp`, `[fd00::2]:80`.  Raises InputError."""
    if _is_address(text.strip("[]")):
        return text.strip("[]"), None, "tcp"
    found, (place, _, last) = _PORT.match(text), text.rpartition(":")
    if not found or found[1] in _KINDS:
        if place and place not in _KINDS:
            raise InputError(
                tr("not a port: {0!r}, of {1!r}", last, text),
                tr("its number: {0}:80, or {0}:53/udp; without one it is a ping", place),
            )
        return text, None, "tcp"
    port = ports(found[2])[0]
    return found[1].strip("[]"), port.number, port.protocol


def wanted(source: str, target: str, port: int | None, protocol: str, size: int | None, sport: int | None) -> Wanted:
    """The same, checked.  Raises InputError."""
    if (found := _PORT.match(source)) and found[1] not in _KINDS and not _is_address(source):
        raise InputError(
            tr("who sends is named without a port: {0!r}", source), tr("--sport N is the one it comes from")
        )
    for text in (source, target):
        if not _is_address(text) and text not in (HOST, OUTSIDE):
            names.guest(text)
        elif _is_address(text):
            names.target(text)
    if protocol not in ("tcp", "udp"):
        raise InputError(tr("not a protocol: {0!r}", protocol), tr("tcp or udp"))
    for number in (port, sport):
        if number is not None and not 1 <= number <= 65535:
            raise InputError(tr("not a port: {0}", number), tr("1 to 65535"))
    if sport is not None and sport == port:
        raise InputError(tr("the port that it comes from and that it goes to are both {0}", port), tr("--sport OTHER"))
    if size is not None:
        _check_size(size, port, protocol)
    return Wanted(source, target, port or 0, protocol if port else "icmp", size or 0, sport or 0)


def _check_size(size: int, port: int | None, protocol: str) -> None:
    if port and protocol == "tcp":
        raise InputError(
            tr("a connection begins with a small packet, whatever its size is to be later"),
            tr("--size is for a ping (leave the port out), or for PORT/udp"),
        )
    if not _LEAST[4] <= size <= 65535:
        raise InputError(tr("not a size: {0}", size), tr("{0} to 65535 bytes, of the whole packet", _LEAST[4]))


def check_rights() -> None:
    """Raises HostError for an ordinary user."""
    if os.geteuid() != 0:
        raise HostError(
            tr("needs root: reading a wire and asking for a trace are root's"),
            tr("sudo bridgekit trace ...; in a throw-away host they are yours: bridgekit sandbox"),
        )


def asked(want: Wanted, scene: Scene, tag: int) -> Asked:
    """What is to be sent, from where to where.  Raises HostError for one who is not there."""
    space = _space(want.source, scene)
    own = want.source if _is_address(want.source) else ""
    address = want.target if _is_address(want.target) else _address(want.target, space, own, scene)
    if want.size and want.size < _LEAST[6 if six(address) else 4]:
        raise InputError(tr("not a size: {0}", want.size), tr("{0} to 65535 bytes, of the whole packet", _LEAST[6]))
    if own and six(own) != six(address):
        raise InputError(tr("{0} and {1} are of two IP versions", own, address), tr("both IPv4, or both IPv6"))
    whom = None if _is_address(want.target) else _space(want.target, scene)
    return Asked(space, address, want.sport or tag, want.protocol, want.port, want.size, own, whom)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _space(text: str, scene: Scene) -> Space:
    if text == HOST:
        return scene.host
    if _is_address(text):
        return _owner(text, scene)
    guest = names.guest(text)
    number = inode(guest)
    for space in scene.seen.links:
        if space.inode == number or (number is None and guest.kind == "docker" and guest.name in space.names):
            return space
    if text == OUTSIDE:
        raise HostError(
            tr("what is outside of this host cannot be sent from here"),
            tr("a throw-away host has an outside: bridgekit sandbox"),
        )
    hint = _NAMES if guest.kind == "docker" and ("." in text or text == "localhost") else way_to(guest) or _FORM
    raise HostError(tr("no such guest is running: {0!r}", str(guest)), hint)


def _owner(address: str, scene: Scene) -> Space:
    owners = scene.owners(str(ip_address(address)))
    if not owners:
        raise HostError(tr("no network that is known here has the address {0}", address), _FORM)
    return owners[0][0]


def _address(text: str, source: Space, own: str, scene: Scene) -> str:
    """At which of its addresses one is asked: of a version that the asking one has too, of the host the nearest."""
    space = _space(text, scene)
    mine = (own,) if own else global_addresses(scene.links(source))
    theirs = global_addresses(scene.links(space))
    if space.is_host and not source.is_host:
        near = [address for each in mine if (address := source_towards(space, each)) and address in theirs]
        theirs = (*near, *theirs)
    versions = set(map(six, mine)) or {False, True}
    fitting = [address for address in theirs if six(address) in versions]
    if not fitting:
        raise HostError(tr("{0} has no address to ask", text), tr("bridgekit show tells who has which"))
    # One that nobody else has, if there is one: two homes may have the same addresses inside.
    return min(fitting, key=lambda each: (six(each), len({owner for owner, _ in scene.owners(each)})))
