"""`bridgekit show`: this host's network as a tree or as JSON."""

from __future__ import annotations

import json as plain_json
import os
import sys
from collections.abc import Iterable

from bridgekit.cli.spoken import local, locally
from bridgekit.cli.trees import Row, drawn
from bridgekit.facts import Bridge, End, Firewall, Interface, Picture, picture

_USUAL_MTU = 1500


def show(json: bool) -> None:
    """Print this host's network.  Raises HostError if there is no `ip`."""
    seen = picture()
    print(plain_json.dumps(seen.to_json(), indent=2) if json else tree(seen))
    say_what_needs_root()


def say_what_needs_root() -> None:
    """Tell an ordinary user that there may be more to see."""
    if os.geteuid() != 0:
        # Not on the standard output, which may be read as JSON.
        print(local("Not root: the rules of iptables and what is inside namespaces need root."), file=sys.stderr)


def tree(seen: Picture) -> str:
    """A picture as text with box characters."""
    sections: list[tuple[str, list[Row]]] = [
        (local("bridges"), [_bridge(each) for each in seen.bridges]),
        (local("other interfaces"), [(interface(each), ()) for each in seen.others if each.kind != "loopback"]),
        (local("routes"), [(each, ()) for each in seen.routes]),
    ]
    for firewall in seen.firewalls:
        sections += _firewall(firewall)
    sections += [
        (local("forwarding"), [(_forwarding(each), ()) for each in seen.firewalls]),
        (local("named namespaces"), [(each, ()) for each in seen.namespaces]),
    ]
    return drawn(sections)


def _bridge(each: Bridge) -> Row:
    return _words(each.name, each.up, each.mtu, each.addresses), [(interface(port), ()) for port in each.ports]


def interface(each: Interface) -> str:
    """An interface in a line, with where it leads."""
    kind = "" if each.kind in ("ether", "veth") else each.kind
    words = _words(each.name, each.up, each.mtu, (*filter(None, (kind,)), *each.addresses))
    return words if each.peer is None else f"{words} ── {_end(each.peer)}"


def _end(end: End) -> str:
    if not end.guest:
        return local("a namespace that cannot be seen from here")
    return f"{locally(end.guest)}: {_words(end.interface, end.up, _USUAL_MTU, end.addresses)}"


def _words(name: str, up: bool, mtu: int, rest: Iterable[str]) -> str:
    size = () if mtu == _USUAL_MTU else (f"mtu {mtu}",)
    return "  ".join((name, *(() if up else (local("down"),)), *size, *rest))


def _firewall(each: Firewall) -> list[tuple[str, list[Row]]]:
    name = "" if each.version == 4 else " IPv6"
    policy = each.forward_policy
    if each.version == 6 and policy == "ACCEPT" and not (each.nat or each.forward):
        return []  # most hosts have none; IPv4's section says "none" where that matters
    if not each.forward_policy:
        return [(f"{what}{name}", [(local("not known"), ())]) for what in ("nat", "forward")]
    return [
        (f"nat{name}", [(rule, ()) for rule in each.nat]),
        (local("forward{0} (policy {1})", name, policy), _rules(each.forward, dict(each.chains))),
    ]


def _rules(rules: Iterable[str], chains: dict[str, tuple[str, ...]]) -> list[Row]:
    """Rules, and below one that asks another chain that chain's; where several ask it, below the first."""
    return [(rule, _rules(chains.pop(_asked(rule), ()), chains)) for rule in rules]


def _asked(rule: str) -> str:
    """The chain that a rule asks, if it does: its last word."""
    *_, option, target = ("", *rule.split(" "))
    return target if option in ("-j", "-g") else ""


def _forwarding(each: Firewall) -> str:
    state = {True: local("on"), False: local("off"), None: local("not known")}[each.forwarding]
    return f"IPv{each.version} {state}"
