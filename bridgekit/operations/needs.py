"""Conditions of the host, checked before anything is touched."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.words import Text, Var


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

    name: Text
    pid: Text


@operation
class NeedPair(Need):
    """Both ends are free, or they are the two ends of one pair already.

    name, peer: their names when they are made, on the host.  path, interface: where the second one ends up.
    home: the namespace that the first one ends up in, if not the host's.
    """

    name: str
    peer: str
    path: NetnsPath
    interface: str
    home: NetnsPath = NetnsPath()


@operation
class NeedDefaultRoute(Need):
    """The guest has no default route, or the one through this gateway."""

    path: NetnsPath
    via: Text


@operation
class NeedValue(Need):
    """A captured value is not empty."""

    variable: Var
