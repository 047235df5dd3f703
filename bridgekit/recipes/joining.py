"""A guest joins an engine's network: the lowest free address, the MAC made of it, the pair, the route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, within
from bridgekit.recipes import guestfiles, linking, wiring
from bridgekit.recipes.engine import Network
from bridgekit.translation import tr
from bridgekit.words import Text, Var

HOME = Var("home")


@dataclass(frozen=True)
class Place:
    """Who joins what by which pair."""

    network: Network
    party: wiring.Party
    wire: wiring.Wire

    @property
    def cidr(self) -> Var:
        """The variable that holds the guest's address with its prefix."""
        return Var("cidr")

    @property
    def address(self) -> Var:
        """The same without its prefix."""
        return linking.address_of(self.party)

    @property
    def mac(self) -> Var:
        """The variable that holds the MAC address that is made of it."""
        return Var("mac")

    @property
    def gateway(self) -> Text:
        """What the guest's default route leads to."""
        return self.network.gateway or Var("gateway")


def ready(place: Place, ip: str | None, highest: bool, links: Sequence[linking.Link], files: Sequence[str]) -> Steps:
    """Learn who the guest is, where its files are, which address it gets; all that it takes is free."""
    network, party, wire = place.network, place.party, place.wire
    yield from wiring.identify(party)
    yield op.Need("Network", bridge=network.bridge, command=network.command)
    if files:
        yield from guestfiles.locate(party, *files)
    yield op.Capture(HOME, "Home", bridge=network.bridge)
    yield op.Need("Subnet", variable=HOME, device=network.bridge)
    if not network.gateway:
        yield op.Capture(Var("gateway"), "Alone", cidr=HOME)
    yield from _addressed(place, ip, highest)
    yield from wiring.free(wire, party, place.gateway)
    yield op.Need("NoPort", name=wire.veth, master=network.bridge)
    for link in links:
        yield from linking.find(link, network.bridge)


def _addressed(place: Place, ip: str | None, highest: bool) -> Steps:
    """Learn which address it gets."""
    network = place.network
    pool = "" if highest else network.pool  # an engine's own come from there
    if ip is not None:
        pool = f"{_address(ip, network)}/32"
    yield op.Capture(
        place.cidr,
        "HighestAddress" if highest else "FreeAddress",
        bridge=network.bridge,
        home=HOME,
        pool=pool,
        path=place.party.path,
        interface=place.wire.interface,
        kept=network.kept,
    )
    yield op.Need("FreeAddress", address=place.cidr, bridge=network.bridge)
    yield op.Capture(place.address, "Alone", cidr=place.cidr)


def _address(text: str, network: Network) -> names.Address:
    address = names.lone_address(text)
    if address.version != 4:
        raise InputError(tr("not an IPv4 address: {0!r}", text), tr("one of {0}'s subnet", network.bridge))
    if isinstance(network.subnet, str) and network.address:
        names.gateway(text, names.host_address(network.address))
    return address


def join(place: Place, mac: str | None) -> Steps:
    """The four steps: a pair, one end on the bridge, the other inside as eth0, address and route."""
    network, wire = place.network, place.wire
    yield from wiring.name_netns(wire.netns, place.party, "bind")
    yield op.VethAdd(wire.veth, wire.peer, queue="0")  # as the engine has them
    if network.mtu:
        yield op.LinkSet(wire.veth, "mtu", str(network.mtu))
    yield op.LinkSet(wire.veth, "master", network.bridge)
    if not network.proxy:
        yield op.LinkSet(wire.veth, "hairpin")
    yield op.LinkSet(wire.veth, "up")
    yield op.LinkSetNetns(wire.peer, wire.netns)
    yield within(wire.netns, op.LinkRename(wire.peer, wire.interface))
    yield from _inside(place, mac)


def _inside(place: Place, mac: str | None) -> Steps:
    network, wire = place.network, place.wire
    if mac is None:
        yield op.Capture(place.mac, "Mac", address=place.address)
    yield within(wire.netns, op.LinkSet(wire.interface, "address", place.mac if mac is None else names.mac(mac)))
    if network.mtu:
        yield within(wire.netns, op.LinkSet(wire.interface, "mtu", str(network.mtu)))
    yield within(wire.netns, op.LinkSet("lo", "up"), note="lo-up")
    yield within(wire.netns, op.AddressAdd(wire.interface, place.cidr))
    yield within(wire.netns, op.LinkSet(wire.interface, "up"))
    yield within(wire.netns, op.RouteAdd(place.gateway, wire.interface))
