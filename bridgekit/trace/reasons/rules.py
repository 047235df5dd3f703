"""Was it a rule?"""

from __future__ import annotations

import shlex
from ipaddress import ip_address, ip_network

from bridgekit.facts.parameters import setting
from bridgekit.facts.spaces import Space
from bridgekit.trace.kernel import BRIDGE, IPTABLES, NFT_FAMILIES, chain, legacy as legacy_now
from bridgekit.trace.netlink import Step
from bridgekit.trace.packets import ICMP6, TCP, UDP, Packet
from bridgekit.trace.path import BACK, THERE
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.translation import Said, joined, tr

_BUILT_IN = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))  # RFC 1918, 4193
_CONFIRMED = 8  # IPS_CONFIRMED
_ANSWERS = "-m conntrack --ctstate RELATED,ESTABLISHED"
_PROTOCOLS = {TCP: "tcp", UDP: "udp", ICMP6: "ipv6-icmp"}


def dropped(case: Case) -> Reason | None:
    """A rule, or a chain's policy, ended it."""
    step = case.path.dropped()
    if step is None:
        return None
    place = case.named(step.space)
    if step.handle:
        rule = case.kernel.rule(step)
        rejects = "REJECT" in rule.split()
        text = tr("refused in {0} by: {1}", place, rule) if rejects else tr("dropped in {0} by: {1}", place, rule)
    elif step.family in IPTABLES:
        text = tr(
            "dropped in {0} by the policy DROP of chain {1} (table {2}): none of its rules accepted it",
            *(place, step.chain, step.table),
        )
    else:
        text = tr("dropped in {0} by the policy of {1}: none of its rules accepted it", place, chain(step))
    return Reason(_bridged(case, step, text), _accept(case, step), deleting(case, step))


def deleting(case: Case, step: Step) -> str:
    """The command that would delete the rule of a step; empty of a policy."""
    program, rule = IPTABLES.get(step.family), case.kernel.rule(step) if step.handle else ""
    return case.inside(step.space, f"{program} {rule.replace(' -A ', ' -D ', 1)}") if program and rule else ""


def _bridged(case: Case, step: Step, text: Said) -> Said:
    """Say so where it only crossed a bridge."""
    if not step.iif or step.iif != step.oif:
        return text
    bridge, program = case.scene.name(step.space, step.iif), IPTABLES.get(step.family, "iptables")
    called = setting(step.space, f"net/bridge/bridge-nf-call-{program}") == "1"
    if not called or not case.scene.is_bridge(step.space, bridge):
        return text
    return tr("{0} (it only crosses bridge {1}; {2} sees it since bridge-nf-call-{2} is 1)", text, bridge, program)


def _accept(case: Case, step: Step) -> str:
    """The command by which it would pass: our own, or rules before the one that dropped it."""
    program = IPTABLES.get(step.family)
    if step.family == BRIDGE and step.handle and (rule := case.kernel.rule(step)).startswith("ebtables"):
        return case.inside(step.space, rule.replace(" -A ", " -D ", 1))
    if program is None:
        words = f"{NFT_FAMILIES.get(step.family, '')} {step.table} {step.chain}"
        return case.inside(step.space, f"nft delete rule {words} handle {step.handle}") if step.handle else ""
    if step.table != "filter":
        policy = case.inside(step.space, f"{program} -t {step.table} -P {step.chain} ACCEPT")
        return deleting(case, step) or policy
    chain_, packet = _base(case, step), step.packet
    assert packet
    if ours := _outbound(case, step, packet):
        return ours
    commands = [] if step in case.path.steps[BACK] else [_match(case, step, packet)]
    if chain_ == "FORWARD" or not commands:
        commands += [] if case.kernel.answers_pass(step.space, packet.version, chain_) else [_ANSWERS]
    return " && ".join(case.inside(step.space, f"{program} -I {chain_} {words} -j ACCEPT") for words in commands)


def _base(case: Case, step: Step) -> str:
    """The chain of the kernel's own from which a rule's chain was asked."""
    inside = [each for each in case.path.steps[case.path.way_of(step)] if each.space == step.space]
    before = inside[: inside.index(step) + 1]
    names = [each.chain for each in before if (each.table, each.family) == (step.table, step.family)]
    return next((name for name in reversed(names) if name in _BUILT_IN), step.chain)


def _outbound(case: Case, step: Step, packet: Packet) -> str:
    """Our own command, where only a FORWARD policy of the host keeps a bridge's guests from the outside."""
    if step.handle or not step.space.is_host or step.chain != "FORWARD":
        return ""
    iif, oif = (case.scene.name(step.space, index) for index in (step.iif, step.oif))
    subnet = case.scene.subnet_of(step.space, packet.source)
    leaves = case.scene.is_bridge(step.space, iif) and not case.scene.is_bridge(step.space, oif)
    return outbound(case, subnet, oif) if subnet and leaves else ""


def _match(case: Case, step: Step, packet: Packet) -> str:
    links = {"-i": case.scene.name(step.space, step.iif), "-o": case.scene.name(step.space, step.oif)}
    words = [f"{option} {shlex.quote(name)}" for option, name in links.items() if name]
    protocol = _PROTOCOLS.get(packet.protocol, "icmp")
    words.append(f"-d {packet.target} -p {protocol}")
    return " ".join([*words, *([f"--dport {packet.dport}"] if protocol in ("tcp", "udp") else [])])


def stale(case: Case) -> Reason | None:
    """The connection was known before: what was decided about its addresses then still counts."""
    met: set[Space] = set()
    for step in case.path.steps[THERE]:
        first = step.ours and step.space not in met
        if first and step.chain == "prerouting-150" and step.status & _CONFIRMED:
            place, packet = case.named(step.space), str(step.packet)
            text = tr(
                "{0} knew this connection ({1}) already, so its nat rules were not asked: conntrack is stale",
                place,
                packet,
            )
            return Reason(text, case.inside(step.space, _delete(step.packet)))
        if step.chain != "prerouting-450":
            met.add(step.space)
    return None


def circle(case: Case) -> Reason | None:
    """It passed the same link again, with other hops left."""
    first: dict[tuple[Space, str, bool], int] = {}
    for frame in case.record.frames:
        if frame.packet and case.record.way(frame.packet) == THERE:
            ttl = first.setdefault((frame.space, frame.link, frame.out), frame.packet.ttl)
            if frame.packet.ttl != ttl:
                places = dict.fromkeys(case.named(each.space) for each in case.path.frames[THERE])
                return Reason(tr("it goes round in a circle, until its hops are used up: {0}", joined(places)))
    return None


def _delete(packet: Packet | None) -> str:
    assert packet
    protocol = _PROTOCOLS.get(packet.protocol, "icmp")
    ports = f" --sport {packet.sport} --dport {packet.dport}" if protocol in ("tcp", "udp") else ""
    return f"conntrack -D -p {protocol} -s {packet.source} -d {packet.target}{ports}"


def legacy(case: Case) -> Reason | None:
    """A rule of iptables' older variant took it, or a policy: its counters say so."""
    return counted(case) if case.taken else None


def counted(case: Case) -> Reason | None:
    """What the older variant's counters say of the place where it ended."""
    version = case.record.asked.version
    before = case.record.legacy.get(case.place, {})
    found = [rule for rule, count in legacy_now(case.place, version).items() if count > before.get(rule, 0)]
    if not found:
        return None
    rule, program = found[0], "ip6tables-legacy" if version == 6 else "iptables-legacy"
    text = tr("dropped in {0} by {1}, which counted it: {2}", case.named(case.place), program, rule)
    mend = rule.replace("-A ", "-D ", 1) if rule.startswith("-A") else rule.replace(" DROP", " ACCEPT")
    return Reason(text, case.inside(case.place, f"{program} {mend}"))


def translating(case: Case) -> Step | None:
    """The rule that gave the packet another target."""
    return next(
        (step for step in case.path.steps[THERE] if step.handle and not step.ours and "DNAT" in case.kernel.rule(step)),
        None,
    )


def translated(case: Case, by: Step) -> str:
    """The address that such a rule gives."""
    words = case.kernel.rule(by).partition("--to-destination ")[2].split()
    target = words[0] if words else ""
    return target.rpartition(":")[0].strip("[]") if target.count(":") == 1 or "]" in target else target


def masquerade(case: Case, by: Step, source: str) -> str:
    """The command by which what such a rule sends on from an address is answered to the one who has the rule."""
    words = f"-t nat -A POSTROUTING -s {source} -d {translated(case, by)} -j MASQUERADE"
    return case.inside(by.space, f"{IPTABLES.get(by.family, 'iptables')} {words}")


def unmasqueraded(case: Case) -> tuple[str, str] | None:
    """The subnet and the link by which it left the host with the private source that it had from the start."""
    plain = (case.scene.bridge, case.scene.is_bridge)
    outs = [frame for frame in case.path.frames[THERE] if frame.out and frame.space.is_host and frame.packet]
    outs = [frame for frame in outs if not any(each(frame.space, frame.link) for each in plain)]
    packet = outs[-1].packet if outs else None
    if packet is None or case.record.asked.space.is_host or not private(packet.source):
        return None
    subnet = case.scene.subnet_of(case.scene.host, packet.source)
    return (subnet, outs[-1].link) if subnet else None


def outbound(case: Case, subnet: str, link: str) -> str:
    """Our command that lets a subnet of the host's out by a link, and masquerades it."""
    inner = case.scene.link_of(case.scene.host, subnet)
    usual = any(f"dev {link}" in line for line in case.kernel.defaults(case.scene.host, 6 if ":" in subnet else 4))
    bridge = f" --bridge {shlex.quote(inner)}" if case.scene.is_bridge(case.scene.host, inner) else ""
    return f"bridgekit outbound {subnet}{bridge}" + ("" if usual else f" --uplink {shlex.quote(link)}")


def private(address: str) -> bool:
    """Whether an address is one that anybody may use at home: RFC 1918, 4193."""
    return any(ip_address(address) in network for network in _PRIVATE)
