"""What an interface gets inside its guest: addresses, routes, and a word to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, within
from bridgekit.recipes import wiring
from bridgekit.translation import tr

_FIRST_TABLE, _TABLES = 10_000, 10_000  # of routing tables, each with its number as a priority, and the next one
NO_ADDRESS = "0/0"  # what stands for none where an address is wanted


@dataclass(frozen=True)
class Inside:
    """An interface's addresses and routes.

    gateway: its default route, where the guest has none.  via: default routes in place of those that it has, one of a
    family.  routes: destinations, each with the router that leads there (empty: a neighbour).
    notify: tell the neighbours which MAC address it has.  table: for replies by the routes that are replaced; 0: none.
    """

    addresses: tuple[names.Interface, ...]
    gateway: names.Address | None = None
    via: tuple[names.Address, ...] = ()
    routes: tuple[tuple[names.Network, str], ...] = ()
    notify: bool = False
    table: int = 0

    @property
    def version(self) -> int:
        """The IP version that asks for more of a link: 6 where it is spoken."""
        return max((*(each.version for each in (*self.addresses, *self.via)), 4))

    @property
    def versions(self) -> tuple[int, ...]:
        """The IP versions that are spoken; IPv4 where no address says."""
        return tuple(sorted({each.version for each in (*self.addresses, *self.via)})) or (4,)


def inside(
    address: str,
    more: Sequence[str] | None = None,
    gateway: str | None = None,
    via: Sequence[str] | None = None,
    routes: Sequence[str] | None = None,
    notify: bool = False,
) -> Inside:
    """The same, checked.  Raises InputError."""
    first = () if address == NO_ADDRESS else (names.host_address(address),)
    found = (*first, *map(names.host_address, more or ()))
    if len(set(found)) < len(found):
        raise InputError(tr("one address twice: {0}", ", ".join(map(str, found))), tr("each of them once"))
    if gateway is not None and (via or not first):
        raise InputError(
            tr("--gateway and --via exclude each other") if via else tr("a gateway without an address"),
            tr("--via GATEWAY is for a network that is there already"),
        )
    router = None if gateway is None else names.gateway(gateway, found[0])
    instead = _routers(tuple(via or ()), found)
    known = (*instead, *((router,) if router else ()))
    return Inside(found, router, instead, tuple(_route(text, found, known) for text in routes or ()), notify)


def replying(wanted: Inside, wire: wiring.Wire, keep: bool) -> Inside:
    """The same, where replies go on leaving by the routes that are replaced."""
    number = int(names.number(wire.interface), 16) % _TABLES
    return replace(wanted, table=_FIRST_TABLE + 2 * number if keep else 0)


def _routers(texts: tuple[str, ...], own: tuple[names.Interface, ...]) -> tuple[names.Address, ...]:
    """Gateways, one of a family; each may be outside of all subnets."""
    found = tuple(map(names.lone_address, texts))
    if len({each.version for each in found}) < len(found):
        raise InputError(
            tr("two default routes of one family: {0}", ", ".join(texts)), tr("one for IPv4, one for IPv6")
        )
    for each in found:
        if any(each == address.ip for address in own):
            raise InputError(
                tr("the gateway is the guest's own address: {0!r}", str(each)), tr("another host's address")
            )
    return found


def _route(text: str, own: tuple[names.Interface, ...], known: tuple[names.Address, ...]) -> tuple[names.Network, str]:
    """`DEST` or `DEST@VIA`."""
    destination, at, router = text.partition("@")
    network = names.prefix(destination)
    if not at:
        return network, ""
    through = names.lone_address(router)
    if through.version != network.version:
        raise InputError(tr("a route of one family through the other: {0!r}", text), tr("two of one family"))
    near = through.is_link_local or through in known or any(through in address.network for address in own)
    if not near or any(through == address.ip for address in own):
        raise InputError(
            tr("no neighbour that could lead there: {0!r}", text),
            tr("another host of {0}", ", ".join(str(address.network) for address in own) or tr("a subnet of its own")),
        )
    return network, str(through)


def free(who: wiring.Party, wanted: Inside) -> Steps:
    """The guest has no default route, or this one, or it is replaced."""
    yield from wiring.default_free(who, wanted.gateway)
    yield from others(who, wanted)


def others(who: wiring.Party, wanted: Inside) -> Steps:
    """Its routers are not the guest itself."""
    for router in wanted.via:
        yield op.Need("Router", path=who.path, via=str(router))


def addressed(wire: wiring.Wire, wanted: Inside) -> Steps:
    """The loopback and the interface are up, with its addresses."""
    yield within(wire.netns, op.LinkSet("lo", "up"), note="lo-up")
    if 6 in wanted.versions:
        yield from wiring.six_on(wire)
    if wanted.notify:
        for version in wanted.versions:
            key = {4: "net/ipv4/conf/{0}/arp_notify", 6: "net/ipv6/conf/{0}/ndisc_notify"}[version]
            yield within(wire.netns, op.SysctlSet(key.format(wire.interface), "1"), "notify", interface=wire.interface)
    for number, address in enumerate(wanted.addresses):
        yield within(wire.netns, op.AddressAdd(wire.interface, str(address), more=number > 0))
    yield within(wire.netns, op.LinkSet(wire.interface, "up"))


def routed(wire: wiring.Wire, wanted: Inside) -> Steps:
    """Its routes; a gateway that is in none of its subnets is a neighbour all the same."""
    if wanted.gateway is not None:
        yield within(wire.netns, op.RouteAdd(str(wanted.gateway), wire.interface))
    for router in wanted.via:
        if not (router.is_link_local or any(router in address.network for address in wanted.addresses)):
            alone = f"{router}/{router.max_prefixlen}"
            yield within(wire.netns, op.RouteAdd("", wire.interface, alone), "off-link", router=str(router))
        if wanted.table:
            yield within(wire.netns, op.RepliesKeep(router.version, wire.interface, wanted.table))
        yield within(wire.netns, op.DefaultReplace(str(router), wire.interface))
    for network, through in wanted.routes:
        yield within(wire.netns, op.RouteAdd(through, wire.interface, str(network)))


def announced(wire: wiring.Wire, wanted: Inside) -> Steps:
    """The neighbours hear which MAC address it has, once its way out is open."""
    if wanted.notify:
        yield within(wire.netns, op.LinkSet(wire.interface, "address again"), "announce")


def configured(wire: wiring.Wire, wanted: Inside) -> Steps:
    """All of it, where nothing outside of the guest has to be done between."""
    yield from addressed(wire, wanted)
    yield from routed(wire, wanted)
    yield from announced(wire, wanted)
