"""An interface of the host that is put to another use, with all that it has."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.operations.settings import OfLink
from bridgekit.words import Text


@operation
class LinkLend(OfLink):
    """Move an interface of the host into a namespace; its addresses, routes and settings stay behind and are noted."""

    name: Text
    netns: str
    line = "ip link set {name} netns {netns}"
    unless = "is_lent {name}"
    undo = "bring_back {name} {netns} $(habits {name}) $(furniture {name})"
    carries = ("link name", "link name @netns")


@operation
class LinkMoveOver(Operation):
    """Make an interface a port of a bridge and give its addresses and routes to the bridge, in one go."""

    name: Text
    master: str
    line = "move_over {name} {master}"
    unless = "moved_over {name} {master}"
    undo = "move_back {name} {master} $(furniture {name})"
