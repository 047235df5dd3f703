"""Document 003: ports of a container, published on its host: rule by rule, and who gets in by each."""

from __future__ import annotations

from dataclasses import replace

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.containers import BRIDGE, GATEWAY, SUBNET, seen, told
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.names import ports
from bridgekit.operations import Fetch, Ping, Rule
from bridgekit.plan import FAILS, FAILS_YET, Expect, Step, Steps, as_steps, because, probe
from bridgekit.recipes import engine, publishing
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

NETWORK = engine.Network(BRIDGE, SUBNET, proxy=False)
WEB, ADDRESS = containers.inside("web"), "172.17.0.2"
LOCALHOST = "127.0.0.1"
NOTE = "publish-ports/"


@lesson("publish-ports", minutes=15, document="003")
def publish_ports() -> Steps:
    """Publish ports of a container on its host, and see who gets in by which rule.

    Source: sequence 003.publish.
    """
    yield from containers.bridge(NOTE + "bridge")
    yield from containers.server("web", ADDRESS, NOTE + "container")
    yield because(NOTE + "policy", op.PolicySet("FORWARD", "DROP"))
    yield because(NOTE + "forwarding", op.forwarding(4))
    yield because(
        NOTE + "out", op.RuleAppend(Rule("FORWARD", "ACCEPT", in_interface=BRIDGE, out_interface=f"!{BRIDGE}"))
    )
    yield probe(Fetch(HOST, "8080"), FAILS_YET, NOTE + "closed", WORLD)
    to, accept, hairpin = as_steps(publishing.on_network(NETWORK, _doors("8080:80")))
    prerouting, output = told(engine.published(NETWORK.proxy), NOTE + "prerouting", NOTE + "output")
    yield from _from_outside(prerouting, to, accept)
    yield from _from_the_host(output)
    yield from _from_itself(hairpin)
    yield from _at_a_free_port()
    yield from _at_localhost_only()


def _doors(spec: str) -> list[publishing.Door]:
    return publishing.doors(ports.publications([spec]), ADDRESS)


def _from_outside(prerouting: Step, to: Step, accept: Step) -> Steps:
    yield because(NOTE + "nat-chain", op.ChainAdd("DOCKER", "nat"))
    yield prerouting
    yield because(NOTE + "to", to.operation)
    yield probe(op.RuleList("nat"), Expect(True, f"dpt:8080 to:{ADDRESS}:80"), NOTE + "to-listed")
    yield probe(Fetch(HOST, "8080", 1), FAILS_YET, NOTE + "filtered", WORLD)
    yield because(NOTE + "filter-chain", op.ChainAdd("DOCKER"))
    yield because(NOTE + "jump", op.RuleAppend(Rule("FORWARD", "DOCKER", out_interface=BRIDGE)))
    yield because(NOTE + "accept", accept.operation)
    yield probe(Fetch(HOST, "8080"), seen(OUTSIDE), NOTE + "open", WORLD)


def _from_the_host(output: Step) -> Steps:
    yield probe(Fetch(HOST, "8080"), FAILS_YET, NOTE + "host-not-yet")
    yield output
    yield probe(Fetch(HOST, "8080"), seen(HOST, passing=True), NOTE + "host")
    yield probe(Fetch(LOCALHOST, "8080", 1), FAILS_YET, NOTE + "localhost-not-yet")
    yield because(NOTE + "route-localnet", engine.localnet(BRIDGE))
    yield because(NOTE + "localhost-masked", op.RuleAppend(engine.localhost(BRIDGE)))
    yield probe(Fetch(LOCALHOST, "8080"), seen(GATEWAY), NOTE + "localhost")


def _from_itself(hairpin: Step) -> Steps:
    yield probe(Fetch(HOST, "8080", 1), FAILS_YET, NOTE + "itself-not-yet", WEB)
    yield because(NOTE + "among", op.RuleAppend(Rule("FORWARD", "ACCEPT", in_interface=BRIDGE, out_interface=BRIDGE)))
    yield because(NOTE + "hairpin", op.LinkSet("to_web", "hairpin"))
    yield because(NOTE + "hairpin-masked", hairpin.operation)
    yield probe(Fetch(HOST, "8080"), seen(GATEWAY), NOTE + "itself", WEB)


def _at_a_free_port() -> Steps:
    port = Var("port", numeric=True, example="49153")
    door = replace(_doors("80")[0], port=port)
    chosen, need, to, *_ = as_steps((*publishing.free([door]), *publishing.on_network(NETWORK, [door])))
    yield because(NOTE + "free-port", chosen.operation)
    yield need
    yield because(NOTE + "free-to", to.operation)
    yield probe(Fetch(HOST, door.port), seen(OUTSIDE), NOTE + "free-open", WORLD)


def _at_localhost_only() -> Steps:
    yield Step(op.RouteAdd(HOST, "eth0", SUBNET), WORLD, note=NOTE + "route")
    yield probe(Fetch(ADDRESS, "81", 1), FAILS_YET, NOTE + "unpublished", WORLD)
    to, accept, _ = as_steps(publishing.on_network(NETWORK, _doors(f"{LOCALHOST}:8081:81")))
    yield because(NOTE + "localhost-to", to.operation)
    yield because(NOTE + "localhost-accept", accept.operation)
    yield probe(Fetch(LOCALHOST, "8081"), seen(GATEWAY), NOTE + "localhost-only")
    yield probe(Fetch(HOST, "8081"), FAILS, NOTE + "localhost-closed", WORLD)
    yield probe(Fetch(ADDRESS, "81"), seen(OUTSIDE), NOTE + "hole", WORLD)
    yield probe(Ping(ADDRESS, seconds=1), FAILS, NOTE + "nothing-else", WORLD)
