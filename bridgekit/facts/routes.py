"""Routes of the main table and routing rules, in the words of `ip`.  man 8 ip-route, ip-rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridgekit.facts.ask import objects
from bridgekit.facts.rtnetlink import no_routes, usual_rules
from bridgekit.facts.spaces import Space
from bridgekit.translation import tr

# What the kernel counts or makes by itself; `flags` are treated apart.
_UNSAID = {"dst", "type", "flags", "expires", "nhid", "cache", "pref", "nexthops"}
_WORDS = {"gateway": "via", "protocol": "proto", "prefsrc": "src"}
_USUAL = {
    "-4": ("0: from all lookup local", "32766: from all lookup main", "32767: from all lookup default"),
    "-6": ("0: from all lookup local", "32766: from all lookup main"),
}
_TRANSIENT = {"linkdown", "dead", "offload", "trap", "rt_trap", "rt_offload"}


def routes(space: Space, family: str) -> tuple[str, ...]:
    """The main table's routes, family `-4` or `-6`."""
    if no_routes(space, family):
        return ()
    found = objects(*space.ip("-j", family, "route", "show", "table", "main"))
    # The default route first, as `ip` shows it; the order of the others says nothing.
    lines = (_route(item) for item in found or () if not _by_itself(item))
    return tuple(sorted(lines, key=lambda line: (not line.startswith("default "), line)))


def rules(space: Space, family: str) -> tuple[str, ...]:
    """The routing rules in their order, family `-4` or `-6`; none if they are those of every new namespace."""
    if usual_rules(space, family):
        return ()
    found = tuple(_rule(item) for item in objects(*space.ip("-j", family, "rule")) or ())
    return () if found == _USUAL[family] else found


def unusual_rules(space: Space, family: str) -> tuple[str, ...]:
    """The routing rules that a new namespace has not, and as missing those of it that are gone."""
    found, usual = rules(space, family), _USUAL[family]
    gone = [tr("missing: {0}", rule) for rule in usual if found and rule not in found]
    return (*gone, *(rule for rule in found if rule not in usual))


def _by_itself(item: Mapping[str, Any]) -> bool:
    target = item["dst"]
    return target in ("fe80::/64", "ff00::/8", "multicast") or item.get("type") == "multicast"


def _route(item: Mapping[str, Any]) -> str:
    words = [item["type"]] if item.get("type", "unicast") != "unicast" else []
    words += [item["dst"], *_said(item)]
    for hop in item.get("nexthops", ()):
        words += ["nexthop", *_said(hop)]
    return " ".join(words)


def _said(item: Mapping[str, Any]) -> Iterator[str]:
    for key, value in item.items():
        if isinstance(value, dict):
            yield " ".join((_WORDS.get(key, key), *map(str, value.values())))
        elif key not in _UNSAID:
            yield f"{_WORDS.get(key, key)} {value}"
    yield from (flag for flag in item.get("flags", ()) if flag not in _TRANSIENT)


def _rule(item: Mapping[str, Any]) -> str:
    words = [f"{item['priority']}:", *(("not",) if "not" in item else ()), "from", _prefix(item, "src")]
    if "dst" in item:
        words += ["to", _prefix(item, "dst")]
    for key, value in item.items():
        if key not in ("priority", "not", "src", "srclen", "dst", "dstlen", "table"):
            words.append(key if value in (None, True) else f"{key} {value}")
    return " ".join(words + ([f"lookup {item['table']}"] if "table" in item else []))


def _prefix(item: Mapping[str, Any], key: str) -> str:
    length = f"{key}len"
    return f"{item[key]}/{item[length]}" if length in item else str(item[key])
