"""A link in a guest that is no end of a pair: made here, moved there, configured."""

from __future__ import annotations

from collections.abc import Iterable

from bridgekit import names, operations as op
from bridgekit.operations import NetnsPath
from bridgekit.plan import Step, Steps
from bridgekit.recipes import configuring, parents, wiring
from bridgekit.words import Text


def wire_of(guest: names.Guest, interface: str, kind: str) -> wiring.Wire:
    """Its names here and there, checked.  Raises InputError."""
    return wiring.wire_of(guest, interface, None, f"{kind}_{names.number(guest, interface)}", None)


def home(wire: wiring.Wire) -> NetnsPath:
    """The namespace that it will live in."""
    return NetnsPath(name=wire.netns)


def free(kind: str, who: wiring.Party, wire: wiring.Wire, wanted: configuring.Inside, parent: Text = "") -> Steps:
    """The kernel can make it, and its names are free."""
    yield from parents.kind_known(kind)
    yield op.Need("GuestLink", type=kind, name=wire.peer, path=who.path, interface=wire.interface, parent=parent)
    yield from configuring.free(who, wanted)
    yield from wiring.name_free(wire.netns, who)


def placed(
    wire: wiring.Wire,
    made: Iterable[Step | op.Operation],
    wanted: configuring.Inside,
    mac: str | None = None,
    own: wiring.Settings = (),
) -> Steps:
    """Make it and put it into the guest.  Its way out is open as soon as it is up, so that says enough."""
    yield from made
    yield from wiring.into(wire, mac, own)
    yield from configuring.addressed(wire, wanted)
    yield from configuring.routed(wire, wanted)
