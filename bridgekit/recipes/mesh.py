"""N guests on one bridge, each with an address of one subnet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import meeting, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.nat import among
from bridgekit.recipes.registry import recipe
from bridgekit.recipes.wiring import MOST_PORTS
from bridgekit.translation import tr


@recipe("mesh-{bridge}")
def mesh(
    bridge: Annotated[str, "the bridge's name; made if it is missing"],
    subnet: Annotated[str, "the guests' subnet, CIDR: 10.0.0.0/24"],
    guests: Annotated[list[str] | None, "running guests: NAME, podman:NAME, pid:N or netns:NAME", GUEST] = None,
    *,
    count: Annotated[int, "so many new namespaces more, named BRIDGE-1, BRIDGE-2 ..."] = 0,
    interface: Annotated[str, "the interface's name in each of them"] = "eth0",
) -> Steps:
    """Join guests or new namespaces by one bridge, addresses handed out in order.

    Raises InputError.  Source: sequence 001.mesh.
    """
    switch, network = names.interface(bridge), names.subnet(subnet)
    known = [names.guest(text) for text in guests or ()]
    made = [names.Guest("netns", names.netns(f"{switch}-{number}")) for number in _numbers(count)]
    everyone = [*known, *made]
    _refuse(everyone)
    addresses = names.hosts(network, len(everyone))
    parties = [wiring.Party(guest, f"_{number}") for number, guest in enumerate(everyone, 1)]
    wires = [wiring.wire_of(guest, interface, None, None, None) for guest in everyone]
    yield op.Need("Bridge", name=switch)
    for party, wire in zip(parties, wires, strict=True):
        if party.guest not in made:
            yield from wiring.identify(party)
        yield from wiring.free(wire, party)
    yield from meeting.reached([among(switch, network.version)])
    yield from wiring.new_bridge(switch)
    yield op.LinkSet(switch, "up")
    yield among(switch, network.version)
    for party, wire, address in zip(parties, wires, addresses, strict=True):
        yield from _member(party, wire, str(address), switch, party.guest in made)


def _numbers(count: int) -> Sequence[int]:
    if count < 0:
        raise InputError(tr("not a number of namespaces: {0}", count), tr("0 or more"))
    if count > MOST_PORTS:
        raise InputError(tr("more guests than ports: {0}", count), tr("a bridge of Linux has {0} ports", MOST_PORTS))
    return range(1, count + 1)


def _refuse(everyone: Sequence[names.Guest]) -> None:
    if len(everyone) < 2:
        raise InputError(tr("a mesh joins at least two"), tr("name the guests, or say --count N"))
    if len(everyone) > MOST_PORTS:
        raise InputError(
            tr("more guests than ports: {0}", len(everyone)), tr("a bridge of Linux has {0} ports", MOST_PORTS)
        )
    for number, guest in enumerate(everyone):
        if guest in everyone[:number]:
            raise InputError(
                tr("the same guest twice: '{0}'", guest), tr("each guest gets one port; attach gives it more")
            )


def _member(party: wiring.Party, wire: wiring.Wire, address: str, switch: str, new: bool) -> Steps:
    if new:
        yield op.NetnsAdd(wire.netns)
    yield from wiring.name_netns(wire.netns, party, "bind")
    yield from wiring.pair(wire)
    yield from wiring.address_inside(wire, address)
    yield op.LinkSet(wire.veth, "master", switch)
    yield op.LinkSet(wire.veth, "up")
