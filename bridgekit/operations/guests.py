"""Guests and the names of their namespaces."""

from __future__ import annotations

from typing import ClassVar

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text, Var


@operation
class GuestRun(Operation):
    """Start a container.

    network: `none` (a network namespace of its own, with `lo` and nothing else), `host`, `container:NAME`, or
    empty for the engine's default.
    """

    runtime: str
    guest: Text
    image: Text
    command: tuple[str, ...]
    network: str = "none"


@operation
class GuestDelete(Operation):
    """Remove a container, running or not."""

    runtime: str
    guest: Text


@operation
class GuestList(Operation):
    """List the running containers."""

    runtime: str


@operation
class Capture(Operation):
    """Learn something that is known only when the script runs, and keep it in a variable.

    override: the variable of the environment that answers instead, if it is set.
    """

    variable: Var
    override: ClassVar[str] = ""


@operation
class CapturePid(Capture):
    """Learn a container's process id, the key to its namespaces."""

    runtime: str
    guest: Text


@operation
class CaptureUplink(Capture):
    """Learn the interface of the host's default route."""

    version: int
    override: ClassVar[str] = "UPLINK"


@operation
class NetnsDirectory(Operation):
    """Make the directory that holds the names of namespaces."""


@operation
class NetnsAdd(Operation):
    """Make a named network namespace."""

    name: Text


@operation
class NetnsDelete(Operation):
    """Remove the name of a network namespace."""

    name: Text


@operation
class NetnsBind(Operation):
    """Bind-mount a process's network namespace over a name."""

    name: Text
    pid: Text


@operation
class NetnsUnbind(Operation):
    """Unmount what NetnsBind mounted."""

    name: Text


@operation
class NetnsLink(Operation):
    """Name a process's network namespace by a symbolic link."""

    name: Text
    pid: Text


@operation
class NetnsUnlink(Operation):
    """Remove what NetnsLink linked."""

    name: Text


@operation
class NetnsList(Operation):
    """List the named network namespaces."""


@operation
class NetnsPids(Operation):
    """List the processes in a named network namespace."""

    name: Text


@operation
class NetnsPrune(Operation):
    """Remove the names that lead to no namespace any more."""


@operation
class NetnsRelink(Operation):
    """Bring back what NetnsPrune removed."""


@operation
class FileShow(Operation):
    """Show a file."""

    path: str
