"""Who takes part: the host and its guests, with their namespaces and addresses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bridgekit import sandbox
from bridgekit.errors import HostError
from bridgekit.facts.guests import everyone, space_of, way_to
from bridgekit.facts.links import global_addresses, links
from bridgekit.facts.pings import source_towards
from bridgekit.facts.spaces import Space, here
from bridgekit.names import Guest, six
from bridgekit.translation import tr

HOST = "host"


@dataclass(frozen=True)
class Party:
    """One who asks and is asked.

    addresses: its global ones, without prefix.
    asks: whether it also asks; the world outside a throw-away host is asked alone.
    """

    name: str
    space: Space
    addresses: tuple[str, ...]
    asks: bool = True

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
    chosen = [(str(guest), _space(guest)) for guest in guests] or _everyone()
    every = [(HOST, here()), *chosen]
    with ThreadPoolExecutor() as pool:
        addresses = list(pool.map(lambda each: global_addresses(links(each[1])), every))
    found = [
        Party(name, space, own, bool(guests) or not sandbox.is_outside(space.names))
        for (name, space), own in zip(every, addresses, strict=True)
    ]
    out = [] if guests else [each for each in found[1:] if not each.addresses]
    return [each for each in found if each not in out], [each.name for each in out]


def _everyone() -> list[tuple[str, Space]]:
    named = (
        (sandbox.OUTSIDE if sandbox.is_outside(space.names) else name, space) for space, name in everyone().items()
    )
    return sorted(named, key=lambda each: each[0])


def _space(guest: Guest) -> Space:
    space = space_of(guest)
    if space is None:
        hint = way_to(guest) or tr("bridgekit verify without a name finds them all")
        raise HostError(tr("no such guest is running: {0!r}", str(guest)), hint)
    if space.is_host:
        raise HostError(tr("{0} is in this host's own network", guest), tr("leave it out; `host` always takes part"))
    return space
