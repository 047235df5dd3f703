"""`brctl` of bridge-utils, as the documents use it.  man 8 brctl."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv

PROGRAMS = {"brctl": "bridge-utils"}


def build(operation: op.Operation) -> Argv | None:
    """The `brctl` command of an operation."""
    match operation:
        case op.BridgeAdd(name):
            return ("brctl", "addbr", name)
        case op.BridgeDelete(name):
            return ("brctl", "delbr", name)
        case op.BridgeShow():
            return ("brctl", "show")
        case op.LinkSetMaster(name, master):
            return ("brctl", "addif", master, name)
    return None
