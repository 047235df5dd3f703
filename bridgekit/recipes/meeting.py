"""What else is on the host does not make a recipe's work come to nothing."""

from __future__ import annotations

from collections.abc import Iterable

from bridgekit import names, operations as op
from bridgekit.plan import Step, Steps
from bridgekit.recipes import wiring
from bridgekit.recipes.nat import among
from bridgekit.words import Text

FAR = {4: "1.1.1.1", 6: "2606:4700:4700::1111"}  # of the Internet; only the routing table is asked, nobody there


def reached(steps: Iterable[Step | op.Operation]) -> Steps:
    """No rule of the host stands before those that these steps append, and decides about all."""
    for each in steps:
        operation = each.operation if isinstance(each, Step) else each
        if isinstance(operation, op.RuleAppend) and operation.rule.table == "filter":
            rule = operation.rule
            yield op.Need("Reached", program=rule.program, chain=rule.chain, rule=rule.words)


def leads_out(uplink: Text, version: int) -> Steps:
    """What goes to the Internet leaves by the uplink, also where a VPN has more exact routes than the default one."""
    yield op.Need("WayOut", uplink=uplink, version=version, far=FAR[version])


def served(bridge: str, subnet: names.Network) -> Steps:
    """The bridge is that of the subnet; one that is not there yet is told of."""
    yield op.Need("Homed", version=subnet.version, bridge=bridge, subnet=str(subnet))
    yield op.Remark("Bridge", name=bridge)


def alone(
    bridge: str, party: wiring.Party, interface: str, addresses: tuple[names.Interface, ...], mac: str | None = None
) -> Steps:
    """Nobody else on the bridge has one of these addresses, or the MAC address."""
    for address in (str(each.ip) for each in addresses):
        yield op.Need("NotBridges", bridge=bridge, address=address)
        yield op.Need("Alone", bridge=bridge, path=party.path, interface=interface, address=address)
    if mac is not None:
        yield op.Need("AloneMac", bridge=bridge, path=party.path, interface=interface, mac=mac)


def through(bridge: str, version: int, forward: bool) -> Steps:
    """What goes from port to port of the bridge: the rule that is to let it through counts, or who drops it is told."""
    if forward:
        yield from reached([among(bridge, version)])
    else:
        yield op.Remark("Passes", program="iptables" if version == 4 else "ip6tables", bridge=bridge)


def listens(party: wiring.Party, protocol: str, port: int) -> Steps:
    """Whether anyone in the guest listens there, not only for the guest itself, is told."""
    yield op.Remark("Listens", path=party.path, flag=protocol[0], protocol=protocol, port=port)
