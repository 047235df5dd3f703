"""Document 003: what each form of pipework's command line does."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.lessons.throwaway import HOST, OUTSIDE, WORLD
from bridgekit.operations import NetnsPath, Ping, Rule
from bridgekit.plan import FAILS_YET, OK, Container, Expect, Step, Steps, because, probe, within
from bridgekit.recipes import wiring
from bridgekit.recipes.registry import lesson

BRIDGE, UPLINK = "br1", "em1"
WEB, DB, APP, GATEWAY = "192.168.1.1", "192.168.1.2", "203.0.113.7", "192.168.1.254"
MAC = "02:27:4d:dd:5b:b3"  # U:db
OWN = "own_way"  # the host's macvlan
IN_WEB, IN_APP = (
    Container("docker", wiring.Party(names.Guest("docker", name), f"_{name.upper()}").container)
    for name in ("web", "app")
)
NOTE = "pipework/"


@lesson("pipework", minutes=15, document="003")
def pipework() -> Steps:
    """Plug running containers into networks, form by form, as pipework does it in a line.

    Source: sequence 003.pipework.
    """
    yield op.Need("Bridge", name=BRIDGE)
    yield op.Need("BridgeFilter")
    yield op.Need("Link", name=UPLINK)
    yield op.Need("Netns", name=WORLD.name)
    yield from _bridge()
    yield from _second()
    yield from _firewall()
    yield from _gateway()
    yield from _nic()
    yield from _host()


def _bridge() -> Steps:
    """pipework br1 web 192.168.1.1/24"""
    yield from _guest("web")
    yield from wiring.new_bridge(BRIDGE, NOTE + "bridge")
    yield op.LinkSet(BRIDGE, "up")
    yield because(NOTE + "pair", op.VethAdd("veth1pl_web", "veth1pg_web"))
    yield from _plugged("veth1pl_web")
    yield from _inside("web", "veth1pg_web", "eth1", f"{WEB}/24")
    yield probe(Ping(WEB, seconds=1), FAILS_YET, NOTE + "host-outside")


def _second() -> Steps:
    """pipework br1 -i eth2 -l hostapp1 db 192.168.1.2/24 U:db"""
    yield from _guest("db")
    yield because(NOTE + "named-pair", op.VethAdd("hostapp1", "veth2pg_db"))
    yield from _plugged("hostapp1")
    yield from _inside("db", "veth2pg_db", "eth2", f"{DB}/24", MAC)
    yield probe(Ping(DB), OK, NOTE + "web-db", IN_WEB)
    yield probe(op.Look("NeighbourShow", address=DB), Expect(True, MAC), NOTE + "own-mac", IN_WEB)


def _firewall() -> Steps:
    """An engine's firewall, which that script knows nothing of."""
    yield because(NOTE + "policy", op.PolicySet("FORWARD", "DROP"))
    yield because(NOTE + "bridged", op.SysctlSet("net.bridge.bridge-nf-call-iptables", "1"))
    yield probe(Ping(DB, seconds=1), FAILS_YET, NOTE + "dropped", IN_WEB)
    yield because(NOTE + "accept", op.RuleAppend(Rule("FORWARD", "ACCEPT", in_interface=BRIDGE, out_interface=BRIDGE)))
    yield probe(Ping(DB), OK, NOTE + "passes", IN_WEB)


def _gateway() -> Steps:
    """pipework br1 web 192.168.1.1/24@192.168.1.254"""
    yield because(NOTE + "router", op.AddressAdd(BRIDGE, f"{GATEWAY}/24"))
    yield probe(Ping(HOST, seconds=1), FAILS_YET, NOTE + "no-way", IN_WEB)
    yield within("web", op.RouteAdd(GATEWAY, "eth1"), NOTE + "gateway")
    yield probe(Ping(HOST), OK, NOTE + "way", IN_WEB)


def _nic() -> Steps:
    """pipework em1 app 203.0.113.7/24"""
    yield from _guest("app")
    home = NetnsPath(name="app")
    yield because(NOTE + "macvlan", op.MacvlanAdd("ph_app", UPLINK, "bridge", home, "eth1"))
    yield from _inside("app", "ph_app", "eth1", f"{APP}/24")
    yield probe(Ping(OUTSIDE), OK, NOTE + "on-lan", IN_APP)


def _host() -> Steps:
    """The host's own way to it."""
    yield probe(Ping(APP, seconds=1), FAILS_YET, NOTE + "not-host")
    yield because(NOTE + "own-macvlan", op.MacvlanAdd(OWN, UPLINK, "bridge"))
    yield op.LinkSet(OWN, "up")
    yield because(NOTE + "own-route", op.RouteAdd("", OWN, f"{APP}/32", HOST))
    yield probe(Ping(APP), OK, NOTE + "host-reaches")


def _guest(name: str) -> Steps:
    """A container without a network, its namespace under a name."""
    party = wiring.Party(names.Guest("docker", name), f"_{name.upper()}")
    yield Step(op.GuestRun("docker", party.container, "busybox", ("sh",)), note=NOTE + name)
    yield from wiring.identify(party)
    yield from wiring.name_free(name, party)
    yield from wiring.name_netns(name, party, "bind")


def _plugged(end: str) -> Steps:
    """The host's end of a pair is a port."""
    yield op.LinkSet(end, "master", BRIDGE)
    yield op.LinkSet(end, "up")


def _inside(guest: str, link: str, interface: str, address: str, mac: str = "") -> Steps:
    """A link goes into a guest, under its name there, and gets its address."""
    yield op.LinkSetNetns(link, guest)
    yield within(guest, op.LinkRename(link, interface))
    if mac:
        yield within(guest, op.LinkSet(interface, "address", mac), NOTE + "mac")
    yield within(guest, op.AddressAdd(interface, address))
    yield within(guest, op.LinkSet(interface, "up"))
