"""Document 003: docker0 replaced by a bridge of one's own."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.throwaway import AWAY
from bridgekit.operations import Ping
from bridgekit.plan import FAILS, OK, Container, Expect, Step, Steps, because, probe
from bridgekit.recipes import engine_bridge
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

BRIDGE, ADDRESS = "bridge0", "192.168.5.1/24"
IMAGE = Var("IMAGE", "busybox")
FIRST, SECOND, GATEWAY = "first", "second", Var("gateway", example="172.17.0.1")
NOTE = "own-bridge/"


@lesson("own-bridge", minutes=12, document="003.own-bridge", engine=True)
def own_bridge() -> Steps:
    """Replace docker0 by a bridge of your own, with a container before and one after.

    Source: sequence 003.own-bridge.
    """
    name, host = engine_bridge.checked(BRIDGE, ADDRESS)
    yield op.Need("Engine", runtime="docker")
    yield from engine_bridge.needs(name, host)
    yield Step(op.GuestRun("docker", FIRST, IMAGE, ("sh",), ""), note=NOTE + "first")
    yield because(NOTE + "gateway", op.Capture(GATEWAY, "NetworkFact", runtime="docker", guest=FIRST, fact="Gateway"))
    before = Expect(True, ("default via ", GATEWAY), passing=True)  # the engine's stop ends this container
    yield probe(op.Look("RouteShow"), before, NOTE + "route-before", Container("docker", FIRST))
    yield from engine_bridge.remove_docker0(name)
    yield probe(op.Look("AddressShow", device=engine_bridge.ENGINES_OWN), FAILS, NOTE + "gone")
    yield from engine_bridge.make(name, host)
    yield from engine_bridge.hand_over(name)
    inside = Container("docker", SECOND)
    yield Step(op.GuestRun("docker", SECOND, IMAGE, ("sh",), ""), note=NOTE + "second")
    yield probe(op.Look("AddressShow", device="eth0"), Expect(True, "inet 192.168.5."), NOTE + "address-after", inside)
    yield probe(op.Look("RouteShow"), Expect(True, f"default via {host.ip}"), NOTE + "route-after", inside)
    yield probe(Ping(AWAY), OK, NOTE + "outside-after", inside)
    yield probe(op.Look("RouteShow"), FAILS, NOTE + "first-stopped", Container("docker", FIRST))
