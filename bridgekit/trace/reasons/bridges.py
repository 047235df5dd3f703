"""Did a link lose it, or a bridge keep it?"""

from __future__ import annotations

from bridgekit.facts.links import Link
from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.rules import counted, masquerade, translating
from bridgekit.trace.reasons.sizes import too_long
from bridgekit.translation import joined, tr

_WAITING = ("listening", "learning", "blocking")


def down(case: Case, space: Space, name: str) -> Reason | None:
    """A link is down."""
    if case.scene.up(space, name):
        return None
    text = tr("{0} of {1} is down", name, case.named(space))
    return Reason(
        tr("bridge {0}", text) if case.scene.is_bridge(space, name) else text, case.ip(space, f"link set {name} up")
    )


def far_end(case: Case) -> Reason | None:
    """It left by a veth and did not come out at the other end."""
    end = case.end
    if end is None or not end.out or not end.packet:
        return None
    far = case.scene.peer(end.space, end.link)
    if far is None:
        return None
    space, link = far
    if not link.up:
        text = tr("{0} of {1}, the other end of {2}, is down", link.name, case.named(space), end.link)
        return Reason(text, case.ip(space, f"link set {link.name} up"))
    if end.packet.length > link.mtu:
        text = tr(
            "it is {0} bytes long, and {1} of {2}, the other end of {3}, takes {4} (mtu): dropped without a word",
            *(end.packet.length, link.name, case.named(space), end.link, link.mtu),
        )
        return too_long(case, text, (space, link.name), end.packet.length)
    return None


def bridged(case: Case) -> Reason | None:
    """A bridge had it, from a port or from its host, and did not pass it on."""
    end = case.end
    if end is None or not end.packet:
        return None
    own = case.scene.is_bridge(end.space, end.link)
    bridge = end.link if own else case.scene.bridge(end.space, end.link)
    if not bridge or end.out != own or (not own and not end.others):
        return None
    back = case.kernel.forwarding_port(end.space, bridge, end.target)
    came = [frame.link for frame in case.frames if frame.space == end.space and not frame.out]
    came = [name for name in came if case.scene.bridge(end.space, name) == bridge]
    again = back in came or (not back and end.source == end.target)
    if came and again and not _turns(case, end.space, came[-1]):
        return hairpin(case, end.space, bridge, came[-1])
    port = case.scene.link(end.space, back) if back else None
    if port and end.packet.length > port.mtu:
        return _too_long(case, end.space, bridge, port, end.packet.length)
    near = (end.space, came[-1] if came else bridge)
    ends = [(space, link.name) for space, link in case.scene.of_mac(end.target)]
    for far in ((end.space, back or bridge), *ends):
        if found := kept(case, near, far) or _far_down(case, far):
            return found
    called = f"net/bridge/bridge-nf-call-ip{'6' * (case.record.asked.version == 6)}tables"
    if setting(end.space, called) == "1" and (found := counted(case)):
        return found
    return Reason(tr("bridge {0} took it in at {1} and did not pass it on", bridge, near[1]))


def _turns(case: Case, space: Space, port: str) -> bool:
    found = case.scene.link(space, port)
    return found is not None and found.hairpin


def _far_down(case: Case, far: tuple[Space, str]) -> Reason | None:
    return next((found for each in _near(case, far) if (found := down(case, *each))), None)


def hairpin(case: Case, space: Space, bridge: str, port: str) -> Reason:
    """It would have to go out where it came in."""
    text = tr(
        "bridge {0} would have to send it out of the port by which it came in, {1}: hairpin is off there", bridge, port
    )
    mend, by, packet = case.inside(space, f"bridge link set dev {port} hairpin on"), translating(case), case.head
    own = packet is not None and packet.source == packet.target
    if by and packet and own and not case.kernel.masquerades(by.space, packet, bridge):
        text = tr("{0}; nor would {1} take it from its own address", text, packet.target)
        mend = f"{mend} && {masquerade(case, by, packet.source)}"
    return Reason(text, mend)


def _too_long(case: Case, space: Space, bridge: str, port: Link, length: int) -> Reason:
    text = tr(
        "it is {0} bytes long, and port {1} of bridge {2} takes {3} (mtu): a bridge drops it without a word",
        *(length, port.name, bridge, port.mtu),
    )
    return too_long(case, text, (space, port.name), length)


def kept(case: Case, at: tuple[Space, str], to: tuple[Space, str]) -> Reason | None:
    """Why a bridge did not pass something on, from one link of its wire towards another."""
    for space, port in _ports(case, at, to):
        bridge = case.scene.bridge(space, port.name)
        if found := down(case, space, bridge) or _far_down(case, (space, port.name)):
            return found
        if port.state in _WAITING:
            text = tr(
                "port {0} of bridge {1} is {2} (spanning tree), and will not be for long", port.name, bridge, port.state
            )
            commands = (
                case.ip(space, f"link set {bridge} type bridge stp_state 0"),
                case.inside(space, f"bridge link set dev {port.name} state 3"),
            )
            return Reason(text, " && ".join(commands))
    return _isolated(case, at, to) or _ethernet(case, at, to)


def _isolated(case: Case, at: tuple[Space, str], to: tuple[Space, str]) -> Reason | None:
    """Both ports are isolated."""
    apart = [(space, port) for space, port in _ports(case, at, to) if port.isolated]
    if len(apart) < 2:
        return None
    space, port = apart[0]
    names, bridge = joined(each.name for _, each in apart), case.scene.bridge(space, port.name)
    text = tr("the ports {0} of bridge {1} are isolated from each other", names, bridge)
    return Reason(text, case.inside(space, f"bridge link set dev {port.name} isolated off"))


def _ethernet(case: Case, at: tuple[Space, str], to: tuple[Space, str]) -> Reason | None:
    """ebtables drops what crosses the bridge; which rule it was, it does not say."""
    for space in dict.fromkeys(space for space, _ in _ports(case, at, to)):
        if found := case.kernel.ethernet(space):
            text = tr("{0} has rules of ebtables that drop: {1}", case.named(space), joined(found, "; "))
            return Reason(text, case.inside(space, found[0].replace(" -A ", " -D ", 1)) if len(found) == 1 else "")
    return None


def _ports(case: Case, *ends: tuple[Space, str]) -> list[tuple[Space, Link]]:
    """The ports of bridges at which a wire's links, or their other ends, are."""
    near = dict.fromkeys(each for end in ends for each in _near(case, end))
    found = ((space, case.scene.link(space, name)) for space, name in near if case.scene.bridge(space, name))
    return [(space, link) for space, link in found if link]


def _near(case: Case, to: tuple[Space, str]) -> list[tuple[Space, str]]:
    """A link and its other end."""
    end = case.scene.peer(*to)
    return [to, *([(end[0], end[1].name)] if end else [])]


def cut(case: Case, space: Space, link: str) -> Reason | None:
    """What is down, or on no bridge, on the wire of a link."""
    for at, name in sorted(case.scene.segment(space, link), key=lambda each: each[1]):
        if (found := down(case, at, name)) and (at, name) != (space, link):
            return found
    for at, name in _near(case, (space, link)):
        port = case.scene.link(at, name)
        if port and at.is_host and port.kind == "veth" and not port.master and not port.addresses:
            bridge = case.scene.only_bridge(at)
            text = tr("{0} of {1} is on no bridge, and has no address", name, case.named(at))
            return Reason(text, case.ip(at, f"link set {name} master {bridge}") if bridge else "")
    return None
