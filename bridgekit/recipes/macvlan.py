"""A running guest gets an interface of its own on the network that one of the host's is on."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.operations import NetnsPath
from bridgekit.plan import Steps, within
from bridgekit.recipes import wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.recipes.table import card
from bridgekit.translation import tr

MODES = ("bridge", "private", "vepa", "passthru")


@recipe("macvlan-{guest}-{interface}")
def macvlan(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    address: Annotated[str, "the guest's address on the parent's network, CIDR: 192.168.1.20/24"],
    *,
    parent: Annotated[str, "the interface of this host whose network the guest joins"],
    mode: Annotated[str, "what guests on one parent may do among themselves", OneOf(MODES)] = "bridge",
    gateway: Annotated[str | None, "its default route"] = None,
    interface: Annotated[str, "the interface's name in the guest"] = "eth0",
    mac: Annotated[str | None, "the interface's MAC address; default: the kernel's choice"] = None,
    mtu: Annotated[int | None, "its MTU, in bytes; at most the parent's"] = None,
) -> Steps:
    """Give a running guest a macvlan: an interface of its own on the network of one of this host's.

    The host and the guest do not reach each other by it.

    Raises InputError.  Source: man 8 ip-link, macvlan.
    """
    who, host = wiring.Party(names.guest(guest)), names.host_address(address)
    router = None if gateway is None else names.gateway(gateway, host)
    below = card(parent)
    hardware = None if mac is None else names.mac(mac)
    own = wiring.settings(host.version, mtu)
    # Not born in the guest under its name there: older kernels refuse a name that the host has, too.
    here = f"macvlan_{names.number(who.guest, interface)}"
    wire = wiring.wire_of(who.guest, interface, below, here, None)
    if mode not in MODES:
        raise InputError(tr("not a mode: {0!r}", mode), tr("one of: {0}", ", ".join(MODES)))

    yield from wiring.identify(who)
    yield from _fit(below, {"path": who.path, "mode": mode, "name": here, "interface": wire.interface})
    if router is not None:
        yield op.Need("DefaultRoute", path=who.path, via=str(router), family=names.family(str(router)))
    yield from wiring.name_free(wire.netns, who)
    yield from wiring.name_netns(wire.netns, who, "bind")
    yield op.MacvlanAdd(here, below, mode, NetnsPath(name=wire.netns), wire.interface)
    yield from wiring.into(wire, hardware, own, "macvlan")
    yield from wiring.address_inside(wire, str(host))
    if router is not None:
        yield within(wire.netns, op.RouteAdd(str(router), wire.interface))


def _fit(parent: str, asked: dict[str, op.Given]) -> Steps:
    """The parent is one, and takes one more in that mode."""
    for what in ("Link", "Up", "NoPort", "NoMacvlan"):
        yield op.Need(what, name=parent)
    for what in ("Macvlan", "Passthru"):
        yield op.Need(what, parent=parent, **asked)
