"""A virtual machine on the network that a network card leads to: no routing, no NAT."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import meeting
from bridgekit.recipes.machine import one_switch
from bridgekit.recipes.nat import among
from bridgekit.recipes.registry import recipe
from bridgekit.recipes.table import card
from bridgekit.translation import tr
from bridgekit.words import Text, Var


@recipe("vm-{tap}")
def vm(
    tap: Annotated[str, "the tap that the virtual machine is started on: tap0; made if it is missing"],
    *,
    bridge: Annotated[str, "the bridge; made if it is missing"] = "br0",
    nic: Annotated[str | None, "the network card, by cable and not Wi-Fi; default: that of the default route"] = None,
    forward: Annotated[bool, "let through what passes the bridge, where the host filters that"] = False,
    gateway: Annotated[str | None, "who must answer afterwards; default: the gateway of its default route"] = None,
) -> Steps:
    """Put a tap and a network card into one bridge, which takes over the card's addresses and routes.

    Raises InputError.  Source: sequence 000.vm-bridge; man 8 ip-tuntap, bridge.
    """
    plug, switch, known = card(tap), card(bridge), None if nic is None else card(nic)
    if len({plug, switch, known}) < 3:
        raise InputError(
            tr("one name for two interfaces: {0!r}, {1!r}, {2!r}", plug, switch, known), tr("three different names")
        )
    answers = None if gateway is None else _answering(gateway)
    version = 4 if answers is None else answers.version
    way: Text = Var("nic") if known is None else Var("NIC", known)
    if known is None:
        yield op.Capture(Var("nic"), "Card", bridge=switch, version=version)
        yield op.Need("Card", nic=Var("nic"))
    router: Text = Var("gateway") if answers is None else str(answers)
    if answers is None:
        yield op.Capture(Var("gateway"), "Gateway", nic=way, bridge=switch, version=version)
        yield op.Need("Gateway", gateway=Var("gateway"), nic=way)
    yield from meeting.through(switch, version, forward)
    yield from one_switch(plug, switch, way, router, [among(switch, version)] if forward else ())


def _answering(text: str) -> names.Address:
    address = names.lone_address(text)
    if address.is_link_local:
        raise InputError(
            tr("an address that means something else on each link: {0!r}", text), tr("an address that is not")
        )
    return address
