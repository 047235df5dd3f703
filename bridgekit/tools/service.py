"""`service`, and the files that a Docker engine reads when it starts.  man 8 service, dockerd; man 1 jq."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Operator

PROGRAMS = {"service": "init-system-helpers", "jq": "jq"}
DAEMON, DEFAULTS = "/etc/docker/daemon.json", "/etc/default/docker"
_NEW = f"{DAEMON}.new"
_AND = Operator("&&")


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation.  The other settings of daemon.json stay, but `bip`, which excludes `bridge`."""
    match operation:
        case op.EngineStop():
            return ("service", "docker", "stop")
        case op.EngineStart():
            return ("service", "docker", "start")
        case op.EngineBridgeSet(bridge):
            return (
                *("mkdir", "-p", "/etc/docker", _AND),
                *("cp", "-p", DAEMON, _NEW, Operator(";")),  # its owner and mode; there may be none
                *("cat", "--", DAEMON, Operator("|"), "jq", "-s", f'add + {{bridge: "{bridge}"}} | del(.bip)'),
                *(Operator(">"), _NEW, _AND, "mv", _NEW, DAEMON, Operator("||"), "!", "rm", _NEW),
            )
    return None


def build_003(operation: op.Operation) -> Argv | None:
    """As document 003 does it: an option of the engine's, in a file that Debian's and Ubuntu's service reads."""
    match operation:
        case op.EngineBridgeSet(bridge):
            return ("echo", f'DOCKER_OPTS="-b={bridge}"', Operator(">>"), DEFAULTS)
    return None
