"""The kernel's neighbour tables: one for IPv4 and one for IPv6, each for all namespaces.  man 7 arp, 8 ip-neighbour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bridgekit.facts.ask import objects, reply
from bridgekit.facts.spaces import Space

_TABLES = {4: "arp_cache", 6: "ndisc_cache"}
_WIDE = 2048  # half of what any table is widened to at least; the kernel's own are of 1024


@dataclass(frozen=True)
class Table:
    """How full one is: `entries` of at most `most` (gc_thresh3); then the kernel asks for no new neighbour."""

    entries: int
    most: int

    @property
    def room(self) -> int:
        """How many more it takes."""
        return max(0, self.most - self.entries)


def widening(version: int, wanted: int = 0) -> str:
    """The command that gives a table room enough: for twice as many entries as it takes now, or as are wanted."""
    return f"sysctl -w net.ipv{version}.neigh.default.gc_thresh3={1 << (2 * max(wanted, _WIDE) - 1).bit_length()}"


def table(version: int) -> Table | None:
    """That of an IP version; None if it cannot be told, or there is none."""
    # The first has the numbers of all, those after it are of one link each.
    for found in objects("ip", "-j", "-s", "ntable", "show", "name", _TABLES[version]) or ():
        if "thresh3" in found and "entries" in found:
            return Table(int(found["entries"]), int(found["thresh3"]))
    return None


def neighbours(space: Space) -> frozenset[tuple[str, str]]:
    """The addresses that a namespace has an entry for, each with its link; not those that somebody has set."""
    found = [each for each in objects(*space.ip("-j", "neigh")) or () if "PERMANENT" not in each.get("state", ())]
    return frozenset((each["dst"], each["dev"]) for each in found if "dst" in each and "dev" in each)


def forget(space: Space, entries: Collection[tuple[str, str]]) -> None:
    """Take entries away, which the kernel makes again when it wants them.

    Alone in this room it changes something: it takes back what questions of ours have left.
    """
    if entries:
        lines = "".join(f"neigh del {address} dev {link}\n" for address, link in sorted(entries))
        reply(*space.ip("-force", "-batch", "-"), given=lines)
