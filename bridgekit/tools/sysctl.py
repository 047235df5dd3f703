"""`sysctl` of procps: kernel parameters.  man 8 sysctl; Documentation/networking/ip-sysctl of the kernel."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Operator, answer, parts

PROGRAMS = {"sysctl": "procps"}

# With these the kernel sets every link's own forwarding (and accept_redirects); the script's words
# `forwarding` and `restore` see to all of it.  The value is the IP version.
_FORWARDING = {"net.ipv4.ip_forward": "4", "net.ipv6.conf.all.forwarding": "6"}


def build(operation: op.Operation) -> Argv | None:
    """The `sysctl` command of an operation."""
    match operation:
        case op.SysctlSet(key, value):
            return ("sysctl", "-w", (*parts(key), f"={value}"))
        case op.SysctlRestore(str(key)) if key in _FORWARDING:
            return ("restore", answer("forwarding", _FORWARDING[key]))
        case op.SysctlRestore(key):
            return ("sysctl", "-w", (*parts(key), "=", answer("sysctl", "-n", key)))
    return None


def build_003(operation: op.Operation) -> Argv | None:
    """What document 003 words in another way: it writes into the file of a parameter."""
    match operation:
        case op.SysctlSet(str(key), value):
            return ("echo", value, Operator(">"), path(key))
    return None


def path(key: str) -> str:
    """The file of a parameter."""
    return f"/proc/sys/{key if '/' in key else key.replace('.', '/')}"
