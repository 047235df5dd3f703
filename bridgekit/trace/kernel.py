"""What a namespace is asked once a packet did not come through: its routes, settings, rules, listeners, neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import TypeVar

from bridgekit.facts import ebtables
from bridgekit.facts.ask import ask, objects, reply
from bridgekit.facts.connections import listening
from bridgekit.facts.ebtables import LEGACY
from bridgekit.facts.parameters import larger, setting
from bridgekit.facts.spaces import Space, within
from bridgekit.facts.tables import Entry, entries, legacy_tables, tables
from bridgekit.trace import netlink
from bridgekit.trace.netlink import Step
from bridgekit.trace.packets import Packet

Answer = TypeVar("Answer")
BRIDGE = 7  # NFPROTO_BRIDGE: the family of ebtables' tables
IPTABLES = {2: "iptables", 10: "ip6tables"}  # NFPROTO_IPV4, NFPROTO_IPV6
_VERSIONS = {2: 4, 10: 6}
_FAMILY = {4: 2, 6: 10}
NFT_FAMILIES = {1: "inet", 2: "ip", 5: "netdev", 7: "bridge", 10: "ip6"}
_ROUTE = re.compile(
    r"(?P<kind>(?:local|broadcast|multicast)\b)?\s*\S+(?: from \S+)?"
    r"(?: via (?:inet6? )?(?P<via>\S+))?(?: dev (?P<dev>\S+))?"
)
_REFUSING = ("blackhole", "prohibit", "unreachable", "throw")


@dataclass(frozen=True)
class Route:
    """Where a namespace sends to.  refused: the kernel's words, if nowhere.  local: whether to itself."""

    link: str = ""
    via: str = ""
    local: bool = False
    refused: str = ""


def route(space: Space, target: str, source: str = "", iif: str = "") -> Route:
    """Where a namespace sends a packet.  source, iif: of one that came by a link.  man 8 ip-route, `get`."""
    answer = _get(space, target, source, iif)
    if answer is None or answer[0]:
        words = answer[1].strip().splitlines() if answer else ()
        return Route(refused=words[-1].removeprefix("RTNETLINK answers: ") if words else "?")
    found = _ROUTE.match(answer[1])
    assert found
    return Route(found["dev"] or "", found["via"] or "", found["kind"] == "local", "")


def route_line(space: Space, target: str, source: str = "", iif: str = "") -> str:
    """The line of the routing table that decides, empty if none does."""
    answer = _get(space, target, source, iif, "fibmatch")
    return "" if answer is None or answer[0] else " ".join(answer[1].split())


def _get(space: Space, target: str, source: str, iif: str, *how: str) -> tuple[int, str] | None:
    six = ("-6",) if ":" in target else ()
    words = (*(("from", source) if source else ()), *(("iif", iif) if iif else ()))
    return reply(*space.inside("ip", *six, "route", "get", *how, target, *words))


def refusing(space: Space, version: int) -> list[str]:
    """The routes of all tables, and the rules of routing, that refuse."""
    routes = (ask(*space.inside("ip", f"-{version}", "route", "show", "table", "all")) or "").splitlines()
    rules = (ask(*space.inside("ip", f"-{version}", "rule")) or "").splitlines()
    found = [" ".join(line.split()) for line in (*routes, *(line.partition(":")[2] for line in rules))]
    return [line for line in found if not {*line.split()}.isdisjoint(_REFUSING)]


def defaults(space: Space, version: int) -> list[str]:
    """The default routes."""
    lines = (ask(*space.inside("ip", f"-{version}", "route", "show", "default")) or "").splitlines()
    return [" ".join(line.split()) for line in lines]


def of_link(space: Space, link: str, key: str, version: int = 4) -> int:
    """A parameter of which the larger counts: a link's own, or that of all."""
    return larger(*(setting(space, f"net/ipv{version}/conf/{name}/{key}") for name in ("all", link)))


def rules(space: Space, family: int) -> tuple[Entry, ...]:
    """The rules of iptables, ip6tables or ebtables."""
    if family == BRIDGE:
        return entries(ask(*space.inside("ebtables-save")) or "")
    return tables(space, _VERSIONS[family]) or () if family in _VERSIONS else ()


def _is_rule(entry: Entry, step: Step) -> bool:
    return (entry.table, entry.verb, entry.chain) == (step.table, "-A", step.chain)


def _handles(space: Space, family: int, table: str, chain: str) -> list[int]:
    return _inside(space, lambda: netlink.handles(family, table, chain)) or []


def chain(step: Step) -> str:
    """The chain of a step, as nft names it."""
    return f"table {NFT_FAMILIES.get(step.family, step.family)} {step.table} chain {step.chain}"


def _nft(step: Step) -> str:
    words = (NFT_FAMILIES.get(step.family, ""), step.table, step.chain)
    listed = ask(*step.space.inside("nft", "-a", "list", "chain", *words)) or ""
    for line in listed.splitlines():
        text, mark, number = line.strip().rpartition(" # handle ")
        if mark and number == str(step.handle):
            return f"{chain(step)}: {text}"
    return f"{chain(step)} handle {step.handle}"


def _inside(space: Space, question: Callable[[], Answer]) -> Answer | None:
    try:
        return within(space.path, question)
    except OSError:
        return None


def neighbours(space: Space) -> dict[str, tuple[str, bool]]:
    """The MAC address that a namespace knows of each neighbour, and whether somebody fixed it."""
    found = objects(*space.inside("ip", "-j", "neigh")) or ()
    return {each["dst"]: (each["lladdr"], "PERMANENT" in each.get("state", ())) for each in found if "lladdr" in each}


def forwarding_port(space: Space, bridge: str, mac: str) -> str:
    """The port by which a bridge reaches a MAC address; empty if it does not know."""
    found = objects(*space.inside("bridge", "-j", "fdb", "show", "br", bridge)) or ()
    return next((each["ifname"] for each in found if each.get("mac") == mac and each.get("state") != "permanent"), "")


def legacy(space: Space, version: int) -> dict[str, int]:
    """What refuses in iptables' older variant, rules and policies (`-P CHAIN DROP`), and how often it has."""
    six = "6" * (version == 6)
    # Asked only where its tables are there already: it would have them made.
    there = legacy_tables(space, version)
    said = (ask(*space.inside(f"ip{six}tables-legacy-save", "-c")) if there else "") or ""
    rules_ = re.findall(r"^\[(\d+):\d+\] (-A .*-j (?:DROP|REJECT).*)$", said, re.M)
    policies = re.findall(r"^:(\S+) DROP \[(\d+)", said, re.M)
    return {" ".join(rule.split()): int(count) for count, rule in rules_} | {
        f"-P {name} DROP": int(count) for name, count in policies
    }


def ethernet(space: Space) -> list[str]:
    """The rules of ebtables, and of its older variant, that drop what crosses a bridge: each as it was made."""
    known = (("ebtables", rules(space, BRIDGE)), (LEGACY, ebtables.legacy(space)))
    return [
        f"{program} -t {each.table} -A {each.chain} {each.rest.strip()}"
        for program, found in known
        for each in found
        if each.verb == "-A" and each.rest.strip().endswith("-j DROP")
    ]


def _covers(network: str, address: str) -> bool:
    return not network or ip_address(address) in ip_network(network, strict=False)


class Kernel:
    """These questions, each asked once."""

    def __init__(self) -> None:
        self.route, self.refusing, self.defaults = cache(route), cache(refusing), cache(defaults)
        self.listeners, self.neighbours = cache(listening), cache(neighbours)
        self.forwarding_port, self.ethernet = cache(forwarding_port), cache(ethernet)
        self._rules, self._handles, self._nft = cache(rules), cache(_handles), cache(_nft)

    def rule(self, step: Step) -> str:
        """The rule that a step is about, as `iptables-save` writes it, after its table; or as nft does."""
        inside = [each for each in self._rules(step.space, step.family) if _is_rule(each, step)]
        known = self._handles(step.space, step.family, step.table, step.chain)
        # The kernel lists a chain's rules in the order in which iptables-save writes them.
        if len(known) == len(inside) and step.handle in known:
            entry = inside[known.index(step.handle)]
            before = "ebtables " if step.family == BRIDGE else ""
            return f"{before}-t {entry.table} -A {entry.chain} {entry.rest.strip()}"
        return self._nft(step)

    def answers_pass(self, space: Space, version: int, chain_: str) -> bool:
        """Whether a chain accepts what belongs to a connection that is known."""
        rests = [
            each.rest for each in self._rules(space, _FAMILY[version]) if (each.table, each.chain) == ("filter", chain_)
        ]
        return any("ESTABLISHED" in rest and rest.endswith("-j ACCEPT") for rest in rests)

    def masquerades(self, space: Space, packet: Packet, link: str) -> bool:
        """Whether a rule gives another source to what leaves by a link as a packet does."""
        inside = [each for each in self._rules(space, _FAMILY[packet.version]) if each.table == "nat"]
        rests = [each.rest.split() for each in inside if each.chain == "POSTROUTING"]
        found = [dict(pairwise(words)) for words in rests if {"MASQUERADE", "SNAT"} & set(words)]
        found = [each for each in found if _covers(each.get("-s", ""), packet.source)]
        found = [each for each in found if _covers(each.get("-d", ""), packet.target)]
        return any("-o" not in each or (each["-o"] == link) != (each.get("!") == "-o") for each in found)

    def translates(self, space: Space, version: int, port: int) -> str:
        """The rule that gives another target to what comes by a wire for a port; empty if none does."""
        for each in self._rules(space, _FAMILY[version]):
            words = f" {each.rest} "
            if (each.table, each.chain) == ("nat", "PREROUTING") and f" --dport {port} " in words and " DNAT " in words:
                return f"-t nat -A PREROUTING {each.rest}"
        return ""
