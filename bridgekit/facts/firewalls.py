"""The base chains that decide what is forwarded and what comes in, whoever made them.  iptables-save(8), nft(8)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_interface, ip_network
from typing import Any

from bridgekit.facts.ask import ask, present
from bridgekit.facts.ebtables import legacy as ethernet
from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space, here
from bridgekit.facts.tables import PROGRAMS, Entry, entries, is_of_iptables, legacy_tables

LEGACY = "iptables-legacy"
_HOOKS = {"FORWARD": "forward", "INPUT": "input"}
_FAMILIES = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "bridge": (4, 6)}
_COMMENT = re.compile(r"""-m comment --comment ("(\\.|[^"\\])*"|\S+) ?""")
_TARGET = re.compile(r"(?:^| )-[jg] (\S+)")
_OUT = re.compile(r"(?:^| )-o (\S+)")
_END = re.compile(r"(?<!! )-[iosd] (\S+)")
Address = IPv4Interface | IPv6Interface
_NO_CONDITION = {"counter", "log", "comment", "drop", "reject", "accept", "return", "jump", "goto"}


@dataclass(frozen=True)
class Rule:
    """A rule as far as it decides.

    target: in capitals, or a chain.  of_all: whether it is of every packet.  text: as its program prints it.
    ends: whose packets it speaks of, as far as it says: links (`veth+` is each that begins so) and networks, CIDR.
    """

    target: str
    of_all: bool
    text: str
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chain:
    """A base chain of a filter.

    made_by: the program that shows and changes it: `iptables`, `iptables-legacy`, `ip6tables` ..., or
    `nft` with the table: `nft inet firewalld`.
    versions: of IP.  hook: `forward` or `input`.  policy: `ACCEPT` or `DROP`.  rules: in order.
    ends: the rule by which everything ends that has come so far: it drops, rejects or accepts all; None without one.
    unasked: the rules of the base chain after it.  accepted: the ends of the rules that accept and are asked.
    """

    made_by: str
    versions: tuple[int, ...]
    hook: str
    name: str
    policy: str
    rules: tuple[Rule, ...] = ()
    ends: Rule | None = None
    unasked: tuple[Rule, ...] = ()
    accepted: frozenset[str] = frozenset()

    @property
    def drops(self) -> bool:
        """Whether what no rule decides is dropped."""
        return self.ends.target in ("DROP", "REJECT") if self.ends else self.policy == "DROP"

    def accepts(self, link: Link) -> bool:
        """Whether a rule accepts packets that come or go by a link, or those of its network."""
        own = [ip_interface(address.split()[0]) for address in link.addresses]
        return any(_is_of(each, link.name, own) for each in self.accepted)


def _is_of(end: str, link: str, own: Sequence[Address]) -> bool:
    if "/" in end:
        net = ip_network(end, strict=False)
        return net.prefixlen > 0 and any(each.version == net.version and each.ip in net for each in own)
    return link.startswith(end[:-1]) if end.endswith(("+", "*")) else link == end


@dataclass(frozen=True)
class Firewalls:
    """The chains.

    nft: whether those of nftables that iptables does not show were looked at, too.
    clamped: the links by which TCP leaves with a segment size that fits the way; `*` is each.
    ethernet: what ebtables-legacy has.
    """

    chains: tuple[Chain, ...]
    nft: bool = True
    clamped: frozenset[str] = frozenset()
    ethernet: tuple[Entry, ...] = ()


def firewalls() -> Firewalls:
    """Those of this host."""
    own = here()
    asked = [program for version in PROGRAMS for program in variants(own, version)]
    found = [chain for program, saved in asked for chain in of_iptables(program, saved)]
    listed = ask("nft", "-j", "list", "ruleset") if present("nft") else None
    clamped = frozenset(link for _, saved in asked for link in _clamped(saved))
    return Firewalls((*found, *of_nft(listed or "")), listed is not None, clamped, ethernet(own))


def variants(space: Space, version: int) -> Iterator[tuple[str, str]]:
    """Each variant of iptables that has something in a namespace, with what it saved; the usual one first.

    A variant is called by the program to change it with.
    """
    usual = PROGRAMS[version]
    legacy = "legacy" in (ask(usual, "-V") or "")
    saved = {usual: ask(*space.inside(f"{usual}-save"))}
    other = f"{usual}-{'nft' if legacy else 'legacy'}"
    # The legacy variant is asked only where its tables are there already: it would have them made.
    if legacy or legacy_tables(space, version):
        saved[other] = ask(*space.inside(f"{other}-save"))
    yield from ((program, text) for program, text in saved.items() if text is not None)


def of_iptables(program: str, saved: str) -> list[Chain]:
    """The chains of what a program such as `iptables-legacy` saved."""
    found = [entry for entry in entries(saved) if entry.table == "filter"]
    rules: dict[str, list[Rule]] = {}
    for each in found:
        if each.verb == "-A":
            rules.setdefault(each.chain, []).append(_rule(each))
    policies = {each.chain: each.rest for each in found if each.verb == "-P"}
    version = 6 if program.startswith("ip6") else 4
    return [
        _chain(program, (version,), hook, name, policies.get(name, "ACCEPT"), rules) for name, hook in _HOOKS.items()
    ]


def _clamped(saved: str) -> Iterator[str]:
    for entry in entries(saved):
        if entry.table == "mangle" and entry.rest.endswith("-j TCPMSS --clamp-mss-to-pmtu"):
            out = _OUT.search(entry.rest)
            yield out[1] if out else "*"


def _rule(entry: Entry) -> Rule:
    bare = _COMMENT.sub("", entry.rest)
    target = _TARGET.search(bare)
    return Rule(target[1] if target else "", bare.startswith(("-j ", "-g ")), entry.rest, tuple(_END.findall(bare)))


def _chain(
    made_by: str, versions: tuple[int, ...], hook: str, name: str, policy: str, rules: Mapping[str, Sequence[Rule]]
) -> Chain:
    own = rules.get(name, ())
    at, ends = _end(name, rules, frozenset())
    asked = list(own[:at])
    below: dict[str, None] = {}
    for rule in asked:  # which grows by the chains that its rules lead to
        if rule.target in rules and rule.target not in below:
            below[rule.target] = None
            asked += rules[rule.target]
    accepted = frozenset(end for rule in asked if rule.target == "ACCEPT" for end in rule.ends)
    return Chain(made_by, versions, hook, name, policy, tuple(own), ends, tuple(own[at:]) if ends else (), accepted)


def _end(name: str, rules: Mapping[str, Sequence[Rule]], above: frozenset[str]) -> tuple[int, Rule | None]:
    """How many rules of a chain are asked at most, and the one that ends it for every packet."""
    for number, rule in enumerate(rules.get(name, ()), 1):
        if rule.target == "RETURN":  # be it of some packets: these go on above
            break
        if not rule.of_all:
            continue
        if rule.target in ("DROP", "REJECT", "ACCEPT"):
            return number, rule
        if rule.target in above:
            break
        ends = _end(rule.target, rules, above | {name})[1]
        if ends:
            return number, ends
    return len(rules.get(name, ())), None


def of_nft(listed: str) -> list[Chain]:
    """The chains of what `nft -j list ruleset` printed, but for those that iptables shows."""
    try:
        items: list[dict[str, Any]] = json.loads(listed or "{}").get("nftables", [])
    except ValueError:
        return []
    rules: dict[tuple[str, str], dict[str, list[Rule]]] = {}
    for each in (item["rule"] for item in items if "rule" in item):
        rules.setdefault((each["family"], each["table"]), {}).setdefault(each["chain"], []).append(_decided(each))
    chains = (item["chain"] for item in items if "chain" in item)
    return [
        _chain(
            f"nft {each['family']} {each['table']}",
            _FAMILIES[each["family"]],
            each["hook"],
            each["name"],
            each.get("policy", "accept").upper(),
            rules.get((each["family"], each["table"]), {}),
        )
        for each in chains
        if each.get("hook") in _HOOKS.values() and each["family"] in _FAMILIES and not _is_iptables(each)
    ]


def _is_iptables(chain: Mapping[str, Any]) -> bool:
    return is_of_iptables(chain["family"], chain["table"]) and chain["name"] in _HOOKS


def _decided(rule: Mapping[str, Any]) -> Rule:
    expressions = [key for each in rule.get("expr", ()) for key in each]
    last = rule["expr"][-1] if rule.get("expr") else {}
    verdict = next(iter(last), "")
    target = str(last[verdict].get("target", "")) if verdict in ("jump", "goto") else verdict.upper()
    matches = [each["match"] for each in rule.get("expr", ()) if "match" in each]
    return Rule(target, set(expressions) <= _NO_CONDITION, verdict, tuple(filter(None, map(_matched, matches))))


def _matched(match: Mapping[str, Any]) -> str:
    """The link that a rule asks for; empty if it asks for something else, or for all but one."""
    left, right = match.get("left"), match.get("right")
    key = left.get("meta", {}).get("key", "") if isinstance(left, dict) else ""
    named = key in ("iifname", "oifname", "iif", "oif") and match.get("op") in ("==", "in")
    return right if named and isinstance(right, str) else ""
