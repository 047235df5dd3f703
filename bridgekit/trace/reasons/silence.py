"""Why does nobody answer the question for a neighbour's MAC address?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address

from bridgekit.facts.links import Link
from bridgekit.facts.neighbours import table, widening
from bridgekit.facts.spaces import Space
from bridgekit.names import six
from bridgekit.trace.kernel import of_link
from bridgekit.trace.reasons import bridges, routes, rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.scene import subnets
from bridgekit.trace.wires import Frame
from bridgekit.translation import Said, joined, tr

_FULL = 0.97
_KINDS = ("macvlan", "ipvlan")


@dataclass(frozen=True)
class Asking:
    """A namespace that asks for an address on a link."""

    space: Space
    link: str
    target: str


def nobody(case: Case, asking: Asking) -> Reason:
    """Why nobody answers."""
    text = tr("nobody answers {0}'s question for {1} on {2}", case.named(asking.space), asking.target, asking.link)
    for reason in (_full, _lost, _down, _nobodys, _reached, _same_wire, _other_wire):
        if found := reason(case, asking):
            return replace(found, text=tr("{0}: {1}", text, found.text))
    return Reason(text)


def _full(_: Case, asking: Asking) -> Reason | None:
    """The kernel has no room for another neighbour."""
    version = 6 if six(asking.target) else 4
    found = table(version)
    if found is None or found.entries <= _FULL * found.most:
        return None
    known = (found.entries, found.most)
    text = tr("the neighbour table of this machine (one for all its namespaces) is full, {0} of {1}", *known)
    return Reason(text, widening(version, found.most))


def _lost(case: Case, asking: Asking) -> Reason | None:
    """The answer was given, and did not come back."""
    answers = [(frame, frame.question) for frame in case.path.questions if frame.question and frame.question.answer]
    given = [frame for frame, question in answers if question.sender == asking.target]
    if not given or any(frame.space == asking.space for frame in given):
        return None
    first, last = given[0], given[-1]
    who, where = case.named(first.space), case.named(last.space)
    return Reason(tr("{0} answered, and its answer was last seen at {1} of {2}", who, last.link, where))


def _down(case: Case, asking: Asking) -> Reason | None:
    """This link, or its other end, is down."""
    end = case.scene.peer(asking.space, asking.link)
    ends = [(asking.space, asking.link), *([(end[0], end[1].name)] if end else [])]
    found = (bridges.down(case, space, name) for space, name in ends)
    return next((reason for reason in found if reason), None)


def _nobodys(case: Case, asking: Asking) -> Reason | None:
    """Nobody has it."""
    if case.scene.owners(asking.target) or asking.target.startswith("fe80:"):
        return None
    if cut := bridges.cut(case, asking.space, asking.link):
        return cut
    heard = [frame.space for frame in _asked_for(case, asking.target) if not frame.out and frame.space != asking.space]
    reached = joined(sorted(set(map(case.named, heard))))
    text: Said = tr("nobody known here has it (the question reached {0})", reached or tr("nobody"))
    by = rules.translating(case)
    if by is not None and asking.target in case.kernel.rule(by):
        text = tr("{0}; it was sent there by: {1}", text, case.kernel.rule(by))
    return _gateway(case, asking, text)


def _gateway(case: Case, asking: Asking, text: Said) -> Reason:
    """Say so where it is a gateway, and name a better one."""
    if asking.target not in case.gateways(asking.space):
        return Reason(text)
    text = tr("{0}; it is the gateway of {1}", text, case.named(asking.space))
    version = 6 if six(asking.target) else 4
    others = [line for line in case.kernel.defaults(asking.space, version) if asking.target not in line.split()]
    if others:
        text = tr("{0}; there is another default route: {1}", text, others[0])
        return Reason(text, _without(case, asking), space=asking.space)
    target = case.arrived_as.source if case.arrived_as and case.arrived == asking.space else case.target
    gateway = routes.neighbour_router(case, asking.space, target)
    if not gateway or asking.space.is_host:
        return Reason(text, space=asking.space)
    mend = f"bridgekit route {case.guest(asking.space)} replace default via {gateway}"
    return Reason(text, mend, space=asking.space)


def _without(case: Case, asking: Asking) -> str:
    lines = case.kernel.defaults(asking.space, 6 if six(asking.target) else 4)
    return next((case.ip(asking.space, f"route del {line}") for line in lines if asking.target in line.split()), "")


def _asked_for(case: Case, target: str) -> list[Frame]:
    asked = [(frame, frame.question) for frame in case.path.questions if frame.question]
    return [frame for frame, question in asked if not question.answer and question.target == target]


def _reached(case: Case, asking: Asking) -> Reason | None:
    """Its owner heard the question and said nothing."""
    for owner, has in case.scene.owners(asking.target):
        if not has.up:
            text = tr("{0} has it on {1}, which is down", case.named(owner), has.name)
            return Reason(text, case.ip(owner, f"link set {has.name} up"))
        for frame in _asked_for(case, asking.target):
            here = frame.space == owner and not frame.out
            if here and frame.question and has.name in (frame.link, case.scene.bridge(owner, frame.link)):
                return _silent(case, owner, has, frame.question.sender)
    return None


def _silent(case: Case, space: Space, link: Link, asking: str) -> Reason:
    """Why one who has the address does not answer for it."""
    said = tr("the question reached {0} of {1}", link.name, case.named(space))
    if ignored := _ignored(case, space, link, asking):
        return Reason(tr("{0}, which does not answer ({1})", said, ignored.text), ignored.mend)
    if not link.arp:
        return Reason(tr("{0}, where ARP is off", said), case.ip(space, f"link set {link.name} arp on"))
    if refused := routes.against_source(case, space, asking, link.name):
        return Reason(tr("{0}; {1}", said, refused.text), refused.mend)
    if back := case.kernel.route(space, asking).refused:
        return Reason(tr("{0}, which has no route to {1}: {2}", said, asking, back))
    return Reason(tr("{0}, which says nothing", said))


def _ignored(case: Case, space: Space, link: Link, asking: str) -> Reason | None:
    """The settings by which ARP is not answered."""
    for key in ("arp_ignore", "arp_filter"):
        if (value := of_link(space, link.name, key)) and not six(asking):
            where = "all" if of_link(space, "all", key) else link.name
            return Reason(tr("{0} is {1}", key, value), case.sysctl(space, f"net.ipv4.conf.{where}.{key}", 0))
    return None


def _same_wire(case: Case, asking: Asking) -> Reason | None:
    """Its owner is on the same wire: then a bridge kept the question."""
    wire = case.scene.segment(asking.space, asking.link)
    for owner, has in case.scene.owners(asking.target):
        if (owner, has.name) in wire:
            where = tr("{0} has it, on the same wire", case.named(owner))
            if found := bridges.kept(case, (asking.space, asking.link), (owner, has.name)):
                return Reason(tr("{0}; {1}", where, found.text), found.mend)
            if not _asked_for(case, asking.target):
                return Reason(tr("{0}; an earlier question waits for its answer still: ask again in a second", where))
            return Reason(where)
    return None


def _other_wire(case: Case, asking: Asking) -> Reason | None:
    """Its owner is on another wire: a port that is off its bridge, a wrong prefix length, no gateway."""
    owners = case.scene.owners(asking.target)
    if not owners:  # a link-local address, of which each link has one
        return None
    owner, has = owners[0]
    for space, name in ((asking.space, asking.link), (owner, has.name)):
        if found := bridges.cut(case, space, name):
            return found
    far, place = tr("{0} has it, on another wire", case.named(owner)), case.named(asking.space)
    own = case.scene.link(asking.space, asking.link)
    if own and own.kind in _KINDS and own.far_index == has.index:
        text = tr(
            "{0} has it, on {1} itself, of which {2} is a {3}: the kernel lets nothing pass between the two",
            *(case.named(owner), has.name, own.name, own.kind),
        )
        return Reason(text)
    near = [str(each) for each in (subnets(own) if own else []) if ip_address(asking.target) in each.network]
    if near:
        text = tr("{0}; {1} takes it to be on its own, by {2}: a wrong prefix length?", far, place, joined(near))
        return Reason(text, space=asking.space)
    return Reason(tr("{0}; {1} has a route to it without a gateway", far, place), space=asking.space)
