"""A running guest gets a sub-interface of an InfiniBand card."""

from __future__ import annotations

import re
from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, lone, parents, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr

_PKEY = re.compile(r"(0x)?([0-9A-Fa-f]{1,4})\Z", re.ASCII)


@recipe("ipoib-{guest}-{interface}")
def ipoib(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address, CIDR: 10.0.0.2/24; 0/0: none"],
    *,
    parent: Annotated[str, "the InfiniBand interface of this host: ib0"],
    pkey: Annotated[str | None, "a partition's key, hexadecimal: 8001; default: the card's"] = None,
    interface: Annotated[str, "the interface's name in the guest"] = "ib0",
    mtu: Annotated[int | None, "its MTU, in bytes"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    notify: Annotated[bool, "tell the neighbours at once which hardware address it has"] = False,
) -> Steps:
    """Give a running guest a sub-interface of an InfiniBand card of this host.

    Raises InputError.  Source: man 8 ip-link, ipoib.
    """
    who, wanted = wiring.Party(names.guest(guest)), configuring.inside(address, add_address, None, via, route, notify)
    above, key = parents.parent_of(parent), "" if pkey is None else _key(pkey)
    wire = lone.wire_of(who.guest, interface, "ipoib")
    own = wiring.settings(wanted.version, mtu)
    yield from wiring.identify(who)
    yield from parents.known(above)
    yield from lone.free("ipoib", who, wire, wanted, above.link)
    yield from wiring.name_netns(wire.netns, who, "bind")
    made = op.IpoibAdd(wire.peer, above.link, lone.home(wire), wire.interface, key)
    up = op.LinkSet(above.link, "up below")
    yield from lone.placed(wire, (made, up), wanted, None, own)


def _key(text: str) -> str:
    found = _PKEY.match(text)
    if not found or not int(found[2], 16) & 0x7FFF:
        raise InputError(tr("not a partition key: {0!r}", text), tr("one to four hexadecimal digits, such as 8001"))
    return f"0x{found[2].lower()}"
