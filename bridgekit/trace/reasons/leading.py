"""Where routes lead, namespace after namespace: to whom is meant, astray, or past the one who translated."""

from __future__ import annotations

from bridgekit.facts.parameters import setting
from bridgekit.facts.pings import source_towards
from bridgekit.facts.spaces import Space
from bridgekit.names import six
from bridgekit.trace.kernel import route_line
from bridgekit.trace.packets import Packet
from bridgekit.trace.path import BACK, THERE
from bridgekit.trace.reasons import rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.wires import Frame
from bridgekit.translation import joined, tr

FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}
_IN_SIGHT = ("veth", "bridge", "loopback", "dummy", "macvlan", "ipvlan")  # kinds of links that lead nowhere else


def way(case: Case, space: Space, target: str) -> tuple[list[Space], bool]:
    """The namespaces by which routes would lead from one to an address, and whether to who has it, or out of sight."""
    passed = [space]
    while not case.scene.has(space, target):
        found = case.kernel.route(space, target)
        if found.refused or found.local:
            return passed, found.local
        wire, hop = case.scene.segment(space, found.link), found.via or target
        after = next((owner for owner, link in case.scene.owners(hop) if (owner, link.name) in wire), None)
        if after is None:
            links = [case.scene.link(*each) for each in wire]
            unseen = any(link and link.kind not in _IN_SIGHT for link in links)
            return passed, unseen and not case.scene.owners(target)
        if after in passed or not (case.scene.has(after, target) or forwards(after, target)):
            return [*passed, after], False
        passed.append(space := after)
    return passed, True


def forwards(space: Space, target: str) -> bool:
    """Whether a namespace forwards packets to such an address."""
    return setting(space, FORWARDING[6 if six(target) else 4].replace(".", "/")) != "0"


def leads(case: Case, space: Space, target: str) -> bool:
    """Whether the routes of a namespace lead to an address."""
    return way(case, space, target)[1]


def astray(case: Case, place: Space) -> Reason | None:
    """Another one has the address, and a default route led away from it, to one that does not forward."""
    outs = [frame for frame in case.frames if frame.out and frame.space != place]
    owners = dict.fromkeys(case.named(space) for space, _ in case.scene.owners(case.target))
    line = route_line(outs[-1].space, case.target) if outs and owners else ""
    if not line.startswith("default"):
        return None
    text = tr(
        "{0} has no route to {1} (of {2}) but `{3}`, and {4}, where that leads, does not forward it",
        *(case.named(outs[-1].space), case.target, joined(owners), line, case.named(place)),
    )
    return Reason(text)


def past(case: Case) -> Reason | None:
    """Who got it answers by another one: past the one who translated its address, or back to him as from himself."""
    by, space, head = rules.translating(case), case.arrived, case.arrived_as
    if by is None or space is None or head is None or by.space == space or not case.path.frames[BACK]:
        return None
    there = {case.record.asked.space, *(frame.space for frame in case.path.frames[THERE])}
    other = next((each.space for each in case.frames if each.space not in there and not each.out), None)
    if other is None or not (by.space not in way(case, other, head.source)[0] or _as_from_himself(case, by.space)):
        return None
    text = tr(
        "it arrived in {0}, whose answer goes by {1} ({2}) and not back to {3}, which translated its address, by: {4}",
        *(case.named(space), case.named(other), route_line(space, head.source), case.named(by.space)),
        case.kernel.rule(by),
    )
    straight = _answers_to(case, by.space, space, head.target)
    return Reason(text, rules.masquerade(case, by, head.source) if straight else "")


def _as_from_himself(case: Case, space: Space) -> bool:
    """Whether the answer comes in to a namespace from an address of its own."""
    end = case.end
    return end is not None and (end.space, end.out) == (space, False) and _is_from(case, space, end.packet)


def _is_from(case: Case, space: Space, packet: Packet | None) -> bool:
    return packet is not None and case.scene.has(space, packet.source)


def _answers_to(case: Case, asking: Space, asked: Space, target: str) -> bool:
    """Whether who is asked from another's own address would answer him straight."""
    own = source_towards(asking, target)
    return own is not None and asking in way(case, asked, own)[0][:2]


def elsewhere(case: Case) -> Reason | None:
    """A route leads away from an address that is on another of the same namespace's own wires."""
    met = {frame.space for frame in case.path.frames[case.way]}
    for frame in case.path.frames[case.way]:
        if frame.out and frame.packet and not case.scene.bridge(frame.space, frame.link):
            wire = case.scene.segment(frame.space, frame.link)
            owners = [(space, link.name) for space, link in case.scene.owners(frame.packet.target)]
            near = case.scene.joining(frame.space, owners)
            if near and met.isdisjoint(space for space, _ in owners) and wire.isdisjoint(owners):
                return _led_away(case, frame, near, owners[0])
    return None


def _led_away(case: Case, frame: Frame, near: str, owner: tuple[Space, str]) -> Reason | None:
    assert frame.packet
    target, place = frame.packet.target, case.named(frame.space)
    line = route_line(frame.space, target)
    if not line or line.startswith("default"):
        return None
    text = tr(
        "{0} sends what is for {1} out by {2}, by its route {3}; but {4} has {1}, and is reached by {5}",
        *(place, target, frame.link, line, case.named(owner[0]), near),
    )
    return Reason(text, case.ip(frame.space, f"route del {line}"))
