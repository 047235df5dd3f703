"""Had somebody no route for it, or a reason not to take it in?"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.names import six
from bridgekit.trace.kernel import of_link, route_line
from bridgekit.trace.path import THERE
from bridgekit.trace.reasons import bridges, leading, rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.scene import subnets
from bridgekit.translation import Said, joined, tr

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
    found = own(case, asked.space, asked.address, asked.source)
    if found or not six(asked.address):
        return found
    return _refused(case, asked.space, case.kernel.route(asked.space, asked.address).link)


def of_its_link(case: Case) -> Reason | None:
    """The sender has only an address that counts on one link, and what is sent goes further."""
    asked, sent = case.record.asked, case.path.frames[THERE]
    source = sent[0].packet.source if sent and sent[0].packet and six(asked.address) else ""
    if not source or not ip_address(source).is_link_local or ip_address(asked.address).is_link_local:
        return None
    link, place = sent[0].link, case.named(asked.space)
    says = tr("{0} has no IPv6 address on {1} but {2}, which counts on that link alone", place, link, source)
    return _refused(case, asked.space, link) or Reason(says)


def own(case: Case, space: Space, target: str, source: str = "", iif: str = "") -> Reason | None:
    """What keeps a namespace from sending to an address; source, iif: what comes from another by a link."""
    found = case.kernel.route(space, target, source, iif)
    if found.refused:
        return _no_route(case, space, target, found.refused)
    if found.link == "lo" and not case.scene.up(space, "lo"):
        text = tr("in {0} lo is down, and what it sends to itself goes by lo", case.named(space))
        return Reason(text, case.ip(space, "link set lo up"))
    return None


def _refused(case: Case, space: Space, name: str) -> Reason | None:
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
    lines = [line for line in case.kernel.refusing(space, version) if kind in line.split() and _covers(line, target)]
    if not lines:
        return _unknown(case, space, target, words)
    text = tr("{0} has a route to {1} that refuses: {2}", place, target, joined(lines, "; "))
    if len(lines) != 1:
        return Reason(text, space=space)
    what = "rule" if lines[0].startswith("from ") else "route"
    return Reason(text, case.ip(space, f"{'-6 ' * (version == 6)}{what} del {lines[0]}"))


def _covers(line: str, target: str) -> bool:
    """Whether a route, or a rule of routing, is about an address."""
    words = line.split()
    if words[0] == "from" or "default" in words:
        return True
    return any(ip_address(target) in ip_network(word, strict=False) for word in words[1:2])


def _unknown(case: Case, space: Space, target: str, words: str) -> Reason:
    version, place = 6 if six(target) else 4, case.named(space)
    text: Said = tr("{0} has no route to {1}", place, target)
    if words != "Network is unreachable":
        return Reason(tr("{0}: {1}", text, words))
    off = _switched_off(case, space) if version == 6 else []
    if off:
        # No command: with it went the addresses and routes that it had.
        text = tr(
            "{0}: IPv6 is switched off there, and its addresses and routes are gone (disable_ipv6 of {1})",
            text,
            joined(off),
        )
        return Reason(text, cause=case.sysctl(space, f"net.ipv6.conf.{off[0]}.disable_ipv6", 0), space=space)
    if near := _down(case, space, target):
        return Reason(tr("{0}: {1}", text, near.text), near.mend)
    if space == case.record.asked.space == case.scene.outside and rules.private(target):
        text = tr("{0}, a private address, which nobody outside of this host knows a way to", text)
        return Reason(text)
    if not case.kernel.defaults(space, version):
        text = tr("{0}: it has no default route", text)
        return Reason(text, _default(case, space, target), space=space)
    return Reason(text, space=space)


def _down(case: Case, space: Space, target: str) -> Reason | None:
    """A link that is down, and in whose subnet the address is."""
    for link in case.scene.links(space):
        if any(ip_address(target) in each.network for each in subnets(link)):
            return bridges.down(case, space, link.name)
    return None


def _switched_off(case: Case, space: Space) -> list[str]:
    names = ["all", *(link.name for link in case.scene.links(space) if link.name != "lo")]
    return [name for name in names if setting(space, f"net/ipv6/conf/{name}/disable_ipv6") == "1"]


def _default(case: Case, space: Space, target: str) -> str:
    """The command that adds a default route, if there is somebody on the wire who would send it on."""
    gateway = neighbour_router(case, space, target)
    if not gateway:
        return ""
    if space.is_host:
        return f"ip route add default via {gateway}"
    return f"bridgekit route {case.guest(space)} add default via {gateway}"


def neighbour_router(case: Case, space: Space, target: str) -> str:
    """The address of another one on a wire of this namespace whose routes lead to an address, and not back here."""
    version = 6 if six(target) else 4
    for link in case.scene.links(space):
        for other, name in sorted(
            case.scene.segment(space, link.name), key=lambda each: (not each[0].is_host, each[1])
        ):
            gateway = case.scene.beside(space, link, other, name, version)
            if other != space and gateway and len(case.scene.links(other)) > 2:
                passed, arrives = leading.way(case, other, target)
                if arrives and space not in passed:
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
    key = leading.FORWARDING[version]
    place, value = case.named(space), setting(space, key.replace(".", "/"))
    text = tr("{0} does not forward what is not for itself: {1} is {2}", place, key, value)
    if value != "0":
        text = tr("{0} does not forward what comes in by {1}: its own `forwarding` is 0", place, link)
        return Reason(text, case.sysctl(space, f"net.ipv{version}.conf.{link}.forwarding", 1))
    if not leading.leads(case, space, case.target):
        return leading.astray(case, space) or _nowhere(case, space, text)
    own = "bridgekit forwarding on" + " --ipv6" * (version == 6)
    return Reason(text, own if space.is_host else case.sysctl(space, key, 1), space=space)


def _nowhere(case: Case, space: Space, text: Said) -> Reason:
    """It does not forward, and would not come to anybody if it did."""
    if not case.scene.owners(case.target):
        place, key = case.named(space), leading.FORWARDING[6 if six(case.target) else 4]
        text = tr(
            "nobody known here has {0}, and {1}, to which the routes lead, does not forward what is not for itself: "
            "{2} is {3}",
            *(case.target, place, key, setting(space, key.replace(".", "/"))),
        )
    return Reason(text, space=space)


def against_source(case: Case, space: Space, source: str, link: str) -> Reason | None:
    """Whether a namespace drops what comes from an address by a link: rp_filter, or a source that cannot be."""
    place = case.named(space)
    if six(source):
        return None
    if case.scene.has(space, source) or source.startswith("127."):
        text = tr(
            "{0} drops what comes by {1} from {2}: that is its own address (a martian source)", place, link, source
        )
        return _unmasqueraded(case, text, source) or Reason(text)
    strict, back = of_link(space, link, "rp_filter"), case.kernel.route(space, source)
    if strict != 1 or back.link == link:
        return None
    other = back.link or tr("no link")
    text = tr(
        "{0} drops what comes by {1} from {2}: its answer would go by {3} (rp_filter is 1)",
        *(place, link, source, other),
    )
    mend = case.sysctl(space, f"net.ipv4.conf.{link}.rp_filter", 2)
    return Reason(text, mend if leading.leads(case, space, source) else _without(case, space, source), mend)


def _without(case: Case, space: Space, target: str) -> str:
    """The command that deletes the route to an address; empty if that is the default route."""
    line = route_line(space, target)
    return "" if not line or line.startswith("default") else case.ip(space, f"route del {line}")


def _unmasqueraded(case: Case, text: Said, source: str) -> Reason | None:
    """Say so where somebody gave it another target, and left it its source."""
    by = rules.translating(case)
    if by is None or case.way != THERE:
        return None
    text = tr("{0}; {1} sent it there without a masquerade, by: {2}", text, case.named(by.space), case.kernel.rule(by))
    return Reason(text, rules.masquerade(case, by, source))


def translated_at_home(case: Case) -> Reason | None:
    """What was sent to 127.x got another target, and must not leave with its source without route_localnet."""
    asked, by = case.record.asked, rules.translating(case)
    if by is None or case.path.frames[THERE] or not asked.address.startswith("127."):
        return None
    link = case.kernel.route(asked.space, rules.translated(case, by)).link
    if of_link(asked.space, link, "route_localnet"):
        return None
    place, rule = case.named(asked.space), case.kernel.rule(by)
    text = tr("{0} would send it on by {1} from {2}: that needs route_localnet ({3})", place, link, asked.address, rule)
    return Reason(text, case.sysctl(asked.space, f"net.ipv4.conf.{link}.route_localnet", 1))
