"""What a Docker engine does to the packet filter and the bridge of a network, in the order of its rules."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import operations as op
from bridgekit.plan import Step, Steps, because
from bridgekit.recipes import wiring
from bridgekit.words import Text

LOCALHOST = "127.0.0.0/8"
FIRST, SECOND = "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2"
BELOW_THE_JUMPS = 3  # the engine keeps the jumps to DOCKER-USER and to the first stage on top of FORWARD


@dataclass(frozen=True)
class Network:
    """A bridge network: its bridge, its subnet, and the options that decide about its rules and its containers.

    address: the bridge's, CIDR; empty: the bridge is there, and has one.  filters: whether rules are made at all.
    old: the rules are those of the engine of 2014.  mtu, pool, gateway, host: what its containers get: MTU in bytes (0:
    the usual), the subnet their addresses are from, their gateway, the host's address that ports are published at.
    kept: addresses that are not theirs.  command: what makes the network.
    """

    bridge: str
    subnet: Text
    icc: bool = True
    masquerade: bool = True
    proxy: bool = True
    internal: bool = False
    address: str = ""
    filters: bool = True
    old: bool = False
    mtu: int = 0
    pool: str = ""
    gateway: str = ""
    host: str = ""
    kept: tuple[str, ...] = ()
    command: str = "docker0"

    @property
    def top(self) -> int:
        """Where its rules are inserted into FORWARD."""
        return 1 if self.old else BELOW_THE_JUMPS

    @property
    def others(self) -> str:
        """Any interface but the bridge."""
        return f"!{self.bridge}"


def chains(old: bool = False) -> Steps:
    """The chains that all networks share, and the jumps to them."""
    yield because("engine-nat", op.ChainAdd("DOCKER", "nat"))
    if old:
        return
    yield because("engine-filter", op.ChainAdd("DOCKER"))
    for chain, note in ((FIRST, "engine-first"), (SECOND, "engine-second")):
        yield because(note, op.ChainAdd(chain))
        yield because("engine-return", op.RuleAppend(op.Rule(chain, "RETURN")), chain=chain)
    yield because("engine-user", op.ChainAdd("DOCKER-USER"))
    yield because("engine-return", op.RuleAppend(op.Rule("DOCKER-USER", "RETURN")), chain="DOCKER-USER")
    yield because("engine-first-jump", op.RuleInsert(op.Rule("FORWARD", FIRST)))
    yield because("engine-user-jump", op.RuleInsert(op.Rule("FORWARD", "DOCKER-USER")))


def published(proxy: bool) -> Steps:
    """What is addressed to this host asks the chain of published ports first."""
    for note, chain, destination in (
        ("engine-prerouting", "PREROUTING", ""),
        ("engine-output", "OUTPUT", f"!{LOCALHOST}" if proxy else ""),
    ):
        rule = op.Rule(chain, "DOCKER", "nat", destination=destination, destination_type="LOCAL")
        yield because(note, op.RuleAppend(rule))


def localhost(bridge: str) -> op.Rule:
    """What this host sends into a bridge by 127.0.0.1 gets an address there that can be answered."""
    return op.Rule("POSTROUTING", "MASQUERADE", "nat", out_interface=bridge, source_type="LOCAL")


def shield(bridge: str) -> op.Rule:
    """Nothing that enters by a bridge is for 127.x: what is the host's own, and was not translated, is left alone.

    In table raw: on the wire nobody honest has such a destination, and answers and translations get theirs later.
    """
    return op.Rule("PREROUTING", "DROP", "raw", in_interface=bridge, destination=LOCALHOST)


def localnet(bridge: str) -> op.SysctlSet:
    """The kernel lets such packets leave by a bridge."""
    return op.SysctlSet(f"net/ipv4/conf/{bridge}/route_localnet", "1")


def translation(network: Network) -> Steps:
    """The rules of the nat table for one network."""
    name = network.bridge
    if network.masquerade and network.old:
        elsewhere = ("!", network.subnet)
        yield _nat("engine-masquerade-old", "POSTROUTING", "MASQUERADE", source=network.subnet, destination=elsewhere)
    elif network.masquerade:
        yield _nat(
            "engine-masquerade", "POSTROUTING", "MASQUERADE", source=network.subnet, out_interface=network.others
        )
    if not network.proxy:
        yield because("engine-localhost", op.RuleInsert(localhost(name)))
    elif network.masquerade and not network.old:
        yield _nat("engine-own", "DOCKER", "RETURN", in_interface=name)


def _nat(note: str, chain: str, target: str, **matches: Text | tuple[Text, ...]) -> Step:
    return because(note, op.RuleInsert(op.Rule(chain, target, "nat", **matches)))  # type: ignore[arg-type]  # by name


def filtering(network: Network) -> Steps:
    """The rules of the filter table for one network; the last one inserted is asked first."""
    name, others = network.bridge, network.others
    yield among(network)
    for note, target, matches in (
        ("engine-out", "ACCEPT", {"in_interface": name, "out_interface": others}),
        ("engine-in", "DOCKER", {"out_interface": name}),
        ("engine-answers", "ACCEPT", {"out_interface": name, "states": "RELATED,ESTABLISHED"}),
    ):
        rule = op.Rule("FORWARD", target, **matches)  # type: ignore[arg-type]  # each by its name
        if not (network.old and target == "DOCKER"):
            yield because(note, op.RuleInsert(rule, network.top), bridge=name)


def isolation(network: Network) -> Steps:
    """Two networks do not reach each other: out of one, into the other, is dropped in two stages."""
    name = network.bridge
    first = op.Rule(FIRST, SECOND, in_interface=name, out_interface=network.others)
    yield because("engine-leaves", op.RuleInsert(first), bridge=name)
    yield because("engine-enters", op.RuleInsert(op.Rule(SECOND, "DROP", out_interface=name)), bridge=name)


def inside(network: Network) -> Steps:
    """An internal network: what is addressed elsewhere does not leave it, what comes from elsewhere does not enter."""
    name, subnet = network.bridge, network.subnet
    leaves = op.Rule(FIRST, "DROP", in_interface=name, destination=f"!{subnet}")
    enters = op.Rule(FIRST, "DROP", out_interface=name, source=f"!{subnet}")
    yield because("engine-internal-out", op.RuleInsert(leaves), bridge=name)
    yield because("engine-internal-in", op.RuleInsert(enters), bridge=name)
    yield among(network)


def among(network: Network) -> Step:
    """Whether the containers of a network may talk to each other."""
    name = network.bridge
    rule = op.Rule("FORWARD", "ACCEPT" if network.icc else "DROP", in_interface=name, out_interface=name)
    if network.icc:
        return because("engine-icc", op.RuleInsert(rule, network.top), bridge=name)
    return because("engine-no-icc", op.RuleAppend(rule), bridge=name)


def bridge(network: Network) -> Steps:
    """The bridge, with its address."""
    name = network.bridge
    if network.address:
        yield from wiring.new_bridge(name)
    yield because("engine-no-ra", op.SysctlSet(f"net/ipv6/conf/{name}/accept_ra", "0"), bridge=name)
    if network.address:
        yield op.AddressAdd(name, network.address, fresh=True)
    if not network.proxy:
        yield because("engine-route-localnet", localnet(name), bridge=name)


def rules(network: Network) -> Steps:
    """All rules of one network."""
    if network.internal:
        yield from inside(network)
    else:
        yield from translation(network)
        yield from filtering(network)
        if not network.old:
            yield from isolation(network)
    if not network.icc:
        yield because("engine-bridged", op.SysctlSet("net.bridge.bridge-nf-call-iptables", "1"))
