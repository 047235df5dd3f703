"""The one-line functions that a rendered script defines for what no program does in one command."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Pipeline, answer

PROGRAMS: dict[str, str] = {}
EXPORTED = ("forwarding", "restore")  # also for a bash inside a namespace


def build(operation: op.Operation) -> Argv | None:
    """The function call of an operation."""
    match operation:
        case op.LinkFetch(name, netns):
            return ("fetch", name, netns)
        case op.NetnsRelink():
            return ("relink", answer("dangling"))
        case op.BridgeRestore(name):
            return ("remake", answer("made_of", name))
        case op.EngineRevive():
            return ("engine_revive",)
        case op.EngineBridgeUnset(bridge):
            accepts = answer("sysctl", "-n", "-e", f"net/ipv6/conf/{bridge}/accept_ra")
            return ("engine_unset", bridge, answer("engine_files"), accepts)
        case op.LinkReturn(name, netns):
            return ("bring_back", name, netns, answer("habits", name), answer("furniture", name))
        case op.LinkMoveOver(name, master):
            return ("move_over", name, master)
        case op.LinkMoveBack(name, master):
            return ("move_back", name, master, answer("furniture", name))
    return None


def question(operation: op.Operation) -> Pipeline | None:
    """The call whose output a capturing operation keeps."""
    match operation:
        case op.CaptureCard(bridge=bridge, version=version):
            return (("card_behind", bridge, f"-{version}"),)
    return None
