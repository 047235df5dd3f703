"""`vm` of the throw-away host: a stand-in for a virtual machine, as `qemu` would start one on a tap."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv

PROGRAMS: dict[str, str] = {}  # no package has it


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation."""
    match operation:
        case op.VmRun(name, tap, mac, address, gateway):
            return ("vm", "run", name, "--tap", tap, "--mac", mac, "--address", address, "--gateway", gateway)
        case op.VmStop(name):
            return ("vm", "stop", name)
    return None


def ask(name: str) -> Argv:
    """The command that prints `up` if the machine runs."""
    return ("vm", "exec", name, "echo", "up")
