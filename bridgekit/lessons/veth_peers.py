"""Document 001: which interface of the host is the other end of a container's eth0."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.plan import FAILS, Container, Expect, Step, Steps, because, probe
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

GUEST, IMAGE = "busybox", Var("IMAGE", "busybox")
INSIDE, OUTSIDE = Var("inside", example="13"), Var("outside", example="14")
HOST_END = Var("veth", example="vethd6dbb27")
NOTE = "veth-peers/"


@lesson("veth-peers", minutes=8, document="001", engine=True)
def veth_peers() -> Steps:
    """Find the host's end of a container's cable by the interfaces' indices.

    Source: sequence 001.peer.
    """
    yield op.Need("Engine", runtime="docker")
    yield Step(op.GuestRun("docker", GUEST, IMAGE, (), ""), note=NOTE + "container")
    yield because(NOTE + "index", op.Capture(INSIDE, "Index", runtime="docker", guest=GUEST, interface="eth0"))
    yield because(NOTE + "host-end", op.Capture(HOST_END, "HostEnd", runtime="docker", guest=GUEST, interface="eth0"))
    yield because(NOTE + "host-index", op.Capture(OUTSIDE, "LinkIndex", name=HOST_END))
    yield probe(
        op.Look("GuestLinkShow", runtime="docker", guest=GUEST),
        Expect(True, (INSIDE, ": eth0@if", OUTSIDE, ":")),
        NOTE + "seen-inside",
    )
    yield probe(op.Look("LinkShow"), Expect(True, (OUTSIDE, ": ", HOST_END, "@if", INSIDE, ":")), NOTE + "seen-outside")
    yield probe(op.Look("AddressShow", device=HOST_END), Expect(True, "master docker0"), NOTE + "port")
    yield probe(op.Look("AddressShow", device=HOST_END), FAILS, NOTE + "not-here", Container("docker", GUEST))
