"""Did nobody answer the question for a neighbour's MAC address, or the wrong one?"""

from __future__ import annotations

from dataclasses import replace

from bridgekit.facts.links import Link
from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.names import six
from bridgekit.trace.path import THERE
from bridgekit.trace.reasons import rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.silence import Asking, nobody
from bridgekit.trace.wires import Frame
from bridgekit.translation import joined, tr


def doubled(case: Case) -> Reason | None:
    """Two answered for one address."""
    answers: dict[tuple[Space, str], dict[str, None]] = {}
    for frame in case.path.questions:
        asked = frame.question
        if asked and asked.answer and asked.mac and not frame.out and not frame.others:
            answers.setdefault((frame.space, asked.target if six(asked.target) else asked.sender), {})[asked.mac] = None
    for (space, address), macs in answers.items():
        if len(macs) > 1 and address in case.addresses | case.gateways(space):
            who = joined(
                tr("{0} ({1})", _whose(case, mac), mac) for mac in sorted(macs, key=lambda mac: _whose(case, mac))
            )
            return Reason(tr("{0} asked for {1}, and two answer: {2}", case.named(space), address, who))
    return None


def _whose(case: Case, mac: str) -> str:
    return next((case.named(space) for space, _ in case.scene.of_mac(mac)), "?")


def misaddressed(case: Case) -> Reason | None:
    """A frame went to a MAC address that the next hop does not have."""
    for frame in case.path.frames[case.way]:
        if frame.out and frame.packet and not case.scene.bridge(frame.space, frame.link):
            hop = case.kernel.route(frame.space, frame.packet.target).via or frame.packet.target
            owners = case.scene.owners(hop)
            if owners and frame.target not in [link.mac for _, link in owners] and frame.link != "lo":
                return _to_another(case, frame, hop, owners[0])
    return None


def _to_another(case: Case, frame: Frame, hop: str, owner: tuple[Space, Link]) -> Reason:
    place, mac = case.named(frame.space), frame.target
    whose = next(
        (tr("that is {0} of {1}", link.name, case.named(space)) for space, link in case.scene.of_mac(mac)), None
    )
    text = tr("{0} sent it to {1} for {2}: {3}", place, mac, hop, whose or tr("nobody known here has that"))
    text = tr("{0}, and {1} of {2} has the address ({3})", text, owner[1].name, case.named(owner[0]), owner[1].mac)
    said = [each.question for each in case.path.questions if each.question and each.question.answer]
    if any(each.sender == hop and each.mac == mac for each in said):
        return Reason(tr("{0}: it answered for it (proxy_arp)", text))
    fixed = case.kernel.neighbours(frame.space).get(hop, ("", False))
    if fixed[0] != mac:
        return Reason(text)
    mend = case.ip(frame.space, f"neigh del {hop} dev {frame.link}")
    return Reason(tr("{0}: its neighbour table has it so", text), mend)


def unanswered(case: Case) -> Reason | None:
    """Somebody who was to send it on asked for a neighbour, and was not answered."""
    for frame in case.path.questions:
        asked = frame.question
        if asked is None or asked.answer or not frame.out or asked.sender in ("::", "0.0.0.0"):
            continue
        if frame.space not in case.places:
            continue
        ours = asked.target in case.addresses | case.gateways(frame.space)
        passed_on = case.scene.bridge(frame.space, frame.link)
        if ours and not passed_on and not _answered(case, frame.space, asked.target):
            found = nobody(case, Asking(frame.space, frame.link, asked.target))
            return way_back(case, frame.space, _proxied(case, frame.space, found))
    return None


def _proxied(case: Case, space: Space, found: Reason) -> Reason:
    """Say so where it is one that took the packet in because it had answered for an address that it does not have."""
    macs = {link.mac: link.name for link in case.scene.links(space)}
    for frame in case.path.questions:
        asked = frame.question
        if asked is None or not asked.answer or frame.out or frame.space == space or six(asked.sender):
            continue
        if asked.mac in macs and not case.scene.has(space, asked.sender):
            place, link = case.named(space), macs[asked.mac]
            text = tr("{0} answered for {1}, which it does not have (proxy_arp of {2})", place, asked.sender, link)
            where = "all" if setting(space, "net/ipv4/conf/all/proxy_arp") == "1" else link
            mend = case.sysctl(space, f"net.ipv4.conf.{where}.proxy_arp", 0)
            return Reason(tr("{0}; {1}", text, found.text), mend if case.scene.owners(asked.sender) else "")
    return found


def way_back(case: Case, space: Space, found: Reason) -> Reason:
    """The same, of the one that got it: then it is the answer's way."""
    if case.arrived != space:
        return found
    found = replace(found, text=tr("it arrived in {0}, but the way back: {1}", case.named(space), found.text))
    if left := rules.unmasqueraded(case):
        text = tr("{0}; it left {1} with a private source, unmasqueraded", found.text, left[1])
        return Reason(text, rules.outbound(case, *left))
    return found


def _answered(case: Case, space: Space, target: str) -> bool:
    return any(
        frame.question.answer and target in (frame.question.sender, frame.question.target)
        for frame in case.path.questions
        if frame.question and frame.space == space and not frame.out
    )


def not_sent(case: Case) -> Reason | None:
    """The sender has a route, and yet nothing left: then it is its link, or its neighbour table."""
    asked = case.record.asked
    if case.path.frames[THERE]:
        return None
    found = case.kernel.route(asked.space, asked.address, asked.source)
    if found.refused or not found.link or found.link == "lo":
        return None
    return nobody(case, Asking(asked.space, found.link, found.via or asked.address))
