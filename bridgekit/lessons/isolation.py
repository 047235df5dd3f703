"""Document 003: two networks on one host, kept apart in two stages."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.containers import Home, seen, told
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.names import ports
from bridgekit.operations import Fetch, Ping, Rule
from bridgekit.plan import FAILS, OK, Expect, Steps, as_steps, because, probe
from bridgekit.recipes import engine, publishing
from bridgekit.recipes.registry import lesson

BLUE, RED = Home("br-blue", "10.20.0.1", 24), Home("br-red", "10.30.0.1", 24)
NETWORKS = [
    engine.Network("br-blue", "10.20.0.0/24", proxy=False),
    engine.Network("br-red", "10.30.0.0/24", proxy=False),
]
WEB, DB = "10.20.0.2", "10.30.0.2"
IN_WEB, IN_DB = containers.inside("web"), containers.inside("db")
NOTE = "isolation/"


@lesson("isolation", minutes=12, document="003")
def isolation() -> Steps:
    """Keep two networks of one host apart, and see what is not kept apart.

    Source: sequence 003.options.
    """
    yield from containers.bridge(NOTE + "blue", BLUE)
    yield from containers.bridge(NOTE + "red", RED)
    yield from containers.server("web", WEB, NOTE + "web", BLUE)
    yield from containers.server("db", DB, NOTE + "db", RED)
    yield probe(Ping(DB, seconds=1), Expect(False, passing=True), NOTE + "two-switches", IN_WEB)
    yield because(NOTE + "forwarding", op.forwarding(4))
    yield probe(Fetch(DB), seen(WEB, passing=True), NOTE + "joined", IN_WEB)
    yield from _stages()
    yield probe(Fetch(DB, seconds=1), FAILS, NOTE + "apart", IN_WEB)
    yield probe(Fetch(WEB, seconds=1), FAILS, NOTE + "apart-back", IN_DB)
    yield probe(Ping(RED.gateway), OK, NOTE + "other-gateway", IN_WEB)
    yield probe(Fetch(DB), seen(RED.gateway), NOTE + "from-host")
    yield from _published()


def _stages() -> Steps:
    """What leaves one network and enters another is dropped."""
    yield because(NOTE + "first", op.ChainAdd(engine.FIRST))
    yield because(NOTE + "second", op.ChainAdd(engine.SECOND))
    yield because(NOTE + "jump", op.RuleInsert(Rule("FORWARD", engine.FIRST)))
    yield from told(engine.isolation(NETWORKS[0]), NOTE + "blue-leaves", NOTE + "blue-enters")
    yield probe(Fetch(DB), seen(WEB, passing=True), NOTE + "one-is-not-enough", IN_WEB)
    yield from told(engine.isolation(NETWORKS[1]), NOTE + "red-leaves", NOTE + "red-enters")


def _published() -> Steps:
    """A published port of the other network."""
    yield because("engine-nat", op.ChainAdd("DOCKER", "nat"))
    prerouting, _ = as_steps(engine.published(False))
    yield because(NOTE + "prerouting", prerouting.operation)
    (door,) = publishing.doors(ports.publications(["8080:80"]), DB)
    yield because(NOTE + "publish", op.RuleAppend(door.translation("DOCKER")))
    yield probe(Fetch(HOST, "8080"), seen(OUTSIDE), NOTE + "open", WORLD)
    yield probe(Fetch(HOST, "8080", 1), FAILS, NOTE + "not-for-web", IN_WEB)
