"""It arrived: why was it not answered?  And what can be said where none of the other questions had an answer."""

from __future__ import annotations

from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.trace.packets import TCP, UDP
from bridgekit.trace.reasons import bridges, neighbours, routes, rules
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.sizes import too_long
from bridgekit.trace.scene import subnets
from bridgekit.translation import joined, tr

_OVERFLOWS = "TcpExtListenOverflows"


def of_another(case: Case) -> Reason | None:
    """Who got it is not the one who is meant, but another one that has the same address."""
    asked, space = case.record.asked, case.arrived
    if asked.whom is None or space is None or space == asked.whom or not case.scene.has(space, asked.address):
        return None
    place, meant = case.named(space), case.named(asked.whom)
    if space == asked.space:
        text = tr(
            "{0} has {1} itself, so what it sends there stays in it; {2}, which has it, too, was never asked",
            *(place, asked.address, meant),
        )
        return Reason(text)
    return Reason(tr("it was {0} that got it, which has {1}, too, and not {2}", place, asked.address, meant))


def queue_full(case: Case) -> Reason | None:
    """The program that listens does not take its connections."""
    space = case.arrived
    if space is None or not case.record.counted(space, _OVERFLOWS):
        return None
    return Reason(
        tr("the program in {0} that listens does not accept its connections: its queue is full", case.named(space))
    )


def no_way_back(case: Case) -> Reason | None:
    """Who got it has no route for the answer."""
    space, head = case.arrived, case.arrived_as
    if space is None or head is None or case.path.frames["back"]:
        return None
    found = routes.own(case, space, head.source)
    if found is None:
        return None
    straight = len({frame.packet.ttl for frame in case.path.frames["there"] if frame.packet}) == 1  # no router between
    return neighbours.way_back(case, space, (_prefix(case, space, head.source) if straight else None) or found)


def _prefix(case: Case, space: Space, source: str) -> Reason | None:
    """The asking one is on the same wire, and out of the subnet of the one that is asked."""
    owners = {(owner, link.name) for owner, link in case.scene.owners(source)}
    for link in case.scene.links(space):
        if link.name != "lo" and case.scene.segment(space, link.name) & owners:
            own = joined(map(str, subnets(link)))
            text = tr(
                "{0} is on the same wire, but {1} of {2} leaves it out: a wrong prefix length?",
                source,
                own,
                case.named(space),
            )
            return Reason(text, space=space)
    return None


def silent(case: Case) -> Reason | None:
    """It arrived where somebody keeps still."""
    space, head = case.arrived, case.arrived_as
    if space is None or head is None:
        return None
    place = case.named(space)
    if head.ping and setting(space, "net/ipv4/icmp_echo_ignore_all") == "1" and head.version == 4:
        text = tr("it arrived in {0}, which answers no ping (icmp_echo_ignore_all is 1)", place)
        return Reason(text, case.sysctl(space, "net.ipv4.icmp_echo_ignore_all", 0))
    if head.protocol == UDP:
        return Reason(tr("it arrived in {0} at a port that somebody has, who did not answer (UDP need not be)", place))
    if head.protocol == TCP and case.path.frames["back"]:
        return None
    return Reason(tr("it arrived in {0} and was not answered", place))


def uplink(case: Case) -> Reason | None:
    """It left this host, or what can be seen of it."""
    end = case.end
    if end is None or not end.out or not end.packet or case.scene.peer(end.space, end.link):
        return None
    if case.scene.bridge(end.space, end.link) or case.scene.is_bridge(end.space, end.link):
        return None
    seen = case.record.patience
    text = tr(
        "it left {0} by {1} as {2}; what is behind {1} cannot be seen from here, and nothing came back in {3:g} s",
        *(case.named(end.space), end.link, end.packet.source, seen),
    )
    if found := rules.unmasqueraded(case):
        text = tr("{0}; its source is private: nobody outside knows a way back to it", text)
        return Reason(text, rules.outbound(case, *found))
    return Reason(text)


def sent_on(case: Case) -> Reason | None:
    """The rules let it go on, and yet it was not seen to leave: the neighbour, or the link."""
    if not case.taken or case.head is None or case.arrived == case.place:
        return None
    space = case.place
    found = case.kernel.route(space, case.head.target)
    if found.refused or found.local:
        return None
    if reason := bridges.down(case, space, found.link):
        return reason
    link = case.scene.link(space, found.link)
    if link and case.head.length > link.mtu:
        text = tr(
            "it is {0} bytes long, and {1} of {2} takes {3} (mtu); nobody told the sender",
            *(case.head.length, found.link, case.named(space), link.mtu),
        )
        return too_long(case, text, (space, found.link), case.head.length)
    return None


def vanished(case: Case) -> Reason:
    """What can be said in any case."""
    end = case.end
    if end is None:
        return Reason(tr("it never left {0}", case.named(case.place)))
    if case.taken and case.head:
        out = case.kernel.route(case.place, case.head.target).link
        text = tr(
            "{0} took it in by {1}, would send it on by {2}, and it vanished between: not by iptables or nftables "
            "(tc, XDP, eBPF?)",
            *(case.named(case.place), case.link_in, out or "?"),
        )
        return Reason(text)
    return Reason(tr("it was last seen at {0} of {1}", end.link, case.named(end.space)))
