"""Document 003: the four steps by which Docker networks a container, done by hand."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.lessons.throwaway import AWAY
from bridgekit.operations import Ping
from bridgekit.plan import FAILS_YET, OK, Container, Expect, Step, Steps, probe, within
from bridgekit.recipes import wiring
from bridgekit.recipes.nat import forward, masquerade
from bridgekit.recipes.registry import lesson
from bridgekit.words import Text, Var

BRIDGE, GATEWAY, SUBNET = "docker0", "172.17.42.1", "172.17.0.0/16"
FIRST = wiring.Party(names.Guest("docker", "63f36fc01b5f"))
SECOND = wiring.Party(names.Guest("docker", "1f1f4c1f931a"), "_2")
IMAGE = Var("IMAGE", "base")
NOTE = "four-steps/"


@lesson("four-steps", minutes=15, document="003")
def four_steps() -> Steps:
    """Network a container in Docker's four steps, by hand.

    Source: sequences 003.steps, 003.by-hand.
    """
    yield op.Need("Bridge", name=BRIDGE)
    yield from _what_the_engine_does()
    yield Step(op.GuestRun("docker", FIRST.container, IMAGE, ("/bin/bash",)), note=NOTE + "container")
    yield from wiring.identify(FIRST)
    pid = _pid(FIRST)
    yield op.NetnsDirectory()
    yield Step(op.NetnsLink(pid, pid), note=NOTE + "name")
    yield probe(op.Look("AddressShow", device=BRIDGE), Expect(True, f"{GATEWAY}/16"), NOTE + "bridge-address")
    yield probe(Ping(GATEWAY, seconds=1), FAILS_YET, NOTE + "alone", _inside(FIRST))
    yield from _four(FIRST, "A", "B", "172.17.42.99")
    yield probe(Ping(GATEWAY), OK, NOTE + "to-host", _inside(FIRST))
    yield probe(Ping("172.17.42.99"), OK, NOTE + "from-host")
    yield probe(Ping(AWAY), OK, NOTE + "to-outside", _inside(FIRST))
    yield Step(op.GuestRun("docker", SECOND.container, IMAGE, ("/bin/bash",)), note=NOTE + "second")
    yield from wiring.identify(SECOND)
    yield Step(op.NetnsLink(_pid(SECOND), _pid(SECOND)), note=NOTE + "name")
    yield from _four(SECOND, "C", "D", "172.17.42.100")
    yield probe(Ping("172.17.42.100"), OK, NOTE + "to-second", _inside(FIRST))


def _what_the_engine_does() -> Steps:
    yield from wiring.new_bridge(BRIDGE, NOTE + "engine-bridge")
    yield Step(op.AddressAdd(BRIDGE, f"{GATEWAY}/16"), note=NOTE + "engine-address")
    yield op.LinkSet(BRIDGE, "up")
    uplink = Var("UPLINK", "em1")
    yield from masquerade(SUBNET, uplink)
    yield from forward(BRIDGE, 4)


def _four(party: wiring.Party, host_end: str, guest_end: str, address: str) -> Steps:
    netns = _pid(party)
    yield Step(op.VethAdd(host_end, guest_end), note=NOTE + "step-1", facts={"name": host_end, "peer": guest_end})
    yield Step(op.LinkSet(host_end, "master", BRIDGE), note=NOTE + "step-2", facts={"name": host_end})
    yield op.LinkSet(host_end, "up")
    yield Step(op.LinkSetNetns(guest_end, netns), note=NOTE + "step-3", facts={"name": guest_end})
    yield within(netns, op.LinkRename(guest_end, "eth0"))
    yield within(netns, op.LinkSet("eth0", "up"))
    yield within(netns, op.AddressAdd("eth0", f"{address}/16"), NOTE + "step-4", address=address)
    yield within(netns, op.RouteAdd(GATEWAY, "eth0"), NOTE + "step-4-route")


def _pid(party: wiring.Party) -> Text:
    assert party.pid is not None
    return party.pid


def _inside(party: wiring.Party) -> Container:
    return Container("docker", party.container)
