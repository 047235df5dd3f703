"""Links on top of another one.  man 8 ip-link."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation


@operation
class MacvlanAdd(Operation):
    """Make a macvlan: an interface with a MAC address of its own on another one, its parent.

    mode: what those on one parent may do among themselves; `bridge`, `private`, `vepa` or `passthru`.
    home, inside: the namespace that it will live in, and its name there; on its way there it is still here.
    """

    name: str
    parent: str
    mode: str
    home: NetnsPath
    inside: str
    line = "ip link add name {name} link {parent} type macvlan mode {mode}"
    unless = "macvlan_of {parent} {mode} {name} {home} {inside}"
    undo = "drop_link {name} {home} {inside}"
    makes = ("link name",)
    part_of = ("link parent",)
