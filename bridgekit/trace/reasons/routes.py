"""Had somebody no route for it, or a reason not to take it in?"""

from __future__ import annotations

from bridgekit.facts.spaces import Space
from bridgekit.names import six
from bridgekit.trace.kernel import of_link, setting
from bridgekit.trace.netlink import Step
from bridgekit.trace.path import THERE
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.translation import Said, joined, tr

_FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}
_REFUSING = {
    "Invalid argument": "blackhole",
    "Permission denied": "prohibit",
    "No route to host": "unreachable",
}


def sender(case: Case) -> Reason | None:
    """The sender has no route, or none that it can use."""
    asked = case.record.asked
    if case.path.frames[THERE]:
        return None
    return own(case, asked.space, asked.address)


def own(case: Case, space: Space, target: str) -> Reason | None:
    """What keeps a namespace from sending to an address."""
    found = case.kernel.route(space, target, case.record.asked.source if space == case.record.asked.space else "")
    if found.refused:
        return _no_route(case, space, target, found.refused)
    if found.link == "lo" and not case.scene.up(space, "lo"):
        text = tr("in {0} lo is down, and what it sends to itself goes by lo", case.named(space))
        return Reason(text, case.ip(space, "link set lo up"))
    return duplicate(case, space, found.link) if six(target) else None


def duplicate(case: Case, space: Space, name: str) -> Reason | None:
    """An IPv6 address that another one has already is not used."""
    link = case.scene.link(space, name)
    if link is None or not link.refused:
        return None
    place = case.named(space)
    text = tr("another one has {0} already, so {1} of {2} does not use it (dadfailed)", link.refused[0], name, place)
    return Reason(text)


def _no_route(case: Case, space: Space, target: str, words: str) -> Reason:
    version = 6 if six(target) else 4
    kind, place = _REFUSING.get(words), case.named(space)
    if kind is None:
        return _unknown(case, space, target, words)
    lines = [line for line in case.kernel.refusing(space, version) if line.startswith(kind)]
    text = tr("{0} has a route to {1} that refuses: {2}", place, target, joined(lines or [kind], "; "))
    return Reason(
        text, case.ip(space, f"{'-6 ' if version == 6 else ''}route del {lines[0]}") if len(lines) == 1 else ""
    )


def _unknown(case: Case, space: Space, target: str, words: str) -> Reason:
    version, place = 6 if six(target) else 4, case.named(space)
    text: Said = tr("{0} has no route to {1}", place, target)
    if words != "Network is unreachable":
        return Reason(tr("{0}: {1}", text, words))
    off = _switched_off(case, space) if version == 6 else []
    if off:
        link = off[0].rpartition(" ")[2]
        text = tr("{0}: IPv6 is switched off there (disable_ipv6 of {1})", text, joined(off))
        return Reason(text, case.sysctl(space, f"net.ipv6.conf.{link}.disable_ipv6", 0))
    if not case.kernel.defaults(space, version):
        text = tr("{0}: it has no default route", text)
        return Reason(text, _default(case, space, version))
    return Reason(text)


def _switched_off(case: Case, space: Space) -> list[str]:
    names = ["all", *(link.name for link in case.scene.links(space) if link.name != "lo")]
    return [name for name in names if setting(space, f"net/ipv6/conf/{name}/disable_ipv6") == "1"]


def _default(case: Case, space: Space, version: int) -> str:
    """The command that adds a default route, if there is somebody on the wire who could be the gateway."""
    gateway = neighbour_router(case, space, version)
    if not gateway:
        return ""
    if space.is_host:
        return f"ip route add default via {gateway}"
    return f"bridgekit route {case.guest(space)} add default via {gateway}"


def neighbour_router(case: Case, space: Space, version: int) -> str:
    """The address of another one on a wire of this namespace that forwards."""
    for link in case.scene.links(space):
        for other, name in sorted(case.scene.segment(space, link.name), key=lambda each: not each[0].is_host):
            gateway = case.scene.beside(space, link, other, name, version)
            if other != space and gateway and len(case.scene.links(other)) > 2:
                return gateway
    return ""


def taken_in(case: Case) -> Reason | None:
    """The place took it from the wire: do its routes want it from there?"""
    if not case.taken or case.head is None or _went_on(case):
        return None
    space, packet, link = case.place, case.head, case.link_in
    found = case.kernel.route(space, packet.target, packet.source, link)
    if six(packet.target) and not found.local and setting(space, "net/ipv6/conf/all/forwarding") == "0":
        return forwarding(case, space, link)
    if not found.refused:
        return None
    if found.refused == "No route to host" and setting(space, f"net/ipv4/conf/{link}/forwarding") == "0":
        return forwarding(case, space, link)
    return against_source(case, space, packet.source, link) or _no_route(case, space, packet.target, found.refused)


def _went_on(case: Case) -> bool:
    """Whether the rules saw it after the route was chosen."""
    return case.walk is not None and any(case.walk.at(hook) for hook in ("input", "forward", "postrouting"))


def forwarding(case: Case, space: Space, link: str) -> Reason:
    """It would have to be forwarded, and that is off."""
    version = 6 if six(case.target) else 4
    key = _FORWARDING[version]
    place, value = case.named(space), setting(space, key.replace(".", "/"))
    text = tr("{0} does not forward what is not for itself: {1} is {2}", place, key, value)
    if value != "0":
        text = tr("{0} does not forward what comes in by {1}: its own `forwarding` is 0", place, link)
        return Reason(text, case.sysctl(space, f"net.ipv{version}.conf.{link}.forwarding", 1))
    own = "bridgekit forwarding on" + " --ipv6" * (version == 6)
    return Reason(text, own if space.is_host else case.sysctl(space, key, 1))


def against_source(case: Case, space: Space, source: str, link: str) -> Reason | None:
    """Whether a namespace drops what comes from an address by a link: rp_filter, or a source that cannot be."""
    place = case.named(space)
    if six(source):
        return None
    if case.scene.has(space, source):
        text = tr(
            "{0} drops what comes by {1} from {2}, which is an address of its own (a martian source)",
            place,
            link,
            source,
        )
        return Reason(text)
    if source.startswith("127."):
        text = tr(
            "{0} drops it: nothing from {1} may come by a wire (a martian source); it lacks a masquerade", place, source
        )
        return Reason(text)
    strict, back = of_link(space, link, "rp_filter"), case.kernel.route(space, source)
    if strict != 1 or back.link == link:
        return None
    text = tr(
        "{0} drops what comes by {1} from {2}: its answer would go by {3} (rp_filter is 1)",
        *(place, link, source, back.link or tr("no link")),
    )
    return Reason(text, case.sysctl(space, f"net.ipv4.conf.{link}.rp_filter", 2))


def translated_at_home(case: Case) -> Reason | None:
    """What was sent to 127.x got another target, and must not leave with its source without route_localnet."""
    asked = case.record.asked
    if case.path.frames[THERE] or not asked.address.startswith("127."):
        return None
    steps: list[Step] = [s for s in case.path.steps[THERE] if s.handle and not s.ours and "DNAT" in case.kernel.rule(s)]
    if not steps:
        return None
    rule = case.kernel.rule(steps[0])
    target = (
        rule.partition("--to-destination ")[2].split()[0].rpartition(":")[0]
        or rule.partition("--to-destination ")[2].split()[0]
    )
    link = case.kernel.route(asked.space, target).link
    text = tr(
        "{0} sends it on by {1}, with the source {2}: that needs route_localnet of {3}",
        case.named(asked.space),
        rule,
        asked.address,
        link,
    )
    return Reason(text, case.sysctl(asked.space, f"net.ipv4.conf.{link}.route_localnet", 1))
