"""Was it a rule?"""

from __future__ import annotations

import shlex

from bridgekit.trace.kernel import chain, setting
from bridgekit.trace.netlink import Step
from bridgekit.trace.packets import ICMP6, TCP, UDP, Packet
from bridgekit.trace.path import BACK, THERE
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.translation import Said, tr

_BUILT_IN = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
_CONFIRMED = 8  # IPS_CONFIRMED
_IPTABLES = {2: "iptables", 10: "ip6tables"}
_PROTOCOLS = {TCP: "tcp", UDP: "udp", ICMP6: "ipv6-icmp"}


def dropped(case: Case) -> Reason | None:
    """A rule, or a chain's policy, ended it."""
    step = case.path.dropped()
    if step is None:
        return None
    place = case.named(step.space)
    if step.handle:
        text = tr("dropped in {0} by: {1}", place, case.kernel.rule(step))
    elif step.family in _IPTABLES:
        text = tr(
            "dropped in {0} by the policy DROP of chain {1} (table {2}): none of its rules accepted it",
            *(place, step.chain, step.table),
        )
    else:
        text = tr("dropped in {0} by the policy of {1}: none of its rules accepted it", place, chain(step))
    return Reason(_bridged(case, step, text), _accept(case, step))


def _bridged(case: Case, step: Step, text: Said) -> Said:
    """Say so where it only crossed a bridge."""
    if not step.iif or step.iif != step.oif:
        return text
    bridge = case.scene.name(step.space, step.iif)
    if not case.scene.is_bridge(step.space, bridge) or setting(step.space, "net/bridge/bridge-nf-call-iptables") != "1":
        return text
    return tr("{0} (it only crosses bridge {1}; iptables sees it since bridge-nf-call-iptables is 1)", text, bridge)


def _accept(case: Case, step: Step) -> str:
    """The command by which the chain would let it pass."""
    program = _IPTABLES.get(step.family)
    if program is None:
        return ""
    rule = case.kernel.rule(step) if step.handle else ""
    if step.handle and step.chain not in _BUILT_IN:
        return case.inside(step.space, f"{program} {rule.replace(' -A ', ' -D ', 1)}")
    assert step.packet
    words = " ".join(_match(case, step, step.packet))
    return case.inside(step.space, f"{program} -I {step.chain} {words} -j ACCEPT")


def _match(case: Case, step: Step, packet: Packet) -> list[str]:
    if step in case.path.steps[BACK]:
        return ["-m conntrack --ctstate RELATED,ESTABLISHED"]
    links = {"-i": case.scene.name(step.space, step.iif), "-o": case.scene.name(step.space, step.oif)}
    words = [f"{option} {shlex.quote(name)}" for option, name in links.items() if name]
    protocol = _PROTOCOLS.get(packet.protocol, "icmp")
    return [
        *words,
        f"-d {packet.target} -p {protocol}",
        *([f"--dport {packet.dport}"] if packet.dport and protocol in ("tcp", "udp") else []),
    ]


def stale(case: Case) -> Reason | None:
    """The connection was known before: what was decided about its addresses then still counts."""
    for step in case.path.steps[THERE]:
        if step.ours and step.chain == "prerouting-150" and step.status & _CONFIRMED:
            place, packet = case.named(step.space), str(step.packet)
            text = tr(
                "{0} knew this connection ({1}) already, so its nat rules were not asked: conntrack is stale",
                place,
                packet,
            )
            return Reason(text, case.inside(step.space, _delete(step.packet)))
    return None


def _delete(packet: Packet | None) -> str:
    assert packet
    protocol = _PROTOCOLS.get(packet.protocol, "icmp")
    ports = f" --sport {packet.sport} --dport {packet.dport}" if protocol in ("tcp", "udp") else ""
    return f"conntrack -D -p {protocol} -s {packet.source} -d {packet.target}{ports}"


def legacy(case: Case) -> Reason | None:
    """A rule of iptables' older variant took it: its counters say so."""
    if not case.taken or case.end is None:
        return None
    version = case.record.asked.version
    found = case.kernel.legacy(case.place, version)
    if not found:
        return None
    rule = " ".join(found[0].split())
    program = "ip6tables-legacy" if version == 6 else "iptables-legacy"
    text = tr("dropped in {0} by a rule of {1}, which counted it: {2}", case.named(case.place), program, rule)
    return Reason(text, case.inside(case.place, f"{program} {rule.replace('-A ', '-D ', 1)}"))


def translating(case: Case) -> Step | None:
    """The rule that gave the packet another target."""
    return next(
        (step for step in case.path.steps[THERE] if step.handle and not step.ours and "DNAT" in case.kernel.rule(step)),
        None,
    )
