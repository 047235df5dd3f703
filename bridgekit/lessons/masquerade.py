"""Document 003: outgoing connections wear the host's address."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.containers import GATEWAY, SUBNET, seen
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.operations import Fetch, Ping
from bridgekit.plan import FAILS, FAILS_YET, OK, Expect, Step, Steps, because, probe
from bridgekit.recipes.registry import lesson

WEB, ADDRESS = containers.inside("web"), "172.17.0.2"
NOTE = "masquerade/"


@lesson("masquerade", minutes=10, document="003")
def masquerade() -> Steps:
    """See why a container goes out with its host's address, and who sees which.

    Source: sequence 003.masquerade.
    """
    yield from containers.bridge(NOTE + "bridge")
    yield from containers.server("web", ADDRESS, NOTE + "container")
    yield probe(Ping(GATEWAY), OK, NOTE + "neighbour", WEB)
    yield because(NOTE + "forwarding", op.forwarding(4))
    yield probe(Fetch(OUTSIDE, seconds=1), FAILS_YET, NOTE + "no-answer", WEB)
    yield probe(op.Look("RouteGet", address=ADDRESS), FAILS, NOTE + "no-way-back", WORLD)
    yield probe(op.RuleSearch("nat"), FAILS_YET, NOTE + "no-rule")
    rule = op.Rule("POSTROUTING", "MASQUERADE", "nat", source=SUBNET, destination=f"!{SUBNET}")
    yield Step(op.RuleAppend(rule), note=NOTE + "rule")
    yield probe(op.RuleList("nat"), Expect(True, f"!{SUBNET}"), NOTE + "listed")
    yield probe(Fetch(OUTSIDE), seen(HOST), NOTE + "host-address", WEB)
    yield probe(Ping(OUTSIDE), OK, NOTE + "ping", WEB)
    yield Step(op.GuestRun("docker", "on-host", "httpd", (), "host"), note=NOTE + "on-host")
    yield probe(Fetch(GATEWAY), seen(ADDRESS), NOTE + "own-address", WEB)
    yield probe(Fetch(ADDRESS), FAILS, NOTE + "not-in", WORLD)
