"""Guests on a bridge reach the outside: forwarding, FORWARD rules, masquerade."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.operations import Capture, Need
from bridgekit.plan import Steps
from bridgekit.recipes import meeting
from bridgekit.recipes.nat import forward, masquerade
from bridgekit.recipes.registry import recipe
from bridgekit.words import Text, Var


@recipe("outbound-{subnet}-{uplink}")
def outbound(
    subnet: Annotated[str, "the guests' subnet, CIDR: 10.0.0.0/24"],
    *,
    bridge: Annotated[str, "the bridge they are on"] = "br666",
    uplink: Annotated[str | None, "the interface that leads out; default: that of the default route"] = None,
) -> Steps:
    """Let the guests of a subnet reach the outside.

    Raises InputError.  Source: sequence 000.outbound; man 8 iptables-extensions, MASQUERADE.
    """
    network, name = names.subnet(subnet), names.interface(bridge)
    if uplink is None:
        way: Text = Var("uplink")
        yield Capture(Var("uplink"), "Uplink", version=network.version)
        yield Need("Value", variable=Var("uplink"))
    else:
        way = Var("UPLINK", names.interface(uplink))
    yield Need("Link", name=way)
    if uplink is None:
        yield from meeting.leads_out(way, network.version)
    yield from meeting.served(name, network)
    yield from meeting.reached(forward(name, network.version))
    yield from masquerade(str(network), way)
    yield from forward(name, network.version)
