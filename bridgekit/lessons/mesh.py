"""Document 001: namespaces joined by one bridge."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.operations import Ping
from bridgekit.plan import FAILS_YET, OK, Netns, Step, Steps, probe, within
from bridgekit.recipes import wiring
from bridgekit.recipes.registry import lesson

BRIDGE = "br0"
MEMBERS = {"red": "10.0.0.1", "green": "10.0.0.2", "blue": "10.0.0.3"}
HOST = "10.0.0.254"
NOTE = "mesh/"  # its notes, a catalogue of its own


@lesson("mesh", minutes=10)
def mesh() -> Steps:
    """Join three namespaces by one bridge, so that each reaches each.

    Source: sequence 001.mesh.
    """
    yield op.Need("Bridge", name=BRIDGE)
    for name in MEMBERS:
        yield Step(op.NetnsAdd(name), note=NOTE + "room", facts={"name": name})
    for name, address in MEMBERS.items():
        yield from _cable(name, address)
    yield probe(Ping(MEMBERS["red"]), OK, NOTE + "own", Netns("red"))
    # red must not ask for green: its question would still be open, and fail, when the two are joined a moment later.
    yield probe(Ping(MEMBERS["blue"], seconds=1), FAILS_YET, NOTE + "apart", Netns("red"))
    yield from wiring.new_bridge(BRIDGE, NOTE + "switch")
    yield op.LinkSet(BRIDGE, "up")
    for name in MEMBERS:
        yield Step(op.LinkSet(f"to_{name}", "master", BRIDGE), note=NOTE + "port", facts={"name": name})
        yield op.LinkSet(f"to_{name}", "up")
    for name, other in (("red", "green"), ("green", "blue"), ("blue", "red")):
        yield probe(Ping(MEMBERS[other]), OK, f"{NOTE}{name}-{other}", Netns(name))
    yield probe(Ping(MEMBERS["red"], seconds=1), FAILS_YET, NOTE + "host-outside")
    yield Step(op.AddressAdd(BRIDGE, f"{HOST}/24"), note=NOTE + "host-joins")
    yield probe(Ping(MEMBERS["red"]), OK, NOTE + "host-inside")
    yield probe(Ping(HOST), OK, NOTE + "to-host", Netns("blue"))


def _cable(name: str, address: str) -> Steps:
    yield Step(op.VethAdd(f"to_{name}", f"of_{name}"), note=NOTE + "cable", facts={"name": name})
    yield op.LinkSetNetns(f"of_{name}", name)
    yield within(name, op.LinkRename(f"of_{name}", "eth0"))
    yield within(name, op.LinkSet("lo", "up"), note="lo-up")
    yield within(name, op.AddressAdd("eth0", f"{address}/24"))
    yield within(name, op.LinkSet("eth0", "up"))
