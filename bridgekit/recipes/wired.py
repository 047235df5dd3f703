"""All that `docker run` does to the network for one guest."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.names.ports import Publication
from bridgekit.plan import Steps
from bridgekit.recipes import joining, linking, naming, publishing, wiring
from bridgekit.recipes.engine import Network
from bridgekit.recipes.networks import DEFAULT_BRIDGE


@dataclass(frozen=True)
class Wanted:
    """What a guest gets on a network.

    ip, highest, mac: rather than the lowest free address, and the MAC made of it.
    """

    interface: str
    ip: str | None
    highest: bool
    mac: str | None
    ports: tuple[Publication, ...]
    links: tuple[linking.Link, ...]
    names: naming.Naming


def wired(network: Network, party: wiring.Party, wanted: Wanted) -> Steps:
    """Give a guest its place on a network: address, ports, links, names.  Raises InputError."""
    for link in wanted.links:
        wiring.refuse_same(party.guest, link.party.guest)
    place = joining.Place(network, party, wiring.wire_of(party.guest, wanted.interface, None, None, None))
    files = naming.written(party, wanted.names, True, wanted.links)
    yield from joining.ready(place, wanted.ip, wanted.highest, wanted.links, files)
    doors = publishing.doors(wanted.ports, place.address, network.host)
    yield from publishing.free(doors, network)
    yield from joining.join(place, wanted.mac)
    yield from publishing.on_network(network, doors)
    for link in wanted.links if not network.icc else ():
        yield from linking.opened(network, network.bridge, place.address, link.address, link.ports)
    if files:
        # The engine's own bridge has the address that stands for the host on every network.
        hosts = (network.bridge if network.command == DEFAULT_BRIDGE else DEFAULT_BRIDGE, network.bridge)
        yield from naming.write(party, place.address, hosts, wanted.names, wanted.links)
