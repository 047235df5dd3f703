"""What a Docker engine does to the host when it starts."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, because
from bridgekit.recipes import engine
from bridgekit.recipes.nat import FORWARDING
from bridgekit.recipes.registry import recipe
from bridgekit.words import Text, Var

USUAL, USUAL_ADDRESS = "docker0", "172.17.0.1/16"


@recipe("docker0-{bridge}")
def docker0(
    *,
    bridge: Annotated[str, "the bridge; another one than docker0 must be there, with its address"] = USUAL,
    bip: Annotated[str | None, "docker0's address, CIDR; default: 172.17.0.1/16"] = None,
    icc: Annotated[str, "whether containers may talk to each other: true or false"] = "true",
    ip_forward: Annotated[str, "whether to turn forwarding on"] = "true",
    iptables: Annotated[str, "whether to make rules"] = "true",
    ip_masq: Annotated[str, "whether containers go out with the host's address"] = "true",
    userland_proxy: Annotated[str, "whether a program passes on what rules cannot"] = "true",
) -> Steps:
    """Do what a Docker engine does to the host when it starts.

    Raises InputError.  Source: sequences 003.options, 003.docker0; dockerd(8).
    """
    name, filters, own = names.interface(bridge), names.truth(iptables), bridge == USUAL
    talk, masquerade, proxy = names.truth(icc), names.truth(ip_masq), names.truth(userland_proxy)
    forwards, address = names.truth(ip_forward), names.host_address(bip or USUAL_ADDRESS)
    if not own and bip is not None:
        raise InputError(f"--bridge and --bip exclude each other: {bridge!r}, {bip!r}", "your own has its address")
    if not filters and not talk:
        raise InputError("--icc false needs --iptables true", "rules are what keeps containers apart")
    subnet: Text = str(address.network) if own else Var("subnet")
    network = engine.Network(name, subnet, talk, masquerade, proxy)
    yield from _ready(name, own, filters and masquerade)
    if filters:
        yield from engine.chains()
    if filters and forwards:
        yield because("engine-policy", op.PolicySet("FORWARD", "DROP", router=True))
    if forwards:
        yield because("forwarding", op.SysctlSet(FORWARDING[4], "1"))
    yield from engine.bridge(network, str(address) if own else None)
    if filters:
        yield from engine.published(proxy)
        yield from engine.rules(network)
    yield op.LinkSetUp(name)


def _ready(name: str, own: bool, asked: bool) -> Steps:
    """The name is free for a bridge, or another bridge is there; its subnet is asked for where a rule names it."""
    yield op.NeedBridge(name) if own else op.NeedReadyBridge(name)
    if asked and not own:
        yield op.CaptureSubnet(Var("subnet"), name)
        yield op.NeedSubnet(Var("subnet"), name)
