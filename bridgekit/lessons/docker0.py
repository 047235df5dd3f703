"""Documents 002 and 004: docker0 observed, containers joining it, who reaches whom."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.throwaway import AWAY
from bridgekit.operations import Ping
from bridgekit.plan import FAILS, OK, Container, Expect, Step, Steps, because, probe
from bridgekit.recipes.registry import lesson
from bridgekit.words import Text, Var

FIRST, SECOND = "busybox1", "busybox2"
IMAGE, BRIDGE = Var("IMAGE", "busybox"), "docker0"
GATEWAY, ADDRESS, OTHER = (
    Var(name, example=example)
    for name, example in (("gateway", "172.17.0.1"), ("address", "172.17.0.2"), ("other", "172.17.0.3"))
)
MAC, HOST_END = Var("mac", example="02:42:ac:11:00:02"), Var("veth", example="vethe657f66")
NOTE = "docker0/"


@lesson("docker0", minutes=15, document="002", engine=True)
def docker0() -> Steps:
    """Watch containers join docker0, and try who reaches whom.

    Source: sequences 002.observe, 002.verify, 004.docker0, 004.verify.
    """
    yield op.Need("Engine", runtime="docker")
    yield probe(op.Look("AddressList"), Expect(True, f"{BRIDGE}: "), NOTE + "there")
    yield probe(op.Look("BridgeShow"), OK, NOTE + "ports-before")
    yield probe(op.Look("InterfaceShow", name=BRIDGE), Expect(True, "inet "), NOTE + "address")
    yield probe(op.Look("NetworkList", runtime="docker"), Expect(True, "bridge"), NOTE + "networks")
    yield probe(
        op.Look("NetworkInspect", runtime="docker", network="bridge"), Expect(True, '"Subnet"'), NOTE + "subnet"
    )
    yield from _start(FIRST, "first", ADDRESS)
    yield because(NOTE + "mac", op.Capture(MAC, "NetworkFact", runtime="docker", guest=FIRST, fact="MacAddress"))
    yield because(NOTE + "gateway", op.Capture(GATEWAY, "NetworkFact", runtime="docker", guest=FIRST, fact="Gateway"))
    yield because(NOTE + "host-end", op.Capture(HOST_END, "HostEnd", runtime="docker", guest=FIRST, interface="eth0"))
    yield probe(op.Look("BridgeShow"), Expect(True, HOST_END), NOTE + "port")
    yield probe(op.Look("AddressShow", device=HOST_END), Expect(True, f"master {BRIDGE}"), NOTE + "cable")
    inside = Container("docker", FIRST)
    yield probe(op.Look("AddressShow"), Expect(True, (ADDRESS, "/")), NOTE + "inside", inside)
    yield probe(op.Look("AddressShow"), Expect(True, MAC), NOTE + "mac-inside", inside)
    yield from _start(SECOND, "second", OTHER)
    yield probe(Ping(ADDRESS), OK, NOTE + "host-to-container")
    yield probe(Ping(GATEWAY), OK, NOTE + "container-to-host", inside)
    yield probe(Ping(OTHER), OK, NOTE + "container-to-container", inside)
    yield probe(Ping(AWAY), OK, NOTE + "to-outside", inside)
    yield probe(op.LinkSet("eth0", "down"), FAILS, NOTE + "no-right", inside)


def _start(name: str, note: str, address: Text) -> Steps:
    """Start a container, and see it among the network's members."""
    yield Step(op.GuestRun("docker", name, IMAGE, ("sh",), ""), note=NOTE + note)
    assert isinstance(address, Var)
    yield because(
        f"{NOTE}{note}-address", op.Capture(address, "NetworkFact", runtime="docker", guest=name, fact="IPAddress")
    )
    yield probe(
        op.Look("NetworkInspect", runtime="docker", network="bridge"),
        Expect(True, (address, "/")),
        f"{NOTE}{note}-member",
    )
