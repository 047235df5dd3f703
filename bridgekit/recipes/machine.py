"""The virtual machine's way onto the network: its tap and a network card, ports of one bridge."""

from __future__ import annotations

from collections.abc import Iterable

from bridgekit import operations as op
from bridgekit.operations import Ping
from bridgekit.plan import OK, Step, Steps, because, probe
from bridgekit.words import Text


def one_switch(tap: str, bridge: str, nic: Text, gateway: Text, through: Iterable[Step] = ()) -> Steps:
    """Join a tap and a network card by a bridge, which takes over all that the card had; the gateway must answer.

    through: what lets pass what goes from port to port.
    """
    yield op.Need("Bridge", name=bridge)
    yield op.Need("Tap", name=tap)
    yield op.Need("NoPort", name=tap, master=bridge)
    yield op.Need("Link", name=nic)
    yield op.Need("NoPort", name=nic, master=bridge)
    yield op.Need("OnePath", name=nic)
    yield op.TapAdd(tap)
    yield op.BridgeAdd(bridge)
    yield op.LinkSet(bridge, "address of", nic)
    yield op.LinkSet(bridge, "up")
    yield because("tap-port", op.LinkSet(tap, "master", bridge), name=tap, master=bridge)
    yield op.LinkSet(tap, "up")
    yield because("card-up", op.LinkSet(nic, "up"), name=nic)
    yield from through
    yield op.LinkMoveOver(nic, bridge)
    yield probe(Ping(gateway, seconds=5), OK, "gateway-answers")
