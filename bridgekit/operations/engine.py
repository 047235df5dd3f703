"""A Docker engine as a service of the host, and the bridge that it puts containers on."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.operations.needs import Need


@operation
class EngineStop(Operation):
    """Stop the Docker engine, on its way to another bridge.

    bridge: the one it will use; an engine that uses it already is not stopped.
    """

    bridge: str


@operation
class EngineStart(Operation):
    """Start the Docker engine.

    bridge: the one it then uses.
    """

    bridge: str


@operation
class EngineRevive(Operation):
    """Start the Docker engine again, also after a start that failed."""


@operation
class EngineBridgeSet(Operation):
    """Tell the Docker engine, in a file that it reads when it starts, which bridge to use."""

    bridge: str


@operation
class EngineBridgeUnset(Operation):
    """Put the engine's files back as EngineBridgeSet found them, but what others wrote since; start the engine.

    It is started while the bridge is still there: only so it takes back its own rules and notes about it.
    """

    bridge: str


@operation
class EngineBridgeShow(Operation):
    """Show the bridge that the running engine puts containers on."""


@operation
class BridgeDelete(Operation):
    """Remove a bridge."""

    name: str


@operation
class BridgeRestore(Operation):
    """Make a bridge as it was when BridgeDelete came: its addresses, its MAC."""

    name: str


@operation
class BridgeSweep(Operation):
    """Remove a bridge that an engine, starting, made once more of its notes; BridgeDelete's way back is for both."""

    name: str


@operation
class NeedEngineRuns(Need):
    """The Docker engine runs as a service of this host."""


@operation
class NeedEngine(Need):
    """A container engine runs and answers."""

    runtime: str


@operation
class NeedEngineAnswer(Need):
    """The Docker engine answers, if it runs: some services say `started` before that."""


@operation
class NeedContainersStop(Need):
    """The containers stop with their engine: it has no live-restore."""


@operation
class NeedFreeSubnet(Need):
    """No route but these devices' own leads into this subnet or across it."""

    subnet: str
    devices: tuple[str, ...]


@operation
class NeedNoOtherAddress(Need):
    """The interface has no other IPv4 address than this one, or there is no such interface."""

    device: str
    address: str
