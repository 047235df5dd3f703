"""Did somebody say no: an ICMP error, or a reset?"""

from __future__ import annotations

import errno

from bridgekit.facts.spaces import Space
from bridgekit.trace.netlink import Step
from bridgekit.trace.packets import TCP, UDP, Packet
from bridgekit.trace.path import BACK, ERROR, THERE
from bridgekit.trace.reasons import routes, rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.silence import Asking, nobody
from bridgekit.trace.wires import Frame
from bridgekit.translation import Said, joined, tr

_PROTOCOLS = {TCP: "tcp", UDP: "udp"}
# ICMP's (version, type, code) -> what it means.  RFC 792, 1812, 4443.
_MEANINGS = {
    (4, 3, 0): tr("network unreachable"),
    (4, 3, 1): tr("host unreachable"),
    (4, 3, 2): tr("protocol unreachable"),
    (4, 3, 3): tr("port unreachable"),
    (4, 3, 4): tr("too long, and it must not be cut"),
    (4, 3, 9): tr("network prohibited"),
    (4, 3, 10): tr("host prohibited"),
    (4, 3, 13): tr("prohibited"),
    (4, 11, 0): tr("its hops are used up: it goes round in a circle"),
    (6, 1, 0): tr("no route"),
    (6, 1, 1): tr("prohibited"),
    (6, 1, 2): tr("beyond the scope of its source"),
    (6, 1, 3): tr("address unreachable"),
    (6, 1, 4): tr("port unreachable"),
    (6, 2, 0): tr("too long"),
    (6, 3, 0): tr("its hops are used up: it goes round in a circle"),
}
_TOO_LONG = ((4, 3, 4), (6, 2, 0))
_PORT = ((4, 3, 3), (6, 1, 4))
_CIRCLE = ((4, 11, 0), (6, 3, 0))


def refused_by_icmp(case: Case) -> Reason | None:
    """Somebody on the way sent an error back."""
    frames = case.path.frames[ERROR]
    if not frames:
        return None
    first = frames[0]
    error = first.packet
    assert error
    if error.inner is None:
        return None
    key = (error.version, error.kind, error.code)
    by = _rejecting(case, first.space)
    if by is not None:
        text = tr("{0} refuses it by a rule: {1}", case.named(first.space), case.kernel.rule(by))
        return Reason(text, _without(case, by))
    if key in _TOO_LONG:
        return _too_long(case, first.space, error)
    if key in _PORT:
        return _no_listener(case, first.space, error.inner)
    meaning = _MEANINGS.get(key, tr("ICMP {0}/{1}", error.kind, error.code))
    says = tr("{0} ({1}) sends an error back: {2}", case.named(first.space), error.source, meaning)
    if key in _CIRCLE:
        return Reason(tr("{0}; it passed {1}", says, joined(_circle(case))))
    why = _not_sent_on(case, first.space, error.inner)
    return Reason(tr("{0}: {1}", says, why.text), why.mend) if why else Reason(says)


def _not_sent_on(case: Case, space: Space, packet: Packet) -> Reason | None:
    """Why one who says so does not send it on."""
    came = [frame for frame in case.path.frames[THERE] if frame.space == space and not frame.out]
    iif = came[-1].link if came else ""
    source = packet.source if iif and not case.scene.has(space, packet.source) else ""
    found = case.kernel.route(space, packet.target, source, iif if source else "")
    if found.refused or not found.link:
        return routes.own(case, space, packet.target, source, iif if source else "")
    return nobody(case, Asking(space, found.link, found.via or packet.target))


def _circle(case: Case) -> list[str]:
    return list(dict.fromkeys(case.named(frame.space) for frame in case.path.frames[THERE]))


def _rejecting(case: Case, space: Space) -> Step | None:
    """The last rule of a namespace that rejects."""
    steps = [step for way in (THERE, BACK) for step in case.path.steps[way] if step.space == space and step.handle]
    return next((step for step in reversed(steps) if not step.ours and "REJECT" in case.kernel.rule(step)), None)


def _without(case: Case, step: Step) -> str:
    program = {2: "iptables", 10: "ip6tables"}.get(step.family)
    return case.inside(step.space, f"{program} {case.kernel.rule(step).replace(' -A ', ' -D ', 1)}") if program else ""


def _too_long(case: Case, space: Space, error: Packet) -> Reason:
    assert error.inner
    place, length, most = case.named(space), error.inner.length, error.mtu
    link = case.kernel.route(space, error.inner.target).link
    text = tr("it is {0} bytes long, and {1} of {2} takes {3} (mtu): {2} says so", length, link, place, most)
    return Reason(text, case.ip(space, f"link set {link} mtu {length}"))


def too_long_here(case: Case) -> Reason | None:
    """The sender's own link takes less, so it was never sent."""
    if case.record.outcome.error != errno.EMSGSIZE or case.path.frames[ERROR]:
        return None
    asked = case.record.asked
    link = case.kernel.route(asked.space, asked.address).link
    found = case.scene.link(asked.space, link)
    most = found.mtu if found else 0
    text = tr(
        "it would be {0} bytes long, and {1} of {2} takes {3} (mtu)", asked.size, link, case.named(asked.space), most
    )
    return Reason(text, case.ip(asked.space, f"link set {link} mtu {asked.size}"))


def refused_by_reset(case: Case) -> Reason | None:
    """The port answered that nobody listens, with a reset."""
    resets = [frame for frame in case.path.frames[BACK] if frame.packet and "R" in frame.packet.flags]
    if not resets:
        return None
    first: Frame = resets[0]
    assert first.packet
    by = _rejecting(case, first.space)
    if by is not None:
        text = tr("{0} refuses it by a rule: {1}", case.named(first.space), case.kernel.rule(by))
        return Reason(text, _without(case, by))
    there = [frame.packet for frame in case.path.frames[THERE] if frame.space == first.space and frame.packet]
    heads = [step.packet for step in case.path.steps[THERE] if step.space == first.space and step.packet]
    return _no_listener(case, first.space, (heads or there)[-1])


def _no_listener(case: Case, space: Space, packet: Packet) -> Reason:
    protocol = _PROTOCOLS.get(packet.protocol, "tcp")
    found = case.kernel.listeners(space, protocol)
    same = [_socket(*each) for each in found if each[1] == packet.dport]
    place, where = case.named(space), _socket(packet.target, packet.dport)
    text = tr("{0} refuses it: nothing listens at {1}/{2} in it", place, where, protocol)
    if same:
        text = tr("{0}, only at {1}", text, joined(dict.fromkeys(same)))
    elif found:
        text = tr("{0}; what listens: {1}", text, joined(dict.fromkeys(_socket(*each) for each in found)))
    return Reason(_sent_there(case, space, text))


def _sent_there(case: Case, space: Space, text: Said) -> Said:
    """Say by which rule it came there, or that none took it."""
    by = rules.translating(case)
    if by is not None:
        return tr("{0} (it was sent there by: {1})", text, case.kernel.rule(by))
    if space.is_host and case.scene.has(space, case.record.asked.address) and not case.record.asked.space.is_host:
        return tr("{0} (no DNAT rule took it)", text)
    return text


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
