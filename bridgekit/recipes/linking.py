"""Links: one guest may ask another at some ports; by a name, too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import hostnames, ports
from bridgekit.names.ports import Port
from bridgekit.plan import Step, Steps, because
from bridgekit.recipes import wiring
from bridgekit.recipes.engine import Network
from bridgekit.recipes.named import Names
from bridgekit.translation import tr
from bridgekit.words import Text, Var

_KINDS = ("podman", "pid", "netns")


@dataclass(frozen=True)
class Link:
    """Whom a guest may ask, by which name, at which ports."""

    party: wiring.Party
    alias: str
    ports: tuple[Port, ...]

    @property
    def address(self) -> Var:
        """The variable that holds its address."""
        return address_of(self.party)


def links(texts: Sequence[str]) -> list[Link]:
    """`OTHER[:ALIAS]`, with the ports that the other offers after that: `ca:db:80,53/udp`.  Raises InputError."""
    return [_link(text, f"_{number}") for number, text in enumerate(hostnames.distinct(tuple(texts)), 1)]


def _link(text: str, suffix: str) -> Link:
    kind, other, rest = _guest(text)
    alias, offered, *more = (*rest.split(":"), "")
    alias = alias or ("" if kind == "pid:" else other)
    if not alias or any(more) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", alias, re.ASCII):
        raise InputError(tr("not a link: {0!r}", text), tr("OTHER, OTHER:ALIAS, or with its ports: db:database:5432"))
    found = ports.few([port for each in offered.split(",") if each for port in ports.ports(each)])
    return Link(wiring.Party(names.guest(kind + other), suffix), alias, tuple(found))


def _guest(text: str) -> tuple[str, str, str]:
    """The kind of guest that a link is to (`podman:`, or none), its name, and what stands behind that."""
    kind = next((f"{each}:" for each in _KINDS if text.startswith(f"{each}:")), "")
    other, _, rest = text.removeprefix(kind).partition(":")
    return kind, other, rest


LINKED = Names(lambda text: "".join(_guest(text)[:2]))  # the mark of a parameter that says whom a guest is linked to


def offered(given: Mapping[str, Any]) -> list[Port]:
    """The ports that a guest offers that was wired with these options: the exposed and the published ones."""
    exposed = [port for text in given["expose"] or () for port in ports.ports(text)]
    return [*dict.fromkeys([*exposed, *(each.port for each in ports.publications(given["publish"] or ()))])]


def address_of(party: wiring.Party) -> Var:
    """The variable that holds a guest's address."""
    return Var(f"address{party.suffix.lower()}")


def find(link: Link, bridge: str) -> Steps:
    """Learn a linked guest's address; it must be on the same bridge."""
    yield from wiring.identify(link.party)
    yield from located(link.party, bridge)


def located(party: wiring.Party, bridge: str) -> Steps:
    """Learn the address that a guest has on a bridge.

    What leads to that address needs the guest's port: without it, who comes next may get the same address.
    """
    yield op.Capture(address_of(party), "OnBridge", bridge=bridge, path=party.path)
    yield op.Need("Address", address=address_of(party), bridge=bridge)
    yield op.Need("GuestPort", bridge=bridge, path=party.path)


def opened(network: Network | None, bridge: str, asks: Text, answers: Text, wanted: Sequence[Port]) -> Steps:
    """Open these ports; network: by the rules of this engine's network."""
    chain = "DOCKER" if network and not network.old else "FORWARD"
    for port in sorted(wanted, key=lambda port: (-port.number, port.protocol)):  # the engine's order
        yield from _pair(chain, bridge, asks, answers, port)


def _pair(chain: str, bridge: str, asks: Text, answers: Text, port: Port) -> list[Step]:
    """What comes to the port, and what comes back from it."""
    number, facts = str(port.number), {"port": str(port), "asks": asks, "answers": answers}
    there = op.Rule(
        chain,
        "ACCEPT",
        source=asks,
        destination=answers,
        in_interface=bridge,
        out_interface=bridge,
        protocol=port.protocol,
        destination_port=number,
    )
    back = op.Rule(
        chain,
        "ACCEPT",
        source=answers,
        destination=asks,
        in_interface=bridge,
        out_interface=bridge,
        protocol=port.protocol,
        source_port=number,
    )
    # In FORWARD they must come before the rule that keeps guests apart; an engine's own chain is asked before that.
    add = op.RuleInsert if chain == "FORWARD" else op.RuleAppend
    return [because("link-there", add(there), **facts), because("link-back", add(back), **facts)]
