"""`getent` of the C library, which looks names up as programs do, `hostname`, `wget`.  man 1 getent, hostname, wget."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv

PROGRAMS = {"timeout": "coreutils", "hostname": "hostname", "wget": "wget"}


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation."""
    match operation:
        case op.Lookup(name, seconds):
            return ("timeout", str(seconds), "getent", "hosts", name)
        case op.Fetch(address, port, seconds):
            return ("timeout", str(seconds), "wget", "-q", "-O", "-", ("http://", address, ":", port, "/"))
        case op.HostnameShow():
            return ("hostname",)
    return None
