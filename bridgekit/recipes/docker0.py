"""What a Docker engine does to the host when it starts."""

from __future__ import annotations

from typing import Annotated

from bridgekit import operations as op
from bridgekit.names import truth
from bridgekit.plan import Steps, because
from bridgekit.recipes import engine, networks
from bridgekit.recipes.named import TRUTH, OneOf
from bridgekit.recipes.nat import forwarding
from bridgekit.recipes.registry import recipe
from bridgekit.words import Var


@recipe("docker0-{bridge}")
def docker0(
    *,
    bridge: Annotated[str, "the bridge; another one than docker0 must be there, with its address", "-b"] = "docker0",
    bip: Annotated[str | None, "docker0's address, CIDR; default: 172.17.0.1/16"] = None,
    mtu: Annotated[int | None, "its containers' MTU, in bytes; default: 1500"] = None,
    icc: Annotated[str, "whether containers may talk to each other", TRUTH] = "true",
    ip: Annotated[str, "the host's address at which ports are published; 0.0.0.0: all"] = "0.0.0.0",
    ip_forward: Annotated[str, "whether to turn forwarding on", TRUTH] = "true",
    iptables: Annotated[str, "whether to make rules", TRUTH] = "true",
    ip_masq: Annotated[str, "whether containers go out with the host's address", TRUTH] = "true",
    userland_proxy: Annotated[str, "whether a program passes on what rules cannot", TRUTH] = "true",
    fixed_cidr: Annotated[str | None, "the subnet of containers' addresses, CIDR; default: all of docker0's"] = None,
    default_gateway: Annotated[str | None, "its containers' gateway; default: docker0"] = None,
    layout: Annotated[str, "the rules of engines 1.13 to 27, or of 2014", OneOf(networks.LAYOUTS)] = "classic",
) -> Steps:
    """Do what a Docker engine does to the host when it starts.

    Raises InputError.  Source: sequences 003.options, 003.docker0; dockerd(8).
    """
    made, forwards = networks.default(locals()), truth(ip_forward)
    yield from _ready(made)
    if made.filters:
        yield from engine.chains(made.old)
    if made.filters and forwards and not made.old:
        yield because("engine-policy", op.PolicySet("FORWARD", "DROP", router=True))
    if forwards:
        yield from forwarding(4)
    yield from engine.bridge(made)
    if made.filters:
        yield from engine.published(made.proxy)
        yield from engine.rules(made)
    yield op.LinkSet(made.bridge, "up")


def _ready(made: engine.Network) -> Steps:
    """The name is free for a bridge, or another bridge is there; its subnet is asked for where a rule names it."""
    if not made.icc:
        yield op.Need("BridgeFilter")
    if made.address:
        yield op.Need("Bridge", name=made.bridge)
        yield op.Need("FreeSubnet", subnet=str(made.subnet), devices=(made.bridge,))
        return
    yield op.Need("ReadyBridge", name=made.bridge)
    if made.filters and made.masquerade:
        yield op.Capture(Var("subnet"), "Subnet", device=made.bridge)
        yield op.Need("Subnet", variable=Var("subnet"), device=made.bridge)
