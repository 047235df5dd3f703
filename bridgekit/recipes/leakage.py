"""The parts of a route leak: a cable between two namespaces, and rules that let one prefix through."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.operations import NetnsPath, Rule, RuleAppend, SysctlSet
from bridgekit.plan import Step, Steps, within
from bridgekit.recipes.nat import forwarding
from bridgekit.translation import tr

_THIRD = [number for number in range(1, 255) if number != 169]  # 169.254.169.254 is the clouds' metadata service


@dataclass(frozen=True)
class Leak:
    """A cable and what it is for.

    inner, outer: the namespaces; the prefix is reached from inner through outer.
    near, far: the cable's ends, in inner and in outer.  addresses: of the ends, CIDR.
    """

    inner: str
    outer: str
    near: str
    far: str
    addresses: tuple[names.Interface, names.Interface]
    prefix: names.Network


def leak_of(inner: str, outer: str, prefix: names.Network, link: names.Network | None = None) -> Leak:
    """A leak between two namespaces; its link's names and, if no network is given, addresses are made of theirs."""
    number = names.number(inner, outer, prefix)
    network = _network(number, prefix.version) if link is None else link
    if network.version != prefix.version:
        raise InputError(tr("an IPv4 and an IPv6 network: '{0}', '{1}'", prefix, network), tr("two of one family"))
    if int(network[0]) <= int(prefix[-1]) and int(prefix[0]) <= int(network[-1]):
        raise InputError(
            tr("the prefix overlaps with the link's own network: '{0}', '{1}'", prefix, network), tr("another --link")
        )
    near, far = names.hosts(network, 2)
    return Leak(inner, outer, f"leak{number}a", f"leak{number}b", (near, far), prefix)


def _network(number: str, version: int) -> names.Network:
    value = int(number, 16)
    third, last = _THIRD[value % len(_THIRD)], value // len(_THIRD) % 128 * 2
    own = f"fd{number[:2]}:{number[2:6]}:{names.number(number)[:4]}::2/127"
    return names.subnet(f"169.254.{third}.{last}/31" if version == 4 else own)


def open_prefix(leak: Leak) -> Steps:
    """Lead one prefix from the inner namespace through the outer one, and nothing else."""
    yield from _cable(leak)
    yield from _rules(leak)  # first, so that nothing else is open for a moment
    yield from forwarding(leak.prefix.version, "leak-forwarding", leak.outer, name=leak.outer)
    far = str(leak.addresses[1].ip)
    route = op.RouteAdd(far, leak.near, str(leak.prefix))
    yield within(leak.inner, route, "leak-route", prefix=str(leak.prefix), via=far)


def _cable(leak: Leak) -> Steps:
    homes = [NetnsPath(name=leak.inner), NetnsPath(name=leak.outer)]
    for name, home in zip((leak.inner, leak.outer), homes, strict=True):
        yield op.Need("Netns", name=name)
        yield op.Need("OwnNetns", path=home)
    yield op.Need("Pair", name=leak.near, peer=leak.far, path=homes[1], interface=leak.far, home=homes[0])
    yield op.VethAdd(leak.near, leak.far, homes[0])
    for netns, end, address in zip(
        (leak.inner, leak.outer), (leak.near, leak.far), map(str, leak.addresses), strict=True
    ):
        yield Step(op.LinkSetNetns(end, netns), note="leak-end", facts={"end": end, "space": netns})
        if names.six(address):
            key = f"net/ipv6/conf/{end}/disable_ipv6"
            yield within(netns, SysctlSet(key, "0"), "ipv6-on", interface=end)
        yield within(netns, op.AddressAdd(end, address))
        yield within(netns, op.LinkSet(end, "up"))


def _rules(leak: Leak) -> Steps:
    prefix, version = str(leak.prefix), leak.prefix.version
    source = str(leak.addresses[0].network)
    hidden = Rule("POSTROUTING", "MASQUERADE", "nat", version, source, destination=prefix)
    beside = Rule("INPUT", "DROP", version=version, in_interface=leak.far, destination=f"!{prefix}", states="NEW")
    there = Rule("FORWARD", "ACCEPT", version=version, in_interface=leak.far, destination=prefix)
    back = Rule("FORWARD", "ACCEPT", version=version, out_interface=leak.far, states="RELATED,ESTABLISHED")
    other = Rule("FORWARD", "DROP", version=version, in_interface=leak.far)
    into = Rule("FORWARD", "DROP", version=version, out_interface=leak.far)
    for note, rule in (
        ("leak-masquerade", hidden),
        ("leak-there", there),
        ("leak-back", back),
        ("leak-other", other),
        ("leak-into", into),
        ("leak-beside", beside),
    ):
        yield within(leak.outer, RuleAppend(rule), note, prefix=prefix, inner=leak.inner, outer=leak.outer)
