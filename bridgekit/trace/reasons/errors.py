"""Did somebody say no: an ICMP error, or a reset?"""

from __future__ import annotations

import errno
import os
from dataclasses import replace

from bridgekit.facts.spaces import Space
from bridgekit.trace.netlink import Step
from bridgekit.trace.packets import TCP, UDP, Packet
from bridgekit.trace.path import BACK, ERROR, THERE
from bridgekit.trace.reasons import routes, rules, sizes
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.meanings import MEANINGS
from bridgekit.trace.reasons.silence import Asking, nobody
from bridgekit.trace.wires import Frame
from bridgekit.translation import Said, joined, tr

_PROTOCOLS = {TCP: "tcp", UDP: "udp"}
_TOO_LONG = ((4, 3, 4), (6, 2, 0))
_PORT = ((4, 3, 3), (6, 1, 4))


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
    meaning = MEANINGS.get(key, tr("ICMP {0}/{1}", error.kind, error.code))
    if _from_beyond(first):
        return Reason(tr("{0}, beyond what can be seen from here, sends an error back: {1}", error.source, meaning))
    by = _rejecting(case, first.space)
    if by is not None:
        text = tr("{0} refuses it by a rule: {1}", case.named(first.space), case.kernel.rule(by))
        return Reason(text, rules.deleting(case, by))
    if key in _TOO_LONG:
        return _too_long(case, first.space, error.inner, error.mtu)
    if key in _PORT:
        return _no_listener(case, first.space, error.inner)
    says = tr("{0} ({1}) sends an error back: {2}", case.named(first.space), error.source, meaning)
    why = _not_sent_on(case, first.space, error.inner)
    return replace(why, text=tr("{0}: {1}", says, why.text)) if why else Reason(says)


def _from_beyond(first: Frame) -> bool:
    """Whether it was first seen as it came in: then nobody known here sent it."""
    return not first.out and first.link != "lo"


def _not_sent_on(case: Case, space: Space, packet: Packet) -> Reason | None:
    """Why one who says so does not send it on."""
    came = [frame for frame in case.path.frames[THERE] if frame.space == space and not frame.out]
    iif = came[-1].link if came else ""
    source = packet.source if iif and not case.scene.has(space, packet.source) else ""
    found = case.kernel.route(space, packet.target, source, iif if source else "")
    if found.refused or not found.link:
        return routes.own(case, space, packet.target, source, iif if source else "")
    return nobody(case, Asking(space, found.link, found.via or packet.target))


def _rejecting(case: Case, space: Space) -> Step | None:
    """The last rule of a namespace that rejects."""
    steps = [step for way in (THERE, BACK) for step in case.path.steps[way] if step.space == space and step.handle]
    return next((step for step in reversed(steps) if not step.ours and "REJECT" in case.kernel.rule(step)), None)


def _too_long(case: Case, space: Space, packet: Packet, most: int = 0) -> Reason:
    place, length, link = case.named(space), packet.length, case.kernel.route(space, packet.target).link
    known = case.scene.link(space, link)
    most = most or (known.mtu if known else 0)
    text = tr("it is {0} bytes long, and {1} of {2} takes {3} (mtu): {2} says so", length, link, place, most)
    return sizes.too_long(case, text, (space, link), length)


def untold(case: Case) -> Reason | None:
    """Somebody on the way would have sent an error back, and a rule dropped that."""
    step, found = case.path.dropped(), rules.dropped(case)
    error = step.packet if step and step in case.path.steps[ERROR] else None
    if step is None or found is None or error is None:
        return None
    about = error.inner or case.head or error  # the rules are not told all of it
    meaning = MEANINGS.get((error.version, error.kind, error.code), tr("ICMP"))
    text = tr("the error that was to tell the sender ({0}) was {1}", meaning, found.text)
    long = (error.version, error.kind, error.code) in _TOO_LONG
    space = next((owner for owner, _ in case.scene.owners(error.source)), step.space)
    why = _too_long(case, space, about) if long else _not_sent_on(case, space, about)
    if why is None:
        return Reason(text, cause=found.cause)
    # Who hears that it was too long sends less: then the error itself is worth to be let through.
    mend = " && ".join(filter(None, (found.mend, why.mend))) if long else why.mend
    return Reason(tr("{0}; {1}", text, why.text), mend, found.cause if long else why.cause, why.space)


def unsent(case: Case) -> Reason | None:
    """The sender's kernel would not have it: the port or the address that it was to come from is not to be had."""
    code, asked = case.record.outcome.error, case.record.asked
    if code not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL) or case.path.frames[THERE]:
        return None
    return Reason(tr("{0} did not send it: {1}", case.named(asked.space), os.strerror(code)))


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
    return sizes.too_long(case, text, (asked.space, link), asked.size)


def refused_by_reset(case: Case) -> Reason | None:
    """The port answered that nobody listens, with a reset."""
    resets = [frame for frame in case.path.frames[BACK] if frame.packet and "R" in frame.packet.flags]
    if not resets:
        return None
    first: Frame = resets[0]
    assert first.packet
    if _from_beyond(first):
        where = _socket(first.packet.source, first.packet.sport)
        return Reason(tr("{0}, beyond what can be seen from here, refuses it: nothing listens there", where))
    by = _rejecting(case, first.space)
    if by is not None:
        text = tr("{0} refuses it by a rule: {1}", case.named(first.space), case.kernel.rule(by))
        return Reason(text, rules.deleting(case, by))
    there = [frame.packet for frame in case.path.frames[THERE] if frame.space == first.space and frame.packet]
    heads = [step.packet for step in case.path.steps[THERE] if step.space == first.space and step.packet]
    return _no_listener(case, first.space, (heads or there)[-1])


def _no_listener(case: Case, space: Space, packet: Packet) -> Reason:
    protocol = _PROTOCOLS.get(packet.protocol, "tcp")
    found = case.kernel.listeners(space, protocol) or ()
    same = [_socket(*each) for each in found if each[1] == packet.dport]
    place, where = case.named(space), _socket(packet.target, packet.dport)
    text = tr("{0} refuses it: nothing listens at {1}/{2} in it", place, where, protocol)
    if same:
        text = tr("{0}, only at {1}", text, joined(dict.fromkeys(same)))
    elif found:
        text = tr("{0}; what listens: {1}", text, joined(dict.fromkeys(_socket(*each) for each in found)))
    return _translation(case, space, text)


def _translation(case: Case, space: Space, text: Said) -> Reason:
    """Say by which rule it came there, or that none took it."""
    if (by := rules.translating(case)) is not None:
        return Reason(tr("{0} (it was sent there by: {1})", text, case.kernel.rule(by)))
    asked = case.record.asked
    if not space.is_host or not asked.port:
        return Reason(text)
    if not asked.space.is_host:
        return Reason(tr("{0} (no DNAT rule took it)", text))
    rule = case.kernel.translates(space, asked.version, asked.port)
    if not rule:
        return Reason(text)
    text = tr("{0} (for those who come by a wire it is translated, by: {1}; not for the host itself)", text, rule)
    mend = f"{'ip6tables' if asked.version == 6 else 'iptables'} {rule.replace('-A PREROUTING', '-A OUTPUT')}"
    return Reason(text, "" if " -i " in rule else mend)


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
