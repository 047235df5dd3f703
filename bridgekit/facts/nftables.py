"""The tables of nftables, as the kernel itself lists them: who has no `nft` shall see whose rules are there, too.

linux/netfilter/nf_tables.h, linux/netlink.h; man 8 nft.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack

from bridgekit.facts.netlink import attributes, listed
from bridgekit.facts.spaces import Space

_NETFILTER, _NFT = 12, 10 << 8
_GET_TABLE, _GET_CHAIN, _GET_RULE = 1, 4, 7
_NAME_OF_TABLE, _HOOK, _POLICY = 1, 4, 5  # attributes; the first is the same of tables, chains and rules
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
_OF_DEVICES = ("ingress", "egress")


@dataclass(frozen=True)
class Table:
    """family: `ip`, `inet`, `bridge` ...  hooks: where its base chains are asked.

    drops: those of the hooks where what no rule decides is dropped.  rules: how many it has.
    """

    family: str
    name: str
    hooks: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    rules: int = 0


def nftables(space: Space) -> tuple[Table, ...] | None:
    """The tables of a namespace; None if the kernel tells us none."""
    try:
        return space.within(_tables)
    except OSError:
        return None


def _tables() -> tuple[Table, ...]:
    names = [(family, _text(found)) for family, found in _listed(_GET_TABLE)]
    chains = [(family, _text(found), found) for family, found in _listed(_GET_CHAIN)]
    rules = [(family, _text(found)) for family, found in _listed(_GET_RULE)]
    return tuple(_table(family, name, chains, rules.count((family, name))) for family, name in names)


def _table(family: int, name: str, chains: list[tuple[int, str, dict[int, bytes]]], rules: int) -> Table:
    hooked = [
        (_hook(family, found[_HOOK]), found.get(_POLICY) == pack(">I", 0))
        for of, table, found in chains
        if (of, table) == (family, name) and _HOOK in found
    ]
    hooks = tuple(dict.fromkeys(hook for hook, _ in hooked))
    return Table(_FAMILIES.get(family, str(family)), name, hooks, tuple(hook for hook, drops in hooked if drops), rules)


def _hook(family: int, attribute: bytes) -> str:
    (number,) = unpack(">I", attributes(attribute)[1])
    known = _OF_DEVICES if _FAMILIES.get(family) == "netdev" else _HOOKS
    return known[number] if number < len(known) else str(number)


def _text(found: dict[int, bytes]) -> str:
    return found.get(_NAME_OF_TABLE, b"").rstrip(b"\0").decode("utf-8", "replace")


def _listed(question: int) -> Iterator[tuple[int, dict[int, bytes]]]:
    """The kernel's answers, of all families: each its family and attributes.  Raises OSError."""
    for body in listed(_NFT | question, bytes(4), _NETFILTER):
        yield body[0], attributes(body[4:])
