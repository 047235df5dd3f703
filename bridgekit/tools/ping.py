"""`ping` of iputils, in words that busybox takes too.  man 8 ping."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv

_USUAL = op.Ping("").seconds
PROGRAMS = {"ping": "iputils-ping"}


def build(operation: op.Operation) -> Argv | None:
    """One answer within the given seconds."""
    match operation:
        case op.Ping(address, seconds, source):
            return ("ping", "-c", "1", "-w", str(seconds), *(("-I", source) if source else ()), address)
    return None


def build_002(operation: op.Operation) -> Argv | None:
    """As document 002 types it: three answers, where the wait for them is the usual one."""
    match operation:
        case op.Ping(address, seconds) if seconds == _USUAL:
            return ("ping", address, "-c", "3")
    return None
