"""Document 000: a container's network made by hand, from nothing to the outside."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.lessons.throwaway import AWAY
from bridgekit.operations import Ping
from bridgekit.plan import FAILS, FAILS_YET, OK, Container, Expect, Netns, Step, Steps, probe, within
from bridgekit.recipes import wiring
from bridgekit.recipes.nat import forward, masquerade
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

PARTY = wiring.Party(names.Guest("docker", "6414d7278905"))
WIRE = wiring.Wire("veth_d366", "veth_d366_peer", "eth0", "netns666")
BRIDGE, ADDRESS, GATEWAY = "br666", "10.0.0.2", "10.0.0.1"
NOTE = "docker-by-hand/"  # its notes, a catalogue of its own


@lesson("docker-by-hand", minutes=15)
def docker_by_hand() -> Steps:
    """Make a container's network by hand, as Docker would: namespace, veth pair, bridge, NAT.

    Source: sequences 000.none-container to 000.outbound, in order.
    """
    guest, pid = PARTY.container, Var("pid", numeric=True)
    inside = Container("docker", guest)
    yield op.Need("Bridge", name=BRIDGE)
    yield Step(op.GuestRun("docker", guest, Var("IMAGE", "ubuntu:14.04"), ("bash",)), note=NOTE + "container")
    yield probe(op.Look("GuestList", runtime="docker"), Expect(True, guest), NOTE + "listed")
    yield from wiring.identify(PARTY)
    yield from wiring.free(WIRE, PARTY)
    yield probe(op.Look("AddressShow", device="eth0"), FAILS_YET, NOTE + "bare", inside)
    yield op.NetnsAdd(WIRE.netns)
    yield probe(op.Look("NetnsList"), Expect(True, WIRE.netns), NOTE + "named")
    yield Step(op.NetnsBind(WIRE.netns, pid), note=NOTE + "bind")
    yield probe(op.Look("NetnsPids", name=WIRE.netns), Expect(True, pid), NOTE + "bound")
    yield from wiring.pair(WIRE)
    yield from wiring.address_inside(WIRE, f"{ADDRESS}/24")
    yield probe(Ping(ADDRESS), OK, NOTE + "probe-own", Netns(WIRE.netns))
    yield probe(
        op.Look("AddressShow"), Expect(True, "NO-CARRIER", passing=True), NOTE + "no-carrier", Netns(WIRE.netns)
    )
    yield probe(Ping(ADDRESS, seconds=1), FAILS_YET, NOTE + "probe-host-before")
    yield probe(Ping(ADDRESS), OK, NOTE + "probe-container-own", inside)
    yield from wiring.join(WIRE.veth, BRIDGE, f"{GATEWAY}/24", NOTE + "gateway")
    yield probe(Ping(ADDRESS), OK, NOTE + "probe-host-after")
    yield probe(Ping(GATEWAY), OK, NOTE + "probe-gateway", inside)
    uplink = Var("UPLINK", "em1")
    yield from masquerade("10.0.0.0/24", uplink)
    yield from forward(BRIDGE, 4)
    yield probe(op.RouteAdd(GATEWAY, WIRE.interface), FAILS, NOTE + "probe-forbidden", inside)
    yield within(WIRE.netns, op.RouteAdd(GATEWAY, WIRE.interface))
    yield probe(Ping(AWAY), OK, NOTE + "probe-outside", inside)
