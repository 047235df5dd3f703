"""What ICMP errors mean.  RFC 792, 1812, 4443."""

from __future__ import annotations

from bridgekit.translation import tr

# By version, type and code.
MEANINGS = {
    (4, 3, 0): tr("network unreachable"),
    (4, 3, 1): tr("host unreachable"),
    (4, 3, 2): tr("protocol unreachable"),
    (4, 3, 3): tr("port unreachable"),
    (4, 3, 4): tr("too long, and it must not be cut"),
    (4, 3, 9): tr("network prohibited"),
    (4, 3, 10): tr("host prohibited"),
    (4, 3, 13): tr("prohibited"),
    (4, 11, 0): tr("its hops are used up: it goes round in a circle"),
    (6, 1, 0): tr("no route"),
    (6, 1, 1): tr("prohibited"),
    (6, 1, 2): tr("beyond the scope of its source"),
    (6, 1, 3): tr("address unreachable"),
    (6, 1, 4): tr("port unreachable"),
    (6, 2, 0): tr("too long"),
    (6, 3, 0): tr("its hops are used up: it goes round in a circle"),
}
