"""Ports of a guest, published on the host: on an engine's network as the engine does it, elsewhere by rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.names.ports import Publication
from bridgekit.operations import Rule
from bridgekit.plan import Steps, because
from bridgekit.recipes import engine, wiring
from bridgekit.recipes.engine import Network
from bridgekit.recipes.nat import forwarding
from bridgekit.words import Text, Var

ANY = ("", "0.0.0.0")
PORT = Var("port")  # the bridge's, that leads to the guest
IN_2014 = (49153, 49900)  # where the engine of that year took free ports from


@dataclass(frozen=True)
class Door:
    """A port of the host, and where it leads.

    host: the host's address; empty: any.  port: the host's.  address: the guest's.
    """

    spec: Publication
    host: str
    port: Text
    address: Text

    @property
    def local(self) -> bool:
        """Whether it is open to this host alone: at 127.x."""
        return self.host.startswith("127.")

    @property
    def to(self) -> Text | tuple[Text, ...]:
        """ADDRESS:PORT of the guest."""
        at = f":{self.spec.port.number}"
        return f"{self.address}{at}" if isinstance(self.address, str) else (self.address, at)

    def rule(self, chain: str, target: str, **matches: Text) -> Rule:
        """A rule of the filter about what comes to the guest's port."""
        port = self.spec.port
        return Rule(
            chain,
            target,
            destination=self.address,
            protocol=port.protocol,
            destination_port=str(port.number),
            **matches,  # type: ignore[arg-type]  # each by its name
        )

    def translation(self, chain: str, **matches: Text) -> Rule:
        """A rule that sends what comes to the host's port on to the guest."""
        return Rule(
            chain,
            "DNAT",
            "nat",
            destination=self.host,
            protocol=self.spec.port.protocol,
            destination_port=self.port,
            to=self.to,
            **matches,  # type: ignore[arg-type]  # each by its name
        )


def doors(specs: Sequence[Publication], address: Text, usual: str = "") -> list[Door]:
    """What is published, in the engine's order: known ports of the host first, the highest before all."""
    ordered = sorted(specs, key=lambda spec: (-(spec.low if spec.fixed else 0), -spec.port.number, spec.port.protocol))
    return [_door(spec, f"port_{number}", address, usual) for number, spec in enumerate(ordered, 1)]


def _door(spec: Publication, name: str, address: Text, usual: str) -> Door:
    host = spec.address or usual
    return Door(spec, "" if host in ANY else host, str(spec.low) if spec.fixed else Var(name, numeric=True), address)


def free(wanted: Sequence[Door], network: Network | None = None) -> Steps:
    """The ports of the host lead nowhere else, and no program has them; those not known now are found.

    network: the engine's, which says where they are taken from, unless a spec does; otherwise from the kernel's range.
    """
    usual = IN_2014 if network and network.old else (0, 0)
    for number, door in enumerate(wanted):
        spec = door.spec
        if isinstance(door.port, Var):
            taken = tuple(other.port for other in wanted[:number] if _excludes(other, door))
            low, high = (spec.low, spec.high) if spec.low else usual
            yield op.Capture(
                door.port,
                "FreePort",
                protocol=spec.port.protocol,
                address=door.host,
                low=low,
                high=high,
                destination=door.to,
                taken=taken,
            )
            yield op.Need("Port", port=door.port)
        else:
            for what in ("Unpublished", "Unbound"):
                protocol = spec.port.protocol
                yield op.Need(what, protocol=protocol, address=door.host, port=spec.low, destination=door.to)


def _excludes(one: Door, other: Door) -> bool:
    """Whether two doors cannot have the same port of the host."""
    anywhere = not one.host or not other.host
    return one.spec.port.protocol == other.spec.port.protocol and (anywhere or one.host == other.host)


def on_network(network: Network, wanted: Sequence[Door]) -> Steps:
    """Publish on an engine's network."""
    for door in wanted:
        if network.filters:
            yield from _rules(network, door)
        if network.proxy:
            yield from _proxies(door)


def _rules(network: Network, door: Door) -> Steps:
    others, facts = network.others, _facts(door)
    translation = door.translation("DOCKER", **({"in_interface": others} if network.proxy else {}))
    note, more = ("publish-to-local", {"host": door.host}) if door.local else ("publish-to", {})
    yield because(note, op.RuleAppend(translation), **facts, **more)
    accepted = door.rule("DOCKER", "ACCEPT", in_interface=others, out_interface=network.bridge)
    if network.old:
        accepted = door.rule("FORWARD", "ACCEPT", in_interface=others, out_interface=network.bridge)
    yield because("publish-accept", (op.RuleInsert if network.old else op.RuleAppend)(accepted), **facts)
    yield because("publish-hairpin", op.RuleAppend(_hairpin(door)), **facts)


def _hairpin(door: Door) -> Rule:
    port = door.spec.port
    return Rule(
        "POSTROUTING",
        "MASQUERADE",
        "nat",
        source=door.address,
        destination=door.address,
        protocol=port.protocol,
        destination_port=str(port.number),
    )


def _facts(door: Door) -> dict[str, Text]:
    return {"port": door.port, "to": door.address, "inside": str(door.spec.port)}


def _proxies(door: Door) -> Steps:
    for host in (door.host,) if door.host else ("0.0.0.0", "::"):
        yield op.ProxyRun(door.spec.port.protocol, host, door.port, door.address, door.spec.port.number)


def on_bridge(bridge: str, party: wiring.Party, wanted: Sequence[Door]) -> Steps:
    """Publish on a bridge that is no engine's."""
    public = any(not door.local for door in wanted)
    if public:
        yield op.Capture(PORT, "Port", bridge=bridge, path=party.path)
    yield from opened(bridge, wanted, PORT if public else "")
    for door in wanted:
        yield from rules_apart(bridge, party.guest, door)


def opened(bridge: str, wanted: Sequence[Door], port: Text = "") -> Steps:
    """What all ports that are published on a bridge need.  port: the bridge's, where they are of one guest."""
    public = any(not door.local for door in wanted)
    if public:
        yield from forwarding(4, "publish-forwarding")
        yield from (op.LinkSet(port, "hairpin"),) if port else ()
    if any(door.local or not door.host for door in wanted):
        # The rule first, so that nothing is open for a moment.
        yield because("publish-shield", op.RuleInsert(engine.shield(bridge)), bridge=bridge)
        yield because("publish-localnet", engine.localnet(bridge), bridge=bridge)
    yield because("engine-localhost", op.RuleAppend(engine.localhost(bridge)))
    if public:
        answers = Rule("FORWARD", "ACCEPT", in_interface=bridge, states="RELATED,ESTABLISHED")
        yield because("publish-answers", op.RuleAppend(answers), bridge=bridge)


def _anew(guest: names.Guest, door: Door) -> Steps:
    """Of a connection that was there before, the nat rules are not asked; UDP's go on as long as somebody asks.

    In a zone of the guest's own all are new.
    """
    port = door.spec.port
    zone = str(int(names.number(str(guest), str(port)), 16) % 0xFFFF + 1)
    for chain in ("OUTPUT",) if door.local else ("PREROUTING", "OUTPUT"):
        rule = Rule(
            chain,
            "CT",
            "raw",
            destination=door.host,
            protocol=port.protocol,
            destination_port=door.port,
            destination_type="LOCAL",
            zone=zone,
        )
        yield because("publish-anew", op.RuleAppend(rule), **_facts(door))


def rules_apart(bridge: str, guest: names.Guest, door: Door) -> Steps:
    """The rules of one port that is published on a bridge that is no engine's."""
    yield from _of_door(bridge, door)
    if door.spec.port.protocol == "udp":
        yield from _anew(guest, door)


def _of_door(bridge: str, door: Door) -> Steps:
    facts, output = _facts(door), op.RuleAppend(door.translation("OUTPUT", destination_type="LOCAL"))
    if door.local:
        yield because("publish-local", output, **facts, host=door.host)
        return
    prerouting = op.RuleAppend(door.translation("PREROUTING", destination_type="LOCAL"))
    yield because("publish-prerouting", prerouting, **facts)
    yield because("publish-output", output, **facts)
    yield because("publish-accept", op.RuleAppend(door.rule("FORWARD", "ACCEPT", out_interface=bridge)), **facts)
    yield because("publish-hairpin", op.RuleAppend(_hairpin(door)), **facts)
