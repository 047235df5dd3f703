"""Document 000: the virtual machine's way, for comparison with the container's."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.operations import Ping
from bridgekit.plan import FAILS, FAILS_YET, OK, Expect, Steps, because, probe
from bridgekit.recipes.machine import one_switch
from bridgekit.recipes.registry import lesson

TAP, BRIDGE, NIC = "tap0", "br0", "em1"
MACHINE, MAC, ADDRESS = "machine", "52:54:00:12:34:56", "203.0.113.50"
NOTE = "vm-bridge/"  # its notes, a catalogue of its own


@lesson("vm-bridge", minutes=10)
def vm_bridge() -> Steps:
    """Put a virtual machine on the network itself by a bridge: no routing, no NAT.

    Source: sequence 000.vm-bridge.
    """
    yield op.Need("Vm")
    yield op.Need("Netns", name=WORLD.name)
    yield probe(op.Look("AddressShow", device=NIC), Expect(True, HOST, passing=True), NOTE + "before")
    # Till outside gives up asking for the address: its next question must be a new one.
    yield probe(Ping(ADDRESS, seconds=5), FAILS_YET, NOTE + "nobody", WORLD)
    yield from one_switch(TAP, BRIDGE, NIC, OUTSIDE)
    yield probe(op.Look("AddressShow", device=BRIDGE), Expect(True, HOST), NOTE + "moved")
    yield probe(Ping(HOST), OK, NOTE + "host-still", WORLD)
    yield because(NOTE + "start", op.VmRun(MACHINE, TAP, MAC, f"{ADDRESS}/24", OUTSIDE))
    yield probe(Ping(ADDRESS), OK, NOTE + "answers", WORLD)
    yield probe(op.Look("NeighbourShow", address=ADDRESS), Expect(True, MAC), NOTE + "own-mac", WORLD)
    yield probe(op.RuleSearch("nat"), FAILS, NOTE + "no-nat")
    yield probe(op.Look("FileShow", path="/proc/sys/net/ipv4/ip_forward"), Expect(True, "0"), NOTE + "no-forwarding")
