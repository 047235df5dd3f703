"""A picture of this host's network as a tree.  What is usual is left unsaid, unless it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridgekit.cli.spoken import local, ours
from bridgekit.cli.trees import Row, drawn
from bridgekit.facts import USUAL_MTU, Bridge, End, Firewall, Guest, Interface, Part, Picture, Ruleset
from bridgekit.translation import joined

_Sections = Iterator[tuple[str, list[Row]]]


def tree(seen: Picture, usual: bool = False) -> str:
    """A picture as text with box characters.  usual: also what is so on most hosts."""
    sections: list[tuple[str, list[Row]]] = [
        (local("bridges"), [_bridge(each, usual) for each in seen.bridges]),
        (local("other interfaces"), _interfaces(seen, usual)),
        (local("routes"), [(each, ()) for each in seen.routes]),
    ]
    if seen.rules:
        sections.append((local("routing rules"), [(ours(each), ()) for each in seen.rules]))
    for firewall in seen.firewalls:
        sections += _firewall(firewall)
    sections += [(local("rules of others"), [_ruleset(each) for each in seen.rulesets])] if seen.rulesets else []
    sections += [
        (local("forwarding"), [(_forwarding(each), ()) for each in seen.firewalls]),
        (local("guests"), [_guest(each, usual) for each in seen.guests]),
    ]
    return drawn(sections)


def _bridge(each: Bridge, usual: bool) -> Row:
    words = [
        *([f"MAC {each.mac}"] if usual and each.mac else []),
        *([local("STP on")] if each.stp else [local("STP off")] if usual else []),
        *([local("filters by VLAN")] if each.vlans else []),
        *([local("multicast snooping off")] if not each.snooping else []),
        *([local("multicast snooping on")] if each.snooping and usual else []),
    ]
    text = _words(each.name, each.up, each.mtu, (*each.addresses, *words), usual)
    return text, [(interface(port, usual), ()) for port in each.ports]


def _interfaces(part: Part, usual: bool) -> list[Row]:
    return [(interface(each, usual, each.master), ()) for each in part.others if each.kind != "loopback" or usual]


def interface(each: Interface, usual: bool = False, master: str = "") -> str:
    """An interface in a line, with where it leads.  master: what it is part of, if that is to be told."""
    kind = "" if each.kind in ("ether", "veth") else each.kind
    if each.parent:
        kind = local("{0} on {1}", kind, _parent(each.parent))
    words = [
        *filter(None, (kind,)),
        *each.addresses,
        *([f"MAC {each.mac}"] if usual and each.mac else []),
        *filter(None, (each.state if usual else each.odd_state,)),
        *([local("isolated")] if each.isolated else []),
        *([local("hairpin")] if each.hairpin else []),
        *([local("part of {0}", master)] if master else []),
    ]
    text = _words(each.name, each.up, each.mtu, words, usual)
    return text if each.peer is None else f"{text} ── {_end(each.peer)}"


def _parent(end: End) -> str:
    if not end.guest:
        return local("a link that cannot be seen from here")
    return local("{0} of {1}", end.interface, end.guest)


def _end(end: End) -> str:
    if not end.guest:
        return local("a namespace that cannot be seen from here")
    words = [*end.addresses, *([local("part of {0}", end.master)] if end.master else [])]
    words += [local("stale")] if end.stale else []
    return f"{ours(end.guest)}: {_words(end.interface, end.up, USUAL_MTU, words)}"


def _words(name: str, up: bool, mtu: int, rest: Iterable[str], usual: bool = False) -> str:
    size = (f"mtu {mtu}",) if usual or mtu != USUAL_MTU else ()
    return "  ".join((name, *(() if up else (local("down"),)), *size, *rest))


def _firewall(each: Firewall) -> _Sections:
    name, policy = "" if each.version == 4 else " IPv6", each.forward_policy
    chains = dict(each.chains)
    if not policy:
        unknown: list[Row] = [(local("not known"), ())]
        yield from ((f"{what}{name}", unknown) for what in ("nat", "forward"))
    elif each.version == 4 or policy != "ACCEPT" or each.nat or each.forward:
        # Most hosts have none of IPv6; IPv4's section says "none" where that matters.
        yield f"nat{name}", [(rule, ()) for rule in each.nat]
        yield local("forward{0} (policy {1})", name, policy), _rules(each.forward, chains)
    if _guards(each):
        yield local("input{0} (policy {1})", name, each.input_policy), _rules(each.input, chains)


def _guards(each: Firewall) -> bool:
    return bool(each.input) or each.input_policy not in ("", "ACCEPT")


def _rules(rules: Iterable[str], chains: dict[str, tuple[str, ...]]) -> list[Row]:
    """Rules, and below one that asks another chain that chain's; where several ask it, below the first."""
    return [(rule, _rules(chains.pop(_asked(rule), ()), chains)) for rule in rules]


def _asked(rule: str) -> str:
    """The chain that a rule asks, if it does: its last word."""
    *_, option, target = ("", *rule.split(" "))
    return target if option in ("-j", "-g") else ""


def _ruleset(each: Ruleset) -> Row:
    number = local("rules: {0}", each.number)
    return "  ".join((f"{each.program} {each.table}", *each.hooks, number)), [(rule, ()) for rule in each.rules]


def _forwarding(each: Firewall) -> str:
    state = {True: local("on"), False: local("off"), None: local("not known")}[each.forwarding]
    return f"IPv{each.version} {state}"


def _guest(each: Guest, usual: bool) -> Row:
    words = [ours(each.name)]
    words += [local("share a namespace")] if len(each.containers) > 1 else []
    words += [local("forwards {0}", joined(f"IPv{version}" for version in each.forwards))] if each.forwards else []
    if each.stale:
        words.append(local("stale: {0} -> {1}", each.stale.why, each.stale.mend))
    return "  ".join(words), [*_inside(each, usual)]


def _inside(each: Guest, usual: bool) -> Iterator[Row]:
    yield from (_bridge(bridge, usual) for bridge in each.bridges)
    yield from _interfaces(each, usual)
    yield from ((route, ()) for route in each.routes if usual or not _by_address(route))
    yield from ((local("rule {0}", rule), ()) for rule in each.rules)
    for firewall in each.firewalls:
        name, chains = "" if firewall.version == 4 else " IPv6", dict(firewall.chains)
        yield from ((f"nat{name} {rule}", ()) for rule in firewall.nat)
        if firewall.forward or firewall.forward_policy not in ("", "ACCEPT"):
            yield local("forward{0} (policy {1})", name, firewall.forward_policy), _rules(firewall.forward, chains)
        if _guards(firewall):
            yield local("input{0} (policy {1})", name, firewall.input_policy), _rules(firewall.input, chains)
    yield from map(_ruleset, each.rulesets)


def _by_address(route: str) -> bool:
    """Whether the kernel made a route of an address that is shown."""
    return " proto kernel " in f"{route} " and not route.startswith("default ")
