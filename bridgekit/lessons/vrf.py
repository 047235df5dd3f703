"""Document 001: two routing tables on one host by namespaces, and one route leaked from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridgekit import names, operations as op
from bridgekit.operations import NetnsPath, Operation, Ping
from bridgekit.plan import FAILS, FAILS_YET, OK, Expect, Netns, Step, Steps, probe
from bridgekit.recipes.leakage import leak_of, open_prefix
from bridgekit.recipes.registry import lesson
from bridgekit.recipes.table import own_table

NOTE = "vrf/"  # its notes, a catalogue of its own
CLIENT, CLIENTS = "192.168.1.9", "192.168.1.0/24"
LOGS, LOG_NETWORK, OTHER = "10.9.0.9", "10.9.0.0/24", "10.8.0.9"
LIVES = {CLIENT: "lives", LOGS: "lives-logs", OTHER: "lives-other"}


@dataclass(frozen=True)
class Side:
    """A network card of the host, and the network that it leads to.

    space: the namespace that the card gets.  cloud: the namespace that plays its network.  there: who lives in it.
    """

    space: str
    card: str
    address: str
    cloud: str
    router: str
    there: tuple[str, ...]

    def probe(self, ping: Ping, expect: Expect, note: str) -> Step:
        """Ping from its network."""
        return probe(ping, expect, NOTE + note, Netns(self.cloud))


DATA = Side("data", "data0", "10.0.1.2", "data-cloud", "10.0.1.1", (CLIENT,))
MANAGEMENT = Side("management", "mgmt0", "10.0.2.2", "mgmt-cloud", "10.0.2.1", (CLIENT, LOGS, OTHER))


@lesson("vrf", minutes=20, document="003")  # whose `ip addr` gives an interface several addresses; ifconfig cannot
def vrf() -> Steps:
    """Give two network cards a routing table each, by namespaces, and leak one route between them.

    Source: sequences 001.vrf, 001.route-leak.
    """
    for side in (DATA, MANAGEMENT):
        yield from _network(side)
    yield from _one_table()
    for side in (DATA, MANAGEMENT):
        yield from own_table(side.space, side.card, f"{side.address}/24", side.router)
    for side in (DATA, MANAGEMENT):
        way = Expect(True, f"via {side.router}")
        yield probe(op.Look("RouteGet", address=CLIENT), way, f"{NOTE}way-{side.space}", Netns(side.space))
    for side in (DATA, MANAGEMENT):
        yield side.probe(Ping(side.address, source=CLIENT), OK, f"answer-{side.space}")
    yield from _leak()


def _network(side: Side) -> Steps:
    def here(operation: Operation, note: str, **more: str) -> Step:
        return Step(operation, note=NOTE + note, facts={"cloud": side.cloud, "card": side.card} | more)

    far = f"to-{side.card}"
    yield here(op.NetnsAdd(side.cloud), "cloud")
    yield here(op.VethAdd(side.card, far, NetnsPath(name=side.space)), "card")
    yield here(op.LinkSetNetns(far, side.cloud), "far-end", far=far)
    yield replace(here(op.LinkSet("lo", "up"), "lo"), where=Netns(side.cloud))
    for address in side.there:
        lives = here(op.AddressAdd("lo", f"{address}/32"), LIVES[address], address=address)
        yield replace(lives, where=Netns(side.cloud))
    for operation in (op.AddressAdd(far, f"{side.router}/24"), op.LinkSet(far, "up")):
        yield Step(operation, Netns(side.cloud))


def _one_table() -> Steps:
    for side in (DATA, MANAGEMENT):
        yield from _once(op.AddressAdd(side.card, f"{side.address}/24"), op.LinkSet(side.card, "up"))
    route = op.RouteAdd(DATA.router, DATA.card, CLIENTS)
    yield Step(route, note=NOTE + "one-route", once=True)
    second = op.RouteAdd(MANAGEMENT.router, MANAGEMENT.card, CLIENTS)
    yield probe(second, FAILS_YET, NOTE + "second-route")
    yield DATA.probe(Ping(DATA.address, source=CLIENT), replace(OK, passing=True), "data-answered")
    lost = Ping(MANAGEMENT.address, seconds=1, source=CLIENT)
    yield MANAGEMENT.probe(lost, FAILS_YET, "management-lost")


def _once(*operations: Operation) -> Iterator[Step]:
    return (Step(operation, once=True) for operation in operations)


def _leak() -> Steps:
    data, management = Netns(DATA.space), Netns(MANAGEMENT.space)
    yield probe(Ping(LOGS), OK, NOTE + "logs-there", management)
    yield probe(Ping(LOGS, seconds=1), FAILS_YET, NOTE + "logs-apart", data)
    between = names.subnet("10.255.0.0/30")
    leak = leak_of(DATA.space, MANAGEMENT.space, names.subnet(LOG_NETWORK), between)
    yield from open_prefix(replace(leak, near="leak-a", far="leak-b"))
    yield probe(Ping(LOGS), OK, NOTE + "logs-open", data)
    yield probe(Ping(OTHER), OK, NOTE + "other-there", management)
    yield probe(Ping(OTHER, seconds=1), FAILS, NOTE + "other-apart", data)
