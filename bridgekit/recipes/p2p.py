"""A point-to-point link between two guests, or a guest and the host: no bridge, no subnet."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import wiring
from bridgekit.recipes.cable import End, host_end, link
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("p2p-{guest_a}-{guest_b}", document="003")
def p2p(
    guest_a: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N, netns:NAME, or host", GUEST],
    address_a: Annotated[str, "its address on the link: 10.1.1.1"],
    guest_b: Annotated[str, "the other guest, or host", GUEST],
    address_b: Annotated[str, "its address on the link: 10.1.1.2"],
    *,
    handle: Annotated[str, "how a guest's namespace gets its name", OneOf(wiring.HANDLES)] = "bind",
) -> Steps:
    """Link two guests, or a guest and this host, by a cable of their own.

    Raises InputError.  Source: sequences 003.p2p, 003.p2p-host, 003.p2p-beside; man 8 ip-route.
    """
    sides = sorted(
        [(guest_a, names.lone_address(address_a)), (guest_b, names.lone_address(address_b))], key=_host_first
    )
    addresses = [address for _, address in sides]
    _refuse([guest for guest, _ in sides], addresses)
    number = names.number(*(f"{guest} {address}" for guest, address in sorted(sides, key=str)))
    ends = [
        _end(guest, suffix, f"p2p{number}{suffix[1:].lower()}", str(address))
        for (guest, address), suffix in zip(sides, ("_A", "_B"), strict=True)
    ]
    yield from link(ends[0], ends[1], wiring.handle_of(handle))


def _host_first(side: tuple[str, object]) -> bool:
    return side[0] != names.HOST


def _refuse(guests: list[str], addresses: list[names.Address]) -> None:
    wiring.refuse_same(*guests)
    if addresses[0] == addresses[1]:
        raise InputError(
            tr("one address for both ends: '{0}'", addresses[0]), tr("two addresses, such as 10.1.1.1 and 10.1.1.2")
        )
    if addresses[0].version != addresses[1].version:
        raise InputError(
            tr("an IPv4 and an IPv6 address: '{0}', '{1}'", addresses[0], addresses[1]), tr("two of one family")
        )


def _end(guest: str, suffix: str, name: str, address: str) -> End:
    if guest == names.HOST:
        return host_end(name, address)
    party = wiring.Party(names.guest(guest), suffix)
    return End(name, address, party, wiring.netns_of(party.guest))
