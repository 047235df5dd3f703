"""Who takes part: the host and its guests, with their namespaces and addresses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridgekit.errors import HostError
from bridgekit.facts.guests import inode, spelling
from bridgekit.facts.links import global_addresses
from bridgekit.facts.pings import source_towards
from bridgekit.facts.spaces import Space
from bridgekit.facts.survey import Survey, survey
from bridgekit.names import Guest, six
from bridgekit.translation import tr

HOST = "host"


@dataclass(frozen=True)
class Party:
    """One who asks and is asked.  addresses: its global ones, without prefix."""

    name: str
    space: Space
    addresses: tuple[str, ...]

    def asked_by(self, other: Party) -> tuple[str, ...]:
        """The addresses at which another asks for it.

        Of a guest, those of the IP versions that the other has too; of the host, those from which it sends to
        the other.
        """
        if self.space.is_host:
            found = (source_towards(self.space, address) for address in other.addresses)
            return tuple(dict.fromkeys(address for address in found if address))
        versions = set(map(six, other.addresses))
        return tuple(address for address in self.addresses if six(address) in versions)


def parties(guests: Sequence[Guest]) -> tuple[list[Party], list[str]]:
    """The host, then these guests, or without any all containers and named namespaces that have an address.

    Also the names of those that were left out.  Raises HostError if a guest is not there.
    """
    if guests and os.geteuid() != 0:
        raise HostError(tr("not root, so the network of guests is out of reach"), "sudo bridgekit verify ...")
    seen = survey(everyone=True)
    host = _party(HOST, seen.host, seen)
    if guests:
        return [host, *(_party(str(guest), _space(guest, seen), seen) for guest in guests)], []
    found = sorted(_running(seen), key=lambda party: party.name)
    return [host, *(each for each in found if each.addresses)], [each.name for each in found if not each.addresses]


def _running(seen: Survey) -> Iterator[Party]:
    """Containers and named namespaces; many programs sandbox themselves in a namespace, and are nobody's guests."""
    for space in seen.links:
        if not space.is_host and (space.names or space.inode in seen.containers):
            yield _party(spelling(space, seen.containers), space, seen)


def _party(name: str, space: Space, seen: Survey) -> Party:
    return Party(name, space, global_addresses(seen.links[space]))


def _space(guest: Guest, seen: Survey) -> Space:
    number = inode(guest)
    space = next((each for each in seen.links if each.inode == number), None)
    if space is None:
        raise HostError(
            tr("no such guest is running: {0!r}", str(guest)), tr("bridgekit verify without a name finds them all")
        )
    if space.is_host:
        raise HostError(tr("{0} is in this host's own network", guest), tr("leave it out; `host` always takes part"))
    return space
