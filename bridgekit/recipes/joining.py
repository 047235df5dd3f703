"""A guest joins an engine's network: the lowest free address, the MAC made of it, the pair, the route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, within
from bridgekit.recipes import guestfiles, linking, wiring
from bridgekit.recipes.engine import Network
from bridgekit.words import Text, Var

HOME, CIDR, ADDRESS, MAC = Var("home"), Var("cidr"), Var("address"), Var("mac")


@dataclass(frozen=True)
class Place:
    """Who joins what by which pair."""

    network: Network
    party: wiring.Party
    wire: wiring.Wire

    @property
    def address(self) -> Text:
        """The guest's address, without prefix."""
        return ADDRESS

    @property
    def gateway(self) -> Text:
        """What the guest's default route leads to."""
        return self.network.gateway or Var("gateway")


def ready(place: Place, ip: str | None, links: Sequence[linking.Link], files: Sequence[str]) -> Steps:
    """Learn who the guest is, where its files are, which address it gets; all that it takes is free."""
    network, party, wire = place.network, place.party, place.wire
    yield from wiring.identify(party)
    yield op.NeedNetwork(network.bridge, network.command)
    if files:
        yield from guestfiles.locate(party, *files)
    yield op.CaptureHome(HOME, network.bridge)
    yield op.NeedSubnet(HOME, network.bridge)
    if not network.gateway:
        yield op.CaptureAlone(Var("gateway"), HOME)
    pool = network.pool if ip is None else f"{_address(ip, network)}/32"
    yield op.CaptureFreeAddress(CIDR, network.bridge, HOME, pool, party.path, wire.interface, network.gateway)
    yield op.NeedFreeAddress(CIDR, network.bridge)
    yield op.CaptureAlone(ADDRESS, CIDR)
    yield from wiring.free(wire, party, place.gateway)
    for link in links:
        yield from linking.find(link, network.bridge)


def _address(text: str, network: Network) -> names.Address:
    address = names.lone_address(text)
    if address.version != 4:
        raise InputError(f"not an IPv4 address: {text!r}", f"one of {network.bridge}'s subnet")
    if isinstance(network.subnet, str) and network.address:
        names.gateway(text, names.host_address(network.address))
    return address


def join(place: Place, mac: str | None) -> Steps:
    """The four steps: a pair, one end on the bridge, the other inside as eth0, address and route."""
    network, wire = place.network, place.wire
    yield from wiring.name_netns(wire.netns, place.party, "bind")
    yield op.VethAdd(wire.veth, wire.peer)
    if network.mtu:
        yield op.LinkSetMtu(wire.veth, network.mtu)
    yield op.LinkSetMaster(wire.veth, network.bridge)
    if not network.proxy:
        yield op.LinkSetHairpin(wire.veth)
    yield op.LinkSetUp(wire.veth)
    yield op.LinkSetNetns(wire.peer, wire.netns)
    yield within(wire.netns, op.LinkRename(wire.peer, wire.interface))
    yield from _inside(place, mac)


def _inside(place: Place, mac: str | None) -> Steps:
    network, wire = place.network, place.wire
    if mac is None:
        yield op.CaptureMac(MAC, place.address)
    yield within(wire.netns, op.LinkSetAddress(wire.interface, MAC if mac is None else names.mac(mac)))
    if network.mtu:
        yield within(wire.netns, op.LinkSetMtu(wire.interface, network.mtu))
    yield within(wire.netns, op.LinkSetUp("lo"), note="lo-up")
    yield within(wire.netns, op.AddressAdd(wire.interface, CIDR))
    yield within(wire.netns, op.LinkSetUp(wire.interface))
    yield within(wire.netns, op.RouteAdd(place.gateway, wire.interface))
