"""A running guest joins a bridge of Open vSwitch."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.operations.programs import PACKAGES, RUNTIMES
from bridgekit.plan import Steps
from bridgekit.recipes import configuring, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.words import Var


@recipe("ovs-{guest}-{interface}")
def ovs(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address, CIDR: 10.0.0.2/24; 0/0: none"],
    *,
    bridge: Annotated[str, "the bridge of Open vSwitch; made if it is missing"] = "ovs0",
    vlan: Annotated[int | None, "the VLAN that the guest is on; default: frames without a tag"] = None,
    interface: Annotated[str, "the interface's name in the guest"] = "eth0",
    veth: Annotated[str | None, "the pair's end on the host; default: made of guest and interface"] = None,
    mac: Annotated[str | None, "the interface's MAC address; default: the kernel's choice"] = None,
    mtu: Annotated[int | None, "MTU of both ends, in bytes"] = None,
    add_address: Annotated[list[str] | None, "one more address, CIDR"] = None,
    via: Annotated[list[str] | None, "default route, by a router of that network, in place of the guest's"] = None,
    route: Annotated[list[str] | None, "one more route: DESTINATION, or DESTINATION@ROUTER"] = None,
    notify: Annotated[bool, "tell the neighbours at once which MAC address it has"] = False,
) -> Steps:
    """Join a running guest to a bridge of Open vSwitch.

    Raises InputError.  Source: man 8 ovs-vsctl.
    """
    who, wanted = wiring.Party(names.guest(guest)), configuring.inside(address, add_address, None, via, route, notify)
    switch, wire = names.interface(bridge), wiring.wire_of(who.guest, interface, veth, None, None)
    tag = "" if vlan is None else str(names.vlan(str(vlan)))
    hardware, both = None if mac is None else names.mac(mac), wiring.settings(wanted.version, mtu)
    yield op.Need("Program", program="ovs-vsctl", package=PACKAGES["ovs-vsctl"])
    yield from wiring.identify(who)
    yield op.Need("OvsBridge", name=switch)
    yield from wiring.free(wire, who)
    yield from configuring.free(who, wanted)
    yield from wiring.name_netns(wire.netns, who, "bind")
    yield from wiring.pair(wire, hardware, both, switch if mtu is None else "")
    yield from configuring.addressed(wire, wanted)
    yield op.OvsBridgeAdd(switch)
    yield from _port(who, wire, switch, tag)
    yield op.LinkSet(wire.veth, "up")
    yield from configuring.routed(wire, wanted)
    yield from configuring.announced(wire, wanted)


def _port(who: wiring.Party, wire: wiring.Wire, switch: str, tag: str) -> Steps:
    engine = who.guest.kind if who.guest.kind in RUNTIMES else ""
    if engine:
        yield op.Capture(Var("id"), "Id", runtime=engine, guest=who.container)
    yield op.OvsPortAdd(
        switch, wire.veth, tag, who.container if engine else who.guest.name, Var("id") if engine else "", who.pid or ""
    )
