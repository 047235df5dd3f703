"""What several lessons begin with: docker0, and containers on it that run a web server at their ports 80 and 81."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bridgekit import names, operations as op
from bridgekit.lessons.throwaway import WORLD
from bridgekit.plan import Container, Expect, Step, Steps, as_steps, within
from bridgekit.recipes import wiring

BRIDGE, GATEWAY, SUBNET = "docker0", "172.17.0.1", "172.17.0.0/16"


@dataclass(frozen=True)
class Home:
    """A bridge, the host's address on it, the prefix of both.

    mtu: its containers', in bytes; 0: the usual.
    """

    bridge: str = BRIDGE
    gateway: str = GATEWAY
    prefix: int = 16
    mtu: int = 0


DOCKER0 = Home()


def bridge(note: str, home: Home = DOCKER0) -> Steps:
    """The host's place among its containers."""
    yield op.Need("Bridge", name=home.bridge)
    yield op.Need("Netns", name=WORLD.name)
    yield op.Need("Program", program="wget", package="wget")
    yield from wiring.new_bridge(home.bridge, note)
    yield op.AddressAdd(home.bridge, f"{home.gateway}/{home.prefix}")
    yield op.LinkSet(home.bridge, "up")


def inside(name: str) -> Container:
    """A step's place: in a container."""
    return Container("docker", _party(name).container)


def server(name: str, address: str, note: str, home: Home = DOCKER0, gateway: str = "") -> Steps:
    """A container on a bridge; its way out is another gateway than the host, if one is named.

    Its MAC address is the engine's, and so the same when a learner goes back and on again.
    """
    party, veth = _party(name), f"to_{name}"
    yield Step(op.GuestRun("docker", party.container, "httpd", ()), note=note, facts={"address": address})
    yield from wiring.identify(party)
    yield from wiring.name_free(name, party)
    yield from wiring.name_netns(name, party, "bind")
    yield op.VethAdd(veth, "eth0")
    if home.mtu:
        yield op.LinkSet(veth, "mtu", str(home.mtu))
    yield op.LinkSet(veth, "master", home.bridge)
    yield op.LinkSet(veth, "up")
    yield op.LinkSetNetns("eth0", name)
    if home.mtu:
        yield within(name, op.LinkSet("eth0", "mtu", str(home.mtu)))
    yield within(name, op.LinkSet("eth0", "address", "02:42:" + IPv4Address(address).packed.hex(":")))
    yield within(name, op.AddressAdd("eth0", f"{address}/{home.prefix}"))
    yield within(name, op.LinkSet("eth0", "up"))
    yield within(name, op.RouteAdd(gateway or home.gateway, "eth0"))


def seen(address: str, passing: bool = False) -> Expect:
    """A web server answers, and says that it is asked by this address.  passing: a later step makes it otherwise."""
    return Expect(True, f"you come from {address}", passing)


def _party(name: str) -> wiring.Party:
    return wiring.Party(names.Guest("docker", name), f"_{name.upper()}")


def told(steps: Steps, *notes: str) -> tuple[Step, ...]:
    """A recipe's steps, each told in a lesson's words."""
    return tuple(replace(step, note=note) for step, note in zip(as_steps(steps), notes, strict=True))
