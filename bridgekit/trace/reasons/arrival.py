"""It arrived: why was it not answered?  And what can be said where none of the other questions had an answer."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from bridgekit.trace.kernel import setting
from bridgekit.trace.packets import TCP, UDP
from bridgekit.trace.path import THERE
from bridgekit.trace.reasons import bridges, routes
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.translation import tr

_OVERFLOWS = "TcpExtListenOverflows"
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))  # RFC 1918, 4193


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
    text, mend = tr("it arrived in {0}, but the way back: {1}", case.named(space), found.text), found.mend
    if _private(head.source) and (uplink := _unmasked(case)):
        subnet, link = uplink
        text = tr("{0}; it left {1} with a private source, unmasqueraded", text, link)
        mend = f"bridgekit outbound {subnet}"
    return Reason(text, mend)


def _private(address: str) -> bool:
    return any(ip_address(address) in network for network in _PRIVATE)


def _unmasked(case: Case) -> tuple[str, str] | None:
    """The subnet and the link by which a packet left the host with the source that it had from the start."""
    outs = [frame for frame in case.path.frames[THERE] if frame.out and frame.space.is_host and frame.packet]
    joined = (case.scene.bridge, case.scene.is_bridge)
    outs = [frame for frame in outs if not any(each(frame.space, frame.link) for each in joined)]
    if not outs or outs[-1].packet is None or case.record.asked.space.is_host:
        return None
    subnet = case.scene.subnet_of(case.scene.host, outs[-1].packet.source)
    return (subnet, outs[-1].link) if subnet else None


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
    if (found := _unmasked(case)) and _private(end.packet.source):
        return Reason(
            tr("{0}; its source is private: nobody outside knows a way back to it", text),
            f"bridgekit outbound {found[0]}",
        )
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
        return Reason(text, case.ip(space, f"link set {found.link} mtu {case.head.length}"))
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
