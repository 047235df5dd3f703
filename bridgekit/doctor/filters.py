"""Judging the firewalls: every base chain that sees what is forwarded or what comes in, whoever made it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bridgekit.doctor.finding import ANY, BRIDGED, FORWARDED, INPUT, OK, Breaks, Finding, note, some
from bridgekit.facts.ebtables import LEGACY
from bridgekit.facts.firewalls import Chain, Firewalls
from bridgekit.facts.links import Link
from bridgekit.facts.places import Seen
from bridgekit.translation import Said, joined, tr

_SECTION = tr("firewalls")
_PODMAN = ("podman", "cni-podman")


def filters(found: Firewalls, seen: Seen, bridged: bool) -> Iterator[Finding]:
    """What stands in the way of guests.

    bridged: whether iptables also sees packets between the ports of one bridge.
    """
    gateways = [link for link in seen.bridges if link.addresses]
    yield from _hook(found, "forward", seen.bridges, (FORWARDED, *((BRIDGED,) if bridged else ())))
    yield from _hook(found, "input", gateways, (INPUT,))
    yield from _podman(found, seen.bridges)
    dropping = [each for each in found.ethernet if each.rest.split()[-1] == "DROP"]
    if dropping:
        what = tr(
            "drops: {0}", joined((f"-t {each.table} {each.verb} {each.chain} {each.rest}" for each in dropping), "; ")
        )
        advice = tr(
            "it decides of what crosses a bridge, and only `ebtables-legacy -t {0} -L` shows it", dropping[0].table
        )
        yield note(_SECTION, LEGACY, what, advice, Breaks(ANY))
    if not found.nft:
        advice = tr("to see what iptables does not show, such as of firewalld and podman 5: apt-get install nftables")
        yield note(_SECTION, "nftables", tr("not looked at, since nft is not installed"), advice)


def _hook(found: Firewalls, hook: str, bridges: Sequence[Link], breaks: tuple[str, ...]) -> Iterator[Finding]:
    name, chains = hook.upper(), [chain for chain in found.chains if chain.hook == hook]
    if not chains:
        yield note(_SECTION, name, tr("not known"), tr("iptables tells it to root alone"))
        return
    dropping = [chain for chain in chains if chain.drops]
    missed = {chain: [link.name for link in bridges if not chain.accepts(link)] for chain in dropping}
    # Who makes the first bridge wants to know, too, that nothing will be forwarded.
    harmful = [chain for chain in dropping if missed[chain] or (hook == "forward" and not bridges)]
    for chain in harmful:
        yield _harm(chain, missed[chain], breaks)
    if not harmful:
        accepted = tr("drops by default, and rules accept each bridge")
        yield Finding(_SECTION, name, OK, accepted if dropping and bridges else tr("drops nothing by default"))


def _harm(chain: Chain, bridges: Sequence[str], breaks: tuple[str, ...]) -> Finding:
    where = chain.hook.upper() if chain.made_by == "iptables" else f"{chain.hook.upper()}, {chain.made_by}"
    found = tr("`{0}` ends the chain", chain.ends.text) if chain.ends else tr("policy {0}", chain.policy)
    unasked = [rule for rule in chain.unasked if rule.target not in ("DROP", "REJECT")]
    if unasked:
        found = tr("{0}; rules after it are never asked, such as `{1}`", found, unasked[0].text)
    if bridges:
        names = some(bridges)
        missed = tr("no rule before it accepts {0}", names) if chain.ends else tr("no rule accepts {0}", names)
        found = tr("{0}; {1}", found, missed)
    if chain.hook == "input":
        effect = tr("guests do not reach this host, so neither its DNS nor what it publishes by a proxy")
    elif BRIDGED in breaks and "nft" not in chain.made_by:
        effect = tr("guests reach nobody beyond their bridge, and not even each other (bridge-nf-call)")
    else:
        effect = tr("guests reach nobody beyond their bridge, and nobody reaches them")
    if chain.made_by.startswith("nft "):
        effect = tr("{0}, whatever iptables accepts", effect)
    return note(
        _SECTION, where, found, tr("{0}: {1}", effect, _way(chain, bridges)), Breaks(breaks, versions=chain.versions)
    )


def _way(chain: Chain, bridges: Sequence[str]) -> Said:
    sides = ("i",) if chain.hook == "input" else ("i", "o")
    if not bridges:
        return tr("`bridgekit outbound` and `publish` add rules for their bridge")
    if chain.made_by.startswith("nft "):
        start = f"nft insert rule {chain.made_by.removeprefix('nft ')} {chain.name}"
        rules = [f"{start} {side}ifname {shlex.quote(each)} accept" for each in bridges for side in sides]
        return joined(rules, "; ")
    return joined(
        (
            f"{chain.made_by} -I {chain.name} -{side} {shlex.quote(each)} -j ACCEPT"
            for each in bridges
            for side in sides
        ),
        "; ",
    )


def _podman(found: Firewalls, bridges: Sequence[Link]) -> Iterator[Finding]:
    """Where FORWARD drops, as Docker sets it and leaves it, podman's own rules let guests out, but nobody in."""
    chains = [each for each in found.chains if each.hook == "forward" and each.drops and "iptables" in each.made_by]
    for link in bridges if chains else ():
        if link.name.startswith(_PODMAN) and link.addresses:
            into = {each for rule in chains[0].rules if rule.target == "ACCEPT" for each in rule.ends}
            if link.name not in into:
                yield _shut(chains[0].made_by, link.name)


def _shut(program: str, bridge: str) -> Finding:
    rule = f"{program} -I FORWARD -o {shlex.quote(bridge)} -m conntrack --ctstate DNAT -j ACCEPT"
    advice = tr(
        "ports that podman publishes answer this host alone: its rules accept no new connection from elsewhere: {0}",
        rule,
    )
    found = tr("FORWARD drops what no rule accepts (Docker sets it, and leaves it)")
    return note(_SECTION, bridge, found, advice, Breaks((FORWARDED,)))
