"""Guests and the names of their namespaces."""

from __future__ import annotations

from typing import ClassVar

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text, Var


@operation
class GuestRun(Operation):
    """Start a container in a network namespace of its own, with `lo` and nothing else."""

    runtime: str
    guest: Text
    image: Text
    command: tuple[str, ...]


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

    name: str


@operation
class NetnsDelete(Operation):
    """Remove the name of a network namespace."""

    name: str


@operation
class NetnsBind(Operation):
    """Bind-mount a process's network namespace over a name."""

    name: str
    pid: Text


@operation
class NetnsUnbind(Operation):
    """Unmount what NetnsBind mounted."""

    name: str


@operation
class NetnsLink(Operation):
    """Name a process's network namespace by a symbolic link."""

    name: str
    pid: Text


@operation
class NetnsUnlink(Operation):
    """Remove what NetnsLink linked."""

    name: str


@operation
class NetnsList(Operation):
    """List the named network namespaces."""


@operation
class NetnsPids(Operation):
    """List the processes in a named network namespace."""

    name: str
