"""Document 003: another address, mask, MTU, range and gateway for docker0 and its containers."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.throwaway import OUTSIDE
from bridgekit.operations import Fetch, Ping
from bridgekit.plan import FAILS_YET, OK, Expect, Step, Steps, because, probe
from bridgekit.recipes.registry import lesson

HOME = containers.Home("docker0", "192.168.1.5", 24, mtu=1400)
SUBNET, WEB, APP, OTHER_GATEWAY = "192.168.1.0/24", "192.168.1.128", "192.168.1.129", "192.168.1.99"
IN_WEB, IN_APP = containers.inside("web"), containers.inside("app")
NOTE = "customise-docker0/"


@lesson("customise-docker0", minutes=12, document="003")
def customise_docker0() -> Steps:
    """Give docker0 another address, mask and MTU, and its containers a range and a gateway.

    Source: sequence 003.docker0.
    """
    yield from containers.bridge(NOTE + "bridge", HOME)
    yield probe(op.Look("AddressShow", device=HOME.bridge), Expect(True, "mtu 1500", passing=True), NOTE + "mtu-before")
    yield from containers.server("web", WEB, NOTE + "web", HOME)
    yield probe(op.Look("AddressShow", device=HOME.bridge), Expect(True, "mtu 1400"), NOTE + "mtu-after")
    yield from containers.server("app", APP, NOTE + "app", HOME, OTHER_GATEWAY)
    yield probe(op.Look("BridgeShow"), Expect(True, "to_app"), NOTE + "ports")
    yield probe(op.Look("AddressShow", device="eth0"), Expect(True, f"{WEB}/24"), NOTE + "address", IN_WEB)
    yield probe(op.Look("RouteShow"), Expect(True, f"default via {HOME.gateway}"), NOTE + "route", IN_WEB)
    yield probe(Ping(APP), OK, NOTE + "neighbour", IN_WEB)
    yield from _gateways()


def _gateways() -> Steps:
    """A gateway is an address that somebody has."""
    yield because("forwarding", op.forwarding(4))
    rule = op.Rule("POSTROUTING", "MASQUERADE", "nat", source=SUBNET, out_interface=f"!{HOME.bridge}")
    yield Step(op.RuleAppend(rule), note=NOTE + "masquerade")
    yield probe(Ping(OUTSIDE), OK, NOTE + "out", IN_WEB)
    yield probe(op.Look("RouteShow"), Expect(True, f"default via {OTHER_GATEWAY}"), NOTE + "other-route", IN_APP)
    # It ends when app's question for the gateway ends, not before: that would still be open, and fail, a moment later.
    yield probe(Fetch(OUTSIDE, seconds=5), FAILS_YET, NOTE + "nobody", IN_APP)
    yield Step(op.AddressAdd(HOME.bridge, f"{OTHER_GATEWAY}/24"), note=NOTE + "somebody")
    yield probe(Ping(OUTSIDE), OK, NOTE + "out-too", IN_APP)
