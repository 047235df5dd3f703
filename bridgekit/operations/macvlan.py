"""Links on top of another one.  man 8 ip-link."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.words import Text


@operation
class MacvlanAdd(Operation):
    """Make a macvlan: an interface with a MAC address of its own on another one, its parent.

    mode: what those on one parent may do among themselves; `bridge`, `private`, `vepa` or `passthru`.
    home, inside: the namespace that it will live in, and its name there; on its way there it is still here.  Neither:
    it is the host's own.
    """

    name: str
    parent: Text
    mode: str
    home: NetnsPath = NetnsPath()
    inside: str = ""
    line = "ip link add name {name} link {parent} type macvlan mode {mode}"
    makes = ("link name",)
    part_of = ("link parent",)

    @property
    def unless(self) -> str:
        if self.home:
            return "macvlan_of {parent} {mode} {name} {home} {inside}"
        return "is_macvlan {name}@{parent}': ' {mode} ip -o -d link show dev {name} type macvlan"

    @property
    def undo(self) -> str:
        return "drop_link {name} {home} {inside}" if self.home else "ip link del dev {name}"


@operation
class NeighbourAdd(Operation):
    """Tell which MAC address a neighbour has, once and for all: nobody is asked."""

    address: Text
    mac: Text
    device: str
    line = "ip neigh add {address} lladdr {mac} nud permanent dev {device}"
    unless = "has ' lladdr {mac} ' ip neigh show {address} nud permanent dev {device}"
    undo = "ip neigh del {address} dev {device}"
    part_of = ("link device",)
