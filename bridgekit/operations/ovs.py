"""Open vSwitch.  man 8 ovs-vsctl."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text


@operation
class OvsBridgeAdd(Operation):
    """Make a bridge of Open vSwitch."""

    name: str
    line = "ovs-vsctl add-br {name}"
    unless = "ovs-vsctl br-exists {name}"
    undo = "ovs-vsctl del-br {name}"


@operation
class OvsPortAdd(Operation):
    """Make an interface a port of a bridge of Open vSwitch, with what its users look for in its database.

    vlan: whose frames it carries, untagged; empty: those without a tag.  guest, id, pid: who is behind it.
    """

    bridge: str
    port: str
    vlan: str
    guest: Text
    id: Text
    pid: Text
    line = (
        "ovs-vsctl add-port {bridge} {port} [tag={vlan}] -- set Interface {port}"
        " external-ids:pipework.interface={port} external-ids:pipework.bridge={bridge}"
        " [external-ids:pipework.containerid={id}] external-ids:pipework.containername={guest}"
        " [external-ids:pipework.nspid={pid}] [external-ids:pipework.vlan={vlan}]"
    )
    unless = "ovs_has_port {bridge} {port}"
    undo = "ovs-vsctl --if-exists del-port {bridge} {port}"
