"""What a FORWARD chain drops, told for each way of a packet through it and the chains that it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bridgekit.translation import tr

_TARGET = re.compile(r"(.*?) ?-[jg] (\S+)(?: --reject-with \S+)?\Z")
_LINK = re.compile(r"(! )?-([io]) (\S+) ?")
_DEEPEST = 8  # chains that ask each other in turn


def drops(forward: Sequence[str], chains: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence for each set of packets that is dropped or rejected: between which links, or by which rules."""
    return list(dict.fromkeys(filter(None, (_told(way) for way in _ways(forward, chains, 0)))))


def _ways(rules: Sequence[str], chains: Mapping[str, Sequence[str]], depth: int) -> Iterator[str]:
    """The conditions of each rule that drops, with those of the rules that led to it."""
    for rule in rules:
        found = _TARGET.fullmatch(rule)
        if found and found[2] in ("DROP", "REJECT"):
            yield found[1]
        elif found and found[2] in chains and depth < _DEEPEST:
            yield from (f"{found[1]} {way}".strip() for way in _ways(chains[found[2]], chains, depth + 1))


def _told(conditions: str) -> str:
    """A sentence; empty if no packet can be so."""
    links = [(bool(negated), side, name) for negated, side, name in _LINK.findall(conditions)]
    wanted = {(side, name) for negated, side, name in links if not negated}
    refused = {(side, name) for negated, side, name in links if negated}
    sides = dict(sorted(wanted))
    if wanted & refused or len(sides) < len(wanted):
        return ""
    # That it is not another link goes without saying where it is said which one it is.
    rest = [f"! -{side} {name}" for side, name in sorted(refused) if side not in sides]
    rest += filter(None, [_LINK.sub("", conditions).strip()])
    if set(sides) == {"i", "o"} and not rest:
        return tr("dropped: {0} → {1}", sides["i"], sides["o"])
    words = [f"-{side} {name}" for side, name in sides.items()] + rest
    return tr("dropped: {0}", " ".join(words)) if words else tr("all else is dropped")
