"""A Docker engine as a service of the host, and the bridge that it puts containers on.  man 8 service, dockerd."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation

_DAEMON = "/etc/docker/daemon.json"


@operation
class EngineStop(Operation):
    """Stop the Docker engine, on its way to another bridge; started again also after a start that failed.

    bridge: the one it will use; an engine that uses it already is not stopped.
    """

    bridge: str
    line = "service docker stop"
    unless = "engine_off_or_on {bridge}"
    undo = "engine_revive"


@operation
class EngineStart(Operation):
    """Start the Docker engine.

    bridge: the one it then uses.
    """

    bridge: str
    line = "service docker start"
    unless = "engine_on {bridge}"
    undo = "service docker stop"


@operation
class EngineBridgeSet(Operation):
    """Tell the Docker engine, in a file that it reads when it starts, which bridge to use.

    The other settings stay, but `bip`, which excludes `bridge`; so do the file's owner and mode, if there is one.  On
    the way back the engine is started while the bridge is still there: only so it takes back its own rules about it.
    """

    bridge: str
    line = (
        f"mkdir -p /etc/docker && cp -p {_DAEMON} {_DAEMON}.new ; cat -- {_DAEMON}"
        """ | jq -s 'add + {bridge: "{bridge}"} | del(.bip)'"""
        f" > {_DAEMON}.new && mv {_DAEMON}.new {_DAEMON} || ! rm {_DAEMON}.new"
    )
    unless = "engine_names {bridge}"
    undo = "engine_unset {bridge} $(engine_files) $(sysctl -n -e net/ipv6/conf/{bridge}/accept_ra)"


@operation
class BridgeDelete(Operation):
    """Remove a bridge; on the way back it has its addresses and its MAC again."""

    name: str
    line = "ip link del dev {name}"
    unless = "lacks ip link show dev {name}"
    undo = "remake $(made_of {name})"


@operation
class BridgeSweep(Operation):
    """Remove a bridge that an engine, starting, made once more of its notes; BridgeDelete's way back is for both."""

    name: str
    line = "ip link del dev {name}"
    unless = "lacks ip link show dev {name}"
