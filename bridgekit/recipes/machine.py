"""The virtual machine's way onto the network: its tap and a network card, ports of one bridge."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.operations import Ping
from bridgekit.plan import OK, Steps, because, probe
from bridgekit.words import Text


def one_switch(tap: str, bridge: str, nic: Text, gateway: Text) -> Steps:
    """Join a tap and a network card by a bridge, which takes over all that the card had; the gateway must answer."""
    yield op.NeedBridge(bridge)
    yield op.NeedTap(tap)
    yield op.NeedNoPort(tap, bridge)
    yield op.NeedLink(nic)
    yield op.NeedNoPort(nic, bridge)
    yield op.NeedOnePath(nic)
    yield op.TapAdd(tap)
    yield op.BridgeAdd(bridge)
    yield op.LinkCopyAddress(bridge, nic)
    yield op.LinkSetUp(bridge)
    yield because("tap-port", op.LinkSetMaster(tap, bridge), name=tap, master=bridge)
    yield op.LinkSetUp(tap)
    yield because("card-up", op.LinkSetUp(nic), name=nic)
    yield op.LinkMoveOver(nic, bridge)
    yield probe(Ping(gateway, seconds=5), OK, "gateway-answers")
