"""Document 003: whether a host passes on what is not addressed to itself."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.operations import Ping
from bridgekit.plan import FAILS_YET, OK, Expect, Netns, Step, Steps, because, probe, within
from bridgekit.recipes.registry import lesson

NETNS, INSIDE, GATEWAY = "red", "10.0.0.2", "10.0.0.1"
SETTING = "/proc/sys/net/ipv4/ip_forward"
NOTE = "forwarding/"


@lesson("forwarding", minutes=8, document="003")
def forwarding() -> Steps:
    """Make a host a router: packets that are not its own.

    Source: sequence 003.forwarding.
    """
    yield op.Need("Netns", name=WORLD.name)
    yield Step(op.NetnsAdd(NETNS), note=NOTE + "room")
    yield op.VethAdd("to_red", "eth0")
    yield op.LinkSetNetns("eth0", NETNS)
    yield within(NETNS, op.LinkSet("lo", "up"), note="lo-up")
    yield within(NETNS, op.AddressAdd("eth0", f"{INSIDE}/24"))
    yield within(NETNS, op.LinkSet("eth0", "up"))
    yield Step(op.AddressAdd("to_red", f"{GATEWAY}/24"), note=NOTE + "host-address")
    yield op.LinkSet("to_red", "up")
    yield within(NETNS, op.RouteAdd(GATEWAY, "eth0"))
    yield Step(op.RouteAdd(HOST, "eth0", "10.0.0.0/24"), WORLD, note=NOTE + "way-back")
    yield probe(Ping(GATEWAY), OK, NOTE + "neighbour", Netns(NETNS))
    yield probe(Ping(HOST), OK, NOTE + "own-uplink", Netns(NETNS))
    yield probe(Ping(OUTSIDE, seconds=1), FAILS_YET, NOTE + "not-passed-on", Netns(NETNS))
    yield probe(op.Look("FileShow", path=SETTING), Expect(True, "0", passing=True), NOTE + "off")
    yield because("forwarding", op.forwarding(4))
    yield probe(op.Look("FileShow", path=SETTING), Expect(True, "1"), NOTE + "on")
    yield probe(Ping(OUTSIDE), OK, NOTE + "passed-on", Netns(NETNS))
