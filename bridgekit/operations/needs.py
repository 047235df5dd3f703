"""Conditions of the host, checked before anything is touched."""

from __future__ import annotations

from bridgekit.operations.base import Operation, Value, operation
from bridgekit.words import Text, Var


@operation
class NetnsPath(Value):
    """Where a namespace can be opened: by a process's id or by its name."""

    pid: Text = ""
    name: str = ""


@operation
class Need(Operation):
    """A condition of the host, checked before anything is touched."""


@operation
class NeedProcess(Need):
    """The process runs: its id is a number above 0 and /proc knows it."""

    pid: Text


@operation
class NeedNetns(Need):
    """The named namespace exists."""

    name: str


@operation
class NeedOwnNetns(Need):
    """The guest has a network namespace of its own, not the host's."""

    path: NetnsPath


@operation
class NeedBridge(Need):
    """The name is a bridge's, or free."""

    name: str


@operation
class NeedNetnsName(Need):
    """The name leads to the process's namespace already, or is free."""

    name: str
    pid: Text


@operation
class NeedPair(Need):
    """Both ends are free, or they are the two ends of one pair already."""

    name: str
    peer: str
    path: NetnsPath
    interface: str


@operation
class NeedDefaultRoute(Need):
    """The guest has no default route, or the one through this gateway."""

    path: NetnsPath
    via: str


@operation
class NeedValue(Need):
    """A captured value is not empty."""

    variable: Var
