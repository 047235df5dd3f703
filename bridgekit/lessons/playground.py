"""Document 003: the network of twelve machines that it ends with, walked through."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.containers import seen
from bridgekit.operations import Fetch, Ping, Rule
from bridgekit.plan import FAILS, FAILS_YET, OK, Expect, Netns, Step, Steps, probe
from bridgekit.recipes.registry import lesson

LAB = "playground"
MODEM_A, MODEM_B, HOP_5 = "10.25.1.65", "10.25.1.66", " 5  10.130.1.4 "
WWW, NAME, H1, HOME, PORT = "10.130.1.4", "www.example.com", "192.168.1.11", "192.168.1.0/24", "2222"
NOTE = "playground/"


def at(node: str) -> Netns:
    """A step's place: inside a machine of the lab."""
    return Netns(f"{LAB}-{node}")


def asked(node: str, operation: op.Operation, expect: Expect, note: str) -> Step:
    """A question that a machine asks."""
    return probe(operation, expect, NOTE + note, at(node))


@lesson("playground", minutes=20, document="003", lab=LAB)
def playground() -> Steps:
    """Walk through a small Internet of twelve machines: who reaches whom, on which way, as whom.

    Source: sequence 003.playground.
    """
    yield op.Need("Program", program="wget", package="wget")
    yield op.Need("Program", program="dbclient", package="dropbear-bin")
    yield op.Need("Lab", lab=LAB, netns=f"{LAB}-h1")
    yield from _homes()
    yield from _ways()
    yield from _names()
    yield from _masks()
    yield from _opened()


def _homes() -> Steps:
    yield probe(op.Look("NetnsList"), Expect(True, f"{LAB}-www"), NOTE + "machines")
    yield asked("h1", op.Look("AddressShow", device="eth1"), Expect(True, f"{H1}/24"), "h1")
    yield asked("h1", Ping("192.168.1.12"), OK, "neighbour")
    yield asked("h4", op.Look("AddressShow", device="eth1"), Expect(True, "192.168.1.14/24"), "h4")
    yield asked("h1", Ping("192.168.1.14", seconds=1), FAILS, "other-home")


def _ways() -> Steps:
    yield asked("h1", op.Look("RouteShow"), Expect(True, "default via 192.168.1.1 dev eth1"), "h1-routes")
    yield asked("isp", op.Look("RouteShow"), Expect(True, f"{MODEM_A} dev eth1"), "isp-routes")
    yield asked("isp", op.Look("RouteGet", address=WWW), Expect(True, "via 10.1.1.1 dev eth0"), "isp-way")
    yield asked("backbone", op.Look("RouteGet", address=WWW), Expect(True, "via 10.130.1.1 dev eth1"), "backbone-way")


def _names() -> Steps:
    yield asked("h1", op.Look("FileShow", path="/etc/resolv.conf"), Expect(True, "nameserver 10.1.1.1"), "resolver")
    yield asked("h1", op.Lookup("www"), Expect(True, WWW), "name")
    yield asked("h1", op.Look("Traceroute", address=NAME), Expect(True, HOP_5), "five-hops")


def _masks() -> Steps:
    yield asked("ftp", Fetch(NAME), seen("10.130.1.2"), "as-itself")
    yield asked("h1", Fetch(NAME), seen(MODEM_A), "as-modem")
    yield asked("h4", Fetch(NAME), seen(MODEM_B), "as-other-modem")
    yield asked("modemA", op.RuleList("nat"), Expect(True, "MASQUERADE"), "rule")
    yield asked("backbone", op.Look("RouteGet", address=H1), FAILS, "no-way-back")
    yield asked("www", Ping(H1, seconds=1), FAILS, "hidden")


def _opened() -> Steps:
    """A port of the modem leads to h1: for the world at once, for h2 beside it only by a second rule."""
    login = op.Look("Login", address=MODEM_A, port=PORT)
    yield asked("www", login, FAILS_YET, "closed")
    to = Rule("PREROUTING", "DNAT", "nat", destination=MODEM_A, protocol="tcp", destination_port=PORT, to=f"{H1}:22")
    yield Step(op.RuleAppend(to), at("modemA"), note=NOTE + "publish", facts={"port": PORT, "to": f"{H1}:22"})
    yield asked("www", login, Expect(True, H1), "open")
    way = Expect(True, f"{MODEM_A} dev eth0")
    yield asked("modemB", op.Look("RouteGet", address=MODEM_A), way, "homes-apart")
    proxy = op.SysctlSet("net.ipv4.conf.all.proxy_arp", "1")
    yield Step(proxy, at("isp"), note=NOTE + "proxy")
    yield asked("h4", login, Expect(True, H1), "homes-meet")
    yield asked("h2", login, FAILS_YET, "not-from-beside")
    back = Rule("POSTROUTING", "MASQUERADE", "nat", source=HOME, out_interface="eth1")
    yield Step(op.RuleAppend(back), at("modemA"), note=NOTE + "hairpin")
    yield asked("h2", login, Expect(True, H1), "from-beside")
