"""The packet filter: chains, their policies, their rules."""

from __future__ import annotations

from bridgekit.operations.base import Operation, Value, operation
from bridgekit.operations.guests import Capture
from bridgekit.operations.needs import Need
from bridgekit.words import Text, Var


@operation
class Rule(Value):
    """One rule of a packet filter chain.

    source, destination, the interfaces: one starting with `!` means: any other.
    protocol, source_port, destination_port: `tcp`, and a port.  states: connection states, `RELATED,ESTABLISHED`.
    source_type, destination_type: what kind of address the kernel takes it for, `LOCAL`.
    to: where DNAT sends it, ADDRESS:PORT.
    """

    chain: str
    target: str
    table: str = "filter"
    version: int = 4
    source: Text | tuple[Text, ...] = ""
    in_interface: Text = ""
    out_interface: Text = ""
    destination: Text | tuple[Text, ...] = ""
    protocol: str = ""
    source_port: Text = ""
    destination_port: Text = ""
    states: str = ""
    source_type: str = ""
    destination_type: str = ""
    to: Text | tuple[Text, ...] = ""


@operation
class RuleAppend(Operation):
    """Append a rule to the end of a chain."""

    rule: Rule


@operation
class RuleInsert(Operation):
    """Insert a rule into a chain, at a place counted from 1."""

    rule: Rule
    place: int = 1


@operation
class RuleDelete(Operation):
    """Delete a rule from a chain."""

    rule: Rule


@operation
class ChainAdd(Operation):
    """Make a chain of one's own."""

    chain: str
    table: str = "filter"
    version: int = 4


@operation
class ChainDelete(Operation):
    """Remove an empty chain that no rule jumps to."""

    chain: str
    table: str = "filter"
    version: int = 4


@operation
class PolicySet(Operation):
    """Set what becomes of the packets that no rule of a built-in chain decided about.

    router: leave it as it is where the host forwards already.
    """

    chain: str
    policy: str
    version: int = 4
    router: bool = False


@operation
class PolicyRestore(Operation):
    """Set a chain's policy back to what it was."""

    chain: str
    version: int = 4


@operation
class CaptureSubnet(Capture):
    """Learn the IPv4 subnet that an interface's address makes."""

    device: str


@operation
class NeedReadyBridge(Need):
    """The bridge exists."""

    name: str


@operation
class NeedBridgeFilter(Need):
    """The kernel can let iptables see what passes from port to port of a bridge."""


@operation
class NeedSubnet(Need):
    """A captured subnet is not empty."""

    variable: Var
    device: str
