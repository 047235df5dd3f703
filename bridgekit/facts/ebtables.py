"""The older variant of ebtables, whose tables neither nft nor the usual ebtables shows.  man 8 ebtables-legacy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bridgekit.facts.ask import ask
from bridgekit.facts.spaces import Space
from bridgekit.facts.tables import Entry

LEGACY = "ebtables-legacy"
_MODULES = Path("/proc/modules")
_TABLE = re.compile(r"^ebtable_(\w+) ", re.M)
_CHAIN = re.compile(r"Bridge chain: (.+), entries: \d+, policy: (\w+)")


def legacy(space: Space) -> tuple[Entry, ...]:
    """What its tables have in this host's namespace, as `entries` of iptables; nothing of others.

    Only tables are asked for whose module is loaded: the program would load it, and make them.  Not by
    `ebtables-legacy-save`, which asks whatever is called ebtables.
    """
    try:
        loaded = _TABLE.findall(_MODULES.read_text()) if space.is_host else []
    except OSError:
        return ()
    return tuple(entry for table in sorted(loaded) for entry in _entries(table, ask(LEGACY, "-t", table, "-L") or ""))


def _entries(table: str, listed: str) -> Iterator[Entry]:
    chain = ""
    for line in map(str.strip, listed.splitlines()):
        if found := _CHAIN.match(line):
            chain, policy = found[1], found[2]
            if policy != "ACCEPT":
                yield Entry(table, "-P", chain, policy)
        elif line and chain:
            yield Entry(table, "-A", chain, line)
