"""The parts of steering a guest's traffic by `ip route`, `ip rule` and `tc`: their words, read and checked.

What can be taken back is done; anything else is refused, with the command to type.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import routes
from bridgekit.plan import Steps, within
from bridgekit.recipes import wiring
from bridgekit.translation import tr

_TYPES = ("unicast", "blackhole", "unreachable", "prohibit", "throw", "local")
_FAMILIES = {"-4": "-4", "-6": "-6"}


def route(party: wiring.Party, words: Sequence[str]) -> Steps:
    """Add, replace or delete a route of a guest: the words of `ip route`.  Raises InputError."""
    family, verb, rest = _verb(party, "ip route", words, ("add", "replace", "del"))
    kind = rest.pop(0) if rest and rest[0] in _TYPES else ""
    if rest[:1] == ["to"]:
        rest.pop(0)
    if not rest:
        raise InputError(tr("no destination: {0!r}", shlex.join(words)), tr("default, a network or an address"))
    to = routes.destination(rest.pop(0))
    flags = [word for word in rest if word == "onlink"]
    given = routes.pairs([word for word in rest if word != "onlink"], routes.OF_ROUTE)
    family = _family(family, words, to, given.get("via", ""), given.get("src", ""))
    known = tuple(word for key in ("via", "dev", "src", "proto", "scope") if key in given for word in (key, given[key]))
    usual = "" if verb == "del" else "0" if family == "-4" else "1024"
    change = op.RouteChange(
        verb,
        family,
        (*filter(None, (kind,)), to, *(word for pair in given.items() for word in pair), *flags),
        to,
        given.get("table", "main"),
        given.get("metric", usual),
        (*known, *(("type", kind) if kind else ())),
        f" mtu {given['mtu']}" if "mtu" in given else "",
    )
    many = op.Need("OneRoute", path=party.path, family=family, destination=to, table=change.table)
    yield from _in(party, change, given.get("dev", ""), *((many,) if verb == "del" and not change.metric else ()))


def rule(party: wiring.Party, words: Sequence[str]) -> Steps:
    """Add or delete a rule of a guest: the words of `ip rule`.  Raises InputError."""
    family, verb, rest = _verb(party, "ip rule", words, ("add", "del"))
    given = routes.pairs(rest, routes.OF_RULE)
    family = _family(family, words, given.get("from", ""), given.get("to", ""))
    if "table" not in given:
        raise InputError(tr("no table: {0!r}", shlex.join(words)), tr("table NUMBER: the one that is asked"))
    after = next((f"{key} {given[key]}" for key in ("iif", "oif") if key in given), "lookup")
    to = f"to {given['to']} " if given.get("to", "all") != "all" else ""
    text = f"from {given.get('from', 'all')} {to}{'fwmark' if 'fwmark' in given else after} "
    like = tuple(word for pair in given.items() if pair[1] != "all" for word in pair)
    chosen = tuple(word for pair in given.items() for word in pair)
    if verb == "add":
        yield from _in(party, op.PolicyRuleAdd(family, chosen, text, like))
        return
    one = op.Need("OneRule", path=party.path, family=family, text=text, like=like)
    yield from _in(party, op.PolicyRuleDel(family, chosen, text, like), "", one)


def tc(party: wiring.Party, words: Sequence[str]) -> Steps:
    """Add, replace or delete the queue discipline of a guest's interface: the words of `tc`.  Raises InputError."""
    if list(words[:1]) != ["qdisc"]:
        raise _untaken(party, "tc", words)
    _, verb, rest = _verb(party, "tc qdisc", words[1:], ("add", "replace", "del"))
    if rest[:1] == ["root"]:  # it may stand before the link
        rest = [*rest[1:3], "root", *rest[3:]]
    if len(rest) < 3 or rest[0] != "dev" or rest[2] != "root":
        raise _untaken(party, "tc", words)
    device, options = names.interface(rest[1]), tuple(map(routes.loose, rest[3:]))
    if verb == "del":
        yield from _in(party, op.QdiscDel(device), device, op.Need("LoneQdisc", path=party.path, device=device))
        return
    discipline = next(iter(options[2:] if options[:1] == ("handle",) else options), "")
    if not discipline:
        raise InputError(tr("no queue discipline: {0!r}", shlex.join(words)), tr("its kind, such as netem or tbf"))
    fits = op.Need("QdiscKind", discipline=discipline), op.Need("QdiscWords", words=options)
    lone = op.Need("LoneQdisc", path=party.path, device=device, words=options)
    change = op.QdiscSet(verb, device, discipline, options)
    yield from _in(party, change, device, *fits, *((lone,) if verb == "replace" else ()))


def _in(party: wiring.Party, operation: op.Operation, device: str = "", *needs: op.Need) -> Steps:
    """An operation in a guest, whose namespace gets a name for it."""
    netns = wiring.netns_of(party.guest)
    yield from wiring.identify(party)
    if device:
        yield op.Need("Inside", path=party.path, interface=device)
    yield from needs
    yield from wiring.name_free(netns, party)
    yield from wiring.name_netns(netns, party, "bind")
    yield within(netns, operation)


def _verb(party: wiring.Party, command: str, words: Sequence[str], known: Sequence[str]) -> tuple[str, str, list[str]]:
    """The family's option, if there is one, the verb, and what follows.  Raises InputError."""
    rest = list(words)
    family = _FAMILIES.get(rest[0], "") if rest else ""
    if family:
        rest.pop(0)
    if rest[:1] == ["delete"]:
        rest[0] = "del"
    if not rest or rest[0] not in known:
        raise _untaken(party, command, words)
    return family, rest[0], rest[1:]


def _untaken(party: wiring.Party, command: str, words: Sequence[str]) -> InputError:
    """What only shows, or cannot be taken back, is typed by hand."""
    given = " ".join([command, *map(shlex.quote, words)])
    guest = party.guest
    where = f"/run/netns/{guest.name}" if guest.kind == "netns" else f"/proc/{guest.name}/ns/net"
    if guest.kind in ("docker", "podman"):
        where = f"/proc/$({guest.kind} inspect -f '{{{{.State.Pid}}}}' {guest.name})/ns/net"
    typed = tr("type it: {0}", f"nsenter --net={where} {given}")
    return InputError(tr("nothing that undo takes back: {0!r}", given), typed)


def _family(asked: str, words: Sequence[str], *addresses: str) -> str:
    """`-4` or `-6`: as asked, or as the addresses are.  Raises InputError where they are of both."""
    found = {names.family(each) for each in addresses if each and each not in ("default", "all")}
    if len(found | ({asked} if asked else set())) > 1:
        raise InputError(tr("addresses of both families: {0!r}", shlex.join(words)), tr("IPv4 or IPv6"))
    return asked or next(iter(found), "-4")
