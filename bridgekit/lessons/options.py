"""Document 003: the options of the engine, one after the other: before, what it does, after."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons import containers
from bridgekit.lessons.containers import BRIDGE, GATEWAY, SUBNET, seen
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.names import ports
from bridgekit.operations import Fetch, Rule
from bridgekit.plan import FAILS, FAILS_YET, Step, Steps, as_steps, because, probe
from bridgekit.recipes import engine, publishing
from bridgekit.recipes.registry import lesson

WEB, APP, LOCALHOST = "172.17.0.2", "172.17.0.3", "127.0.0.1"
IN_WEB = containers.inside("web")
NOTE = "options/"


@lesson("options", minutes=15, document="003")
def options() -> Steps:
    """Try the engine's options one by one: before, what it does, after.

    Source: sequence 003.options.
    """
    yield op.Need("BridgeFilter")
    yield from containers.bridge(NOTE + "bridge")
    yield from containers.server("web", WEB, NOTE + "web")
    yield from containers.server("app", APP, NOTE + "app")
    yield Step(op.RouteAdd(HOST, "eth0", SUBNET), WORLD, note=NOTE + "way-back")
    yield from _ip_forward()
    yield from _iptables()
    yield from _ip_masq()
    yield from _icc()
    yield from _ip()
    yield from _userland_proxy()


def _ip_forward() -> Steps:
    yield probe(Fetch(OUTSIDE, seconds=1), FAILS_YET, NOTE + "ip-forward-before", IN_WEB)
    yield because(NOTE + "ip-forward", op.forwarding(4))
    yield probe(Fetch(OUTSIDE), seen(WEB, passing=True), NOTE + "ip-forward-after", IN_WEB)


def _iptables() -> Steps:
    yield probe(Fetch(WEB), seen(OUTSIDE, passing=True), NOTE + "iptables-before", WORLD)
    yield because(NOTE + "iptables-policy", op.PolicySet("FORWARD", "DROP"))
    for note, matches in (
        ("iptables-answers", {"out_interface": BRIDGE, "states": "RELATED,ESTABLISHED"}),
        ("iptables-out", {"in_interface": BRIDGE, "out_interface": f"!{BRIDGE}"}),
        ("iptables-among", {"in_interface": BRIDGE, "out_interface": BRIDGE}),
    ):
        yield because(NOTE + note, op.RuleAppend(Rule("FORWARD", "ACCEPT", **matches)))  # type: ignore[arg-type]  # by name
    yield probe(Fetch(WEB, seconds=1), FAILS_YET, NOTE + "iptables-after", WORLD)


def _ip_masq() -> Steps:
    yield probe(Fetch(OUTSIDE), seen(WEB, passing=True), NOTE + "ip-masq-before", IN_WEB)
    rule = Rule("POSTROUTING", "MASQUERADE", "nat", source=SUBNET, out_interface=f"!{BRIDGE}")
    yield because(NOTE + "ip-masq", op.RuleAppend(rule))
    yield probe(Fetch(OUTSIDE), seen(HOST), NOTE + "ip-masq-after", IN_WEB)


def _icc() -> Steps:
    yield probe(Fetch(APP), seen(WEB, passing=True), NOTE + "icc-before", IN_WEB)
    yield because(NOTE + "icc-bridged", op.SysctlSet("net.bridge.bridge-nf-call-iptables", "1"))
    yield because(NOTE + "icc", op.RuleInsert(Rule("FORWARD", "DROP", in_interface=BRIDGE, out_interface=BRIDGE)))
    yield probe(Fetch(APP, seconds=1), FAILS, NOTE + "icc-after", IN_WEB)


def _ip() -> Steps:
    """Where ports are published, if the container's own words do not say."""
    yield because("engine-nat", op.ChainAdd("DOCKER", "nat"))
    prerouting, _ = as_steps(engine.published(False))
    yield because(NOTE + "prerouting", prerouting.operation)
    wide, narrow = publishing.doors(ports.publications(["8081:80", f"{LOCALHOST}:8080:80"]), WEB)
    yield because(NOTE + "ip-default", op.RuleAppend(wide.translation("DOCKER")))
    accept = wide.rule("FORWARD", "ACCEPT", in_interface=f"!{BRIDGE}", out_interface=BRIDGE)
    yield because(NOTE + "ip-accept", op.RuleAppend(accept))
    yield probe(Fetch(HOST, "8081"), seen(OUTSIDE), NOTE + "ip-before", WORLD)
    yield because(NOTE + "ip", op.RuleAppend(narrow.translation("DOCKER")))
    yield probe(Fetch(HOST, "8080"), FAILS, NOTE + "ip-after", WORLD)


def _userland_proxy() -> Steps:
    yield probe(Fetch(LOCALHOST, "8080", 1), FAILS_YET, NOTE + "proxy-before")
    _, output = as_steps(engine.published(False))
    yield because(NOTE + "proxy-output", output.operation)
    yield because(NOTE + "proxy-localnet", engine.localnet(BRIDGE))
    yield because(NOTE + "proxy-masked", op.RuleAppend(engine.localhost(BRIDGE)))
    yield probe(Fetch(LOCALHOST, "8080"), seen(GATEWAY), NOTE + "proxy-after")
    yield probe(Fetch(LOCALHOST, "8081"), seen(GATEWAY), NOTE + "proxy-both")
