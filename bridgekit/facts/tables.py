"""The rules of iptables and ip6tables.  man 8 iptables-save."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.facts.ask import ask
from bridgekit.facts.spaces import Space

PROGRAMS = {4: "iptables", 6: "ip6tables"}
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
    saved = ask(*space.inside(f"{PROGRAMS[version]}-save"))
    return None if saved is None else entries(saved)


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
