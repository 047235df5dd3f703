"""The VLANs of a bridge's ports.  man 8 bridge."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation


@operation
class PortVlanAdd(Operation):
    """Let a port carry a VLAN without tags, and what comes in without one be that VLAN's.

    vlan: its number.
    """

    port: str
    vlan: str
    line = "bridge vlan add dev {port} vid {vlan} pvid untagged"
    unless = "has ' {vlan} PVID Egress Untagged' bridge vlan show dev {port}"
    undo = "bridge vlan del dev {port} vid {vlan}"
    part_of = ("link port",)


@operation
class PortVlanDel(Operation):
    """Take a port out of the VLAN that every new port is on.

    vlan: its number.
    """

    port: str
    vlan: str = "1"
    line = "bridge vlan del dev {port} vid {vlan}"
    unless = "lacks port_vlan {port} {vlan}"
    undo = "bridge vlan add dev {port} vid {vlan} pvid untagged"
    part_of = ("link port",)
