"""All rules of a namespace that decide about packets, whichever program made them.  man 8 iptables, ebtables, nft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bridgekit.facts.ask import ask
from bridgekit.facts.ebtables import LEGACY, legacy
from bridgekit.facts.firewalls import variants
from bridgekit.facts.nftables import Table, nftables
from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.facts.tables import PROGRAMS, Entry, entries, has_none, is_of_iptables
from bridgekit.names.families import FORWARDING

_EBTABLES = ("filter", "nat", "broute")


@dataclass(frozen=True)
class Firewall:
    """The rules of one IP version that decide what passes a namespace and what comes in, as iptables shows them.

    forward_policy, input_policy: what happens to a packet that no rule decides; empty if it could not be asked.
    forwarding: whether the kernel forwards at all; None if it could not be asked.
    chains: the rules of table filter's other chains, by name.
    """

    version: int
    nat: tuple[str, ...]
    forward_policy: str
    forward: tuple[str, ...]
    forwarding: bool | None
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    input_policy: str = ""
    input: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ruleset:
    """A table that the usual iptables does not show.

    program: which shows and changes it: `iptables-legacy`, `ebtables`, `ebtables-legacy`, `nft`.
    table: with its family, if it is of nft: `inet netavark`.
    hooks: where it is asked, and `forward drop` where it drops what no rule decides.
    number: of its rules.  rules: as the program prints them; none of nft.
    """

    program: str
    table: str
    hooks: tuple[str, ...]
    number: int
    rules: tuple[str, ...] = ()


def rulesets(space: Space) -> tuple[tuple[Firewall, ...], tuple[Ruleset, ...]]:
    """What decides in a namespace: by iptables, and by others."""
    listed = nftables(space)
    firewalls: list[Firewall] = []
    others: list[Ruleset] = []
    for version, key in FORWARDING.items():
        saved, switch = _saved(space, version, listed), setting(space, key.replace(".", "/"))
        usual = saved.pop(PROGRAMS[version], None)
        firewalls.append(_firewall(version, usual, switch != "0" if switch else None))
        others += [each for program, text in saved.items() for each in _of_program(program, entries(text))]
    bridged = any(table.family == "bridge" and table.name in _EBTABLES for table in listed or ())
    ebtables = ask(*space.inside("ebtables-save")) if bridged else None
    others += _of_program("ebtables", entries(ebtables or ""))
    others += _of_program(LEGACY, legacy(space))
    others += [_of_nft(table) for table in listed or () if not _is_shown(table, ebtables is not None)]
    return tuple(firewalls), tuple(others)


def _saved(space: Space, version: int, listed: Sequence[Table] | None) -> dict[str, str]:
    """What each variant of iptables saved, by its program."""
    return {PROGRAMS[version]: ""} if has_none(space, version, listed) else dict(variants(space, version))


def _firewall(version: int, saved: str | None, forwarding: bool | None) -> Firewall:
    found = entries(saved or "")
    chains: dict[str, tuple[str, ...]] = {}
    for entry in found:
        if (entry.table, entry.verb) == ("filter", "-A"):
            chains[entry.chain] = (*chains.get(entry.chain, ()), entry.rest)
    return Firewall(
        version=version,
        nat=tuple(f"{entry.chain} {entry.rest}" for entry in found if (entry.table, entry.verb) == ("nat", "-A")),
        forward_policy="" if saved is None else _policy(found, "FORWARD"),
        forward=chains.pop("FORWARD", ()),
        forwarding=forwarding,
        input_policy="" if saved is None else _policy(found, "INPUT"),
        input=chains.pop("INPUT", ()),
        chains=chains,
    )


def _policy(found: Sequence[Entry], chain: str) -> str:
    wanted = ("filter", "-P", chain)
    return next((entry.rest for entry in found if (entry.table, entry.verb, entry.chain) == wanted), "ACCEPT")


def _of_program(program: str, found: Sequence[Entry]) -> Iterator[Ruleset]:
    for table in dict.fromkeys(entry.table for entry in found):
        own = [entry for entry in found if entry.table == table]
        rules = tuple(f"{entry.chain} {entry.rest}" for entry in own if entry.verb == "-A")
        hooks = tuple(f"{entry.chain} {entry.rest}" for entry in own if entry.verb == "-P")
        yield Ruleset(program, table, hooks, len(rules), rules)


def _of_nft(table: Table) -> Ruleset:
    hooks = tuple(f"{hook} drop" if hook in table.drops else hook for hook in table.hooks)
    return Ruleset("nft", f"{table.family} {table.name}", hooks, table.rules)


def _is_shown(table: Table, by_ebtables: bool) -> bool:
    """Whether another program shows it."""
    if table.family == "bridge":
        return by_ebtables and table.name in _EBTABLES
    return is_of_iptables(table.family, table.name)
