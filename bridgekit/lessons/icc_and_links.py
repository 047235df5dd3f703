"""Document 003: containers kept apart, one port opened by a link, and the way around both."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.containers import BRIDGE, GATEWAY, seen, told
from bridgekit.lessons.throwaway import HOST, WORLD
from bridgekit.names import ports
from bridgekit.operations import Fetch, Ping, Rule
from bridgekit.plan import FAILS, FAILS_YET, OK, Expect, Step, Steps, because, probe
from bridgekit.recipes import engine, linking, publishing
from bridgekit.recipes.registry import lesson

NETWORK = engine.Network(BRIDGE, containers.SUBNET, icc=False, proxy=False)
WEB, APP = "172.17.0.2", "172.17.0.3"
IN_WEB, IN_APP = containers.inside("web"), containers.inside("app")
NOTE = "icc-and-links/"


@lesson("icc-and-links", minutes=15, document="003")
def icc_and_links() -> Steps:
    """Keep containers apart, open one port of one to one other, and look for a way around.

    Source: sequence 003.icc.
    """
    yield op.Need("BridgeFilter")
    yield from containers.bridge(NOTE + "bridge")
    yield from containers.server("web", WEB, NOTE + "web")
    yield from containers.server("app", APP, NOTE + "app")
    yield probe(Fetch(WEB), seen(APP, passing=True), NOTE + "together", IN_APP)
    yield from _apart()
    yield from _link()
    yield from _way_around()


def _apart() -> Steps:
    """What --icc=false does."""
    yield because(NOTE + "bridged", op.SysctlSet("net.bridge.bridge-nf-call-iptables", "1"))
    yield because(NOTE + "drop", engine.among(NETWORK).operation)
    yield probe(op.RuleList(), Expect(True, "DROP"), NOTE + "drop-listed")
    yield probe(Fetch(WEB, seconds=1), FAILS_YET, NOTE + "apart", IN_APP)
    yield probe(Ping(HOST), OK, NOTE + "to-host", IN_APP)
    yield probe(Fetch(WEB), seen(GATEWAY), NOTE + "from-host")


def _link() -> Steps:
    """What --link=web:ALIAS does where web exposes port 80."""
    yield because(NOTE + "chain", op.ChainAdd("DOCKER"))
    yield because(NOTE + "jump", op.RuleInsert(Rule("FORWARD", "DOCKER", out_interface=BRIDGE)))
    there, back = told(linking.opened(NETWORK, BRIDGE, APP, WEB, ports.ports("80")), NOTE + "there", NOTE + "back")
    yield there
    yield probe(Fetch(WEB, seconds=1), FAILS_YET, NOTE + "no-answer", IN_APP)
    yield back
    yield probe(Fetch(WEB), seen(APP), NOTE + "linked", IN_APP)
    yield probe(op.RuleList(), Expect(True, "dpt:80"), NOTE + "link-listed")
    yield probe(Fetch(WEB, "81", 1), FAILS, NOTE + "other-port", IN_APP)
    yield probe(Ping(WEB, seconds=1), FAILS, NOTE + "ping", IN_APP)
    yield probe(Fetch(APP, seconds=1), FAILS, NOTE + "other-way", IN_WEB)


def _way_around() -> Steps:
    """A published port of the one, asked for by the other."""
    yield because(NOTE + "forwarding", op.forwarding(4))
    yield because("engine-nat", op.ChainAdd("DOCKER", "nat"))
    yield next(iter(told(engine.published(False), NOTE + "prerouting", "")))
    doors = publishing.doors(ports.publications(["8081:81"]), WEB)
    yield Step(op.RuleAppend(doors[0].translation("DOCKER")), note=NOTE + "publish")
    yield probe(Fetch(HOST, "8081"), OK, NOTE + "published", WORLD)
    yield probe(Fetch(HOST, "8081", 1), FAILS, NOTE + "around", IN_APP)
    yield probe(Fetch(GATEWAY, "8081", 1), FAILS, NOTE + "around-gateway", IN_APP)
