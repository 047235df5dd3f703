"""What the rules of table nat say, in the few words that fit into a picture.  man 8 iptables-extensions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bridgekit.translation import tr

_SOURCE = re.compile(r"-j (?:MASQUERADE|SNAT --to-source (\S+))")
_PUBLISHED = re.compile(r"-j (?:DNAT --to-destination (\S+)|REDIRECT --to-ports (\S+))")
_OPTION = re.compile(r"(! )?(?:-m \S+ )?(-s|-d|-o|-i|-p|--dport|--dports) (\S+)")


@dataclass(frozen=True)
class Translation:
    """A rule.  text: what it does.  link: by which packets leave, or come; empty if it does not say one."""

    text: str
    link: str = ""


@dataclass
class _Read:
    """The options of a rule.  but: those that are negated."""

    has: dict[str, str] = field(default_factory=dict)
    but: dict[str, str] = field(default_factory=dict)


def translations(rules: Iterable[str]) -> list[Translation]:
    """The rules that change addresses, each thing that they do once.  rules: `CHAIN OPTIONS`."""
    return list(dict.fromkeys(each for rule in rules for each in _translation(rule)))


def _translation(rule: str) -> Iterator[Translation]:
    read = _Read()
    for negated, option, value in _OPTION.findall(rule):
        (read.but if negated else read.has)[option] = value
    if (found := _SOURCE.search(rule)) and not _is_hairpin(read):
        yield Translation(_leaving(read, found[1] or ""), read.has.get("-o", ""))
    elif (found := _PUBLISHED.search(rule)) and not rule.startswith("OUTPUT "):
        yield Translation(_published(read, found[1] or f":{found[2]}"), read.has.get("-i", ""))


def _is_hairpin(read: _Read) -> bool:
    """Whether a rule is of what a guest sends to itself or its neighbours, by the host."""
    source, destination = read.has.get("-s"), read.has.get("-d")
    return source is not None and source == destination


def _leaving(read: _Read, to: str) -> str:
    source = read.has.get("-s", "")
    if to:
        return tr("NAT: {0} as {1}", source, to) if source else tr("NAT: as {0}", to)
    return tr("masquerade {0}", source) if source else tr("masquerade")


def _published(read: _Read, to: str) -> str:
    ports = read.has.get("--dport") or read.has.get("--dports", "")
    address = read.has.get("-d", "").removesuffix("/32").removesuffix("/128")
    port = f"{ports}/{read.has['-p']}" if ports and "-p" in read.has else ports or read.has.get("-p", "")
    return f"{':'.join(filter(None, (address, port)))} → {to}"
