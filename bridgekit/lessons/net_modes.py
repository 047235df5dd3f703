"""Document 003: the four answers to `--net`, and what each container then has."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.lessons.throwaway import AWAY
from bridgekit.operations import Ping
from bridgekit.plan import FAILS, OK, Container, Expect, Step, Steps, because, probe
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

IMAGE = Var("IMAGE", "busybox")
BRIDGED, ALONE, HOSTED, SHARING = "bridged", "alone", "hosted", "sharing"
ADDRESS = Var("address", example="172.17.0.2")
NOTE = "net-modes/"


# The wording of document 002, whose containers need no terminal of their own.
@lesson("net-modes", minutes=10, document="002", engine=True)
def net_modes() -> Steps:
    """Compare --net=bridge, none, host and container:NAME.

    Source: sequence 003.steps.
    """
    yield op.Need("Engine", runtime="docker")
    yield from _bridge()
    yield from _none()
    yield from _host()
    yield from _container()


def _run(name: str, network: str) -> Step:
    return Step(op.GuestRun("docker", name, IMAGE, ("sh",), network), note=f"{NOTE}{name}")


def _bridge() -> Steps:
    inside = Container("docker", BRIDGED)
    yield _run(BRIDGED, "bridge")
    yield because(
        NOTE + "ask-address", op.Capture(ADDRESS, "NetworkFact", runtime="docker", guest=BRIDGED, fact="IPAddress")
    )
    yield probe(op.Look("AddressShow", device="eth0"), Expect(True, (ADDRESS, "/")), NOTE + "bridged-address", inside)
    yield probe(op.Look("RouteShow"), Expect(True, "default via"), NOTE + "bridged-route", inside)
    yield probe(Ping(AWAY), OK, NOTE + "bridged-outside", inside)


def _none() -> Steps:
    inside = Container("docker", ALONE)
    yield _run(ALONE, "none")
    yield probe(op.Look("AddressShow", device="lo"), OK, NOTE + "alone-lo", inside)
    yield probe(op.Look("AddressShow", device="eth0"), FAILS, NOTE + "alone-eth0", inside)
    yield probe(Ping(AWAY, seconds=1), FAILS, NOTE + "alone-outside", inside)
    yield probe(Ping(ADDRESS, seconds=1), FAILS, NOTE + "alone-neighbour", inside)


def _host() -> Steps:
    inside = Container("docker", HOSTED)
    yield _run(HOSTED, "host")
    yield probe(op.Look("AddressShow", device="docker0"), OK, NOTE + "hosted-docker0", inside)
    yield probe(Ping(AWAY), OK, NOTE + "hosted-outside", inside)
    yield probe(op.LinkSet("docker0", "down"), FAILS, NOTE + "hosted-no-right", inside)


def _container() -> Steps:
    inside = Container("docker", SHARING)
    yield _run(SHARING, f"container:{BRIDGED}")
    yield probe(op.Look("AddressShow", device="eth0"), Expect(True, (ADDRESS, "/")), NOTE + "sharing-address", inside)
    yield probe(Ping(AWAY), OK, NOTE + "sharing-outside", inside)
