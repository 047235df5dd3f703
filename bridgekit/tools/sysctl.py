"""`sysctl` of procps: kernel parameters.  man 8 sysctl; Documentation/networking/ip-sysctl of the kernel."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Word, answer, parts

PROGRAMS = {"sysctl": "procps"}

# The kernel sets these by itself when the parameter on the left changes.
CHANGED_WITH = {"net.ipv4.ip_forward": ("net.ipv4.conf.all.accept_redirects",)}


def build(operation: op.Operation) -> Argv | None:
    """The `sysctl` command of an operation."""
    match operation:
        case op.SysctlSet(key, value):
            return ("sysctl", "-w", (*parts(key), f"={value}"))
        case op.SysctlRestore(key):
            others = CHANGED_WITH.get(key, ()) if isinstance(key, str) else ()
            return ("sysctl", "-w", *(_as_it_is(name) for name in (key, *others)))
    return None


def _as_it_is(key: Word) -> Word:
    return (*parts(key), "=", answer("sysctl", "-n", key))
