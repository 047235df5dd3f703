"""Links that stand on another one, or on nothing, and live in a guest.  man 8 ip-link."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.words import Text


@operation
class VlanAdd(Operation):
    """Make a VLAN sub-interface: what goes out by it has the VLAN's tag on its parent's wire.

    vlan: its number.
    """

    name: str
    parent: Text
    vlan: str
    line = "ip link add link {parent} name {name} type vlan id {vlan}"
    unless = "vlan_of {parent} {vlan} {name}"
    undo = "ip link del dev {name}"
    makes = ("link name",)
    part_of = ("link parent",)


@operation
class IpvlanAdd(Operation):
    """Make an ipvlan: an interface with an address of its own and its parent's MAC address.

    mode: `l2`, `l3` or `l3s`.  home, inside: the namespace that it will live in, and its name there.
    """

    name: str
    parent: Text
    mode: str
    home: NetnsPath
    inside: str
    line = "ip link add name {name} link {parent} type ipvlan mode {mode}"
    unless = "link_of ipvlan {name} {home} {inside} {parent}"
    undo = "drop_link {name} {home} {inside}"
    makes = ("link name",)
    part_of = ("link parent",)


@operation
class IpoibAdd(Operation):
    """Make a sub-interface of an InfiniBand card, for IP over it.

    pkey: its partition key, `0x8001`; empty: the card's.  home, inside: as of an ipvlan.
    """

    name: str
    parent: Text
    home: NetnsPath
    inside: str
    pkey: str = ""
    line = "ip link add link {parent} name {name} type ipoib [pkey {pkey}]"
    unless = "link_of ipoib {name} {home} {inside} {parent}"
    undo = "drop_link {name} {home} {inside}"
    makes = ("link name",)
    part_of = ("link parent",)


@operation
class DummyAdd(Operation):
    """Make a dummy: an interface that leads nowhere.

    home, inside: the namespace that it will live in, and its name there.
    """

    name: str
    home: NetnsPath
    inside: str
    line = "ip link add name {name} type dummy"
    unless = "link_of dummy {name} {home} {inside}"
    undo = "drop_link {name} {home} {inside}"
    makes = ("link name",)
