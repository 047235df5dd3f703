"""The rules of iptables and ip6tables.  man 8 iptables-save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridgekit.facts.ask import ask
from bridgekit.facts.nftables import Table, nftables
from bridgekit.facts.spaces import Space

PROGRAMS = {4: "iptables", 6: "ip6tables"}
_NFT_FAMILIES = {4: "ip", 6: "ip6"}
_NAMES = ("filter", "nat", "mangle", "raw", "security")
# Of the thread that asks: it may be in another namespace than its process.
_LEGACY = {version: Path(f"/proc/thread-self/net/{name}_tables_names") for version, name in _NFT_FAMILIES.items()}
_ORDER = {"-P": 0, "-N": 1, "-A": 2}


@dataclass(frozen=True)
class Entry:
    """One line of a table.

    verb: `-P` sets a chain's policy, `-N` makes a chain, `-A` appends a rule.
    rest: the policy, or the rule.
    """

    table: str
    verb: str
    chain: str
    rest: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.table, self.verb, self.chain, self.rest)))


def tables(space: Space, version: int) -> tuple[Entry, ...] | None:
    """The tables of a namespace, version 4 or 6; None if the program is absent or may not say."""
    if has_none(space, version, nftables(space)):
        return ()
    saved = ask(*space.inside(f"{PROGRAMS[version]}-save"))
    return None if saved is None else entries(saved)


def has_none(space: Space, version: int, listed: Sequence[Table] | None) -> bool:
    """Whether a namespace has no table that iptables could print, legacy or nft; False if the kernel does not tell.

    listed: its tables of nftables.
    """
    if listed is None or legacy_tables(space, version):
        return False
    own = (table for table in listed if table.family == _NFT_FAMILIES[version])
    return not any(is_of_iptables(table.family, table.name) for table in own)


def is_of_iptables(family: str, table: str) -> bool:
    """Whether a table of nftables is one that iptables shows."""
    return family in _NFT_FAMILIES.values() and table in _NAMES


def legacy_tables(space: Space, version: int) -> tuple[str, ...]:
    """The tables of iptables-legacy that a namespace has."""
    try:
        return tuple(space.within(_LEGACY[version].read_text).split())
    except OSError:
        return ()


def entries(saved: str) -> tuple[Entry, ...]:
    """What `iptables-save` printed, by table and chain, the rules of a chain in the kernel's order.

    An ACCEPT policy is not said: iptables-nft leaves empty tables behind, which are as good as none.
    """
    found, table = [], ""
    for line in saved.splitlines():
        first, _, rest = line.partition(" ")
        if first.startswith("*"):
            table = first[1:]
        elif first.startswith(":"):
            policy = rest.split(" ")[0]
            if policy != "ACCEPT":
                found.append(Entry(table, "-N" if policy == "-" else "-P", first[1:], policy.strip("-")))
        elif first == "-A":
            chain, _, rule = rest.partition(" ")
            found.append(Entry(table, "-A", chain, rule))
    return tuple(sorted(found, key=lambda entry: (entry.table, entry.chain, _ORDER[entry.verb])))
