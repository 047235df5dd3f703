"""Document 003: a cable of their own between two containers."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.operations import NetnsPath, Ping
from bridgekit.plan import FAILS, FAILS_YET, OK, Container, Step, Steps, probe
from bridgekit.recipes import wiring
from bridgekit.recipes.cable import End, furnish, host_end
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

FIRST = wiring.Party(names.Guest("docker", "1f1f4c1f931a"), "_A", pid_shown="2989")
SECOND = wiring.Party(names.Guest("docker", "12e343489d2f"), "_B", pid_shown="3004")
IMAGE = Var("IMAGE", "base")
NOTE = "point-to-point/"


@lesson("point-to-point", minutes=12, document="003")
def point_to_point() -> Steps:
    """Link two containers, then one of them and the host, without a bridge and without a subnet.

    Source: sequences 003.p2p, 003.p2p-host.
    """
    one, two = End("A", "10.1.1.1", FIRST, FIRST.pid), End("B", "10.1.1.2", SECOND, SECOND.pid)
    here, there = host_end("C", "10.1.2.1"), End("D", "10.1.2.2", FIRST, FIRST.pid)
    inside = Container("docker", FIRST.container), Container("docker", SECOND.container)
    for party, note in ((FIRST, "container"), (SECOND, "second")):
        yield Step(op.GuestRun("docker", party.container, IMAGE, ("/bin/bash",)), note=NOTE + note)
    yield from wiring.identify(FIRST)
    yield from wiring.identify(SECOND)
    yield op.Need("Pair", name=one.name, peer=two.name, path=two.home, interface=two.name, home=one.home)
    yield op.Need("Pair", name=here.name, peer=there.name, path=there.home, interface=there.name)
    yield op.NetnsDirectory()
    for pid in filter(None, (FIRST.pid, SECOND.pid)):
        yield Step(op.NetnsLink(pid, pid), note=NOTE + "name")
    yield probe(Ping(two.address, seconds=1), FAILS_YET, NOTE + "apart", inside[0])
    yield from _cable(one, two, one.home, "cable")
    yield probe(Ping(two.address), OK, NOTE + "there", inside[0])
    yield probe(Ping(one.address), OK, NOTE + "back", inside[1])
    yield probe(Ping(two.address, seconds=1), FAILS, NOTE + "host-cannot")
    yield from _cable(here, there, NetnsPath(), "host-cable")
    yield probe(Ping(there.address), OK, NOTE + "from-host")
    yield probe(Ping(here.address), OK, NOTE + "to-host", inside[0])
    yield probe(Ping(here.address, seconds=1), FAILS, NOTE + "other-cannot", inside[1])


def _cable(first: End, second: End, home: NetnsPath, note: str) -> Steps:
    yield Step(op.VethAdd(first.name, second.name, home), note=NOTE + note)
    yield from furnish(first, second)
    yield from furnish(second, first)
