"""The packet filter: chains, their policies, their rules.  man 8 iptables, iptables-extensions."""

from __future__ import annotations

from collections.abc import Iterator

from bridgekit.operations.base import Operation, Value, operation
from bridgekit.words import Argv, Text, Word, parts


def _program(version: int) -> str:
    return "iptables" if version == 4 else "ip6tables"


def _at(table: str) -> Argv:
    return () if table == "filter" else ("-t", table)


@operation
class Rule(Value):
    """One rule of a packet filter chain.

    source, destination, the interfaces: one starting with `!` means: any other.
    protocol, source_port, destination_port: `tcp`, and a port.  states: connection states, `RELATED,ESTABLISHED`.
    source_type, destination_type: what kind of address the kernel takes it for, `LOCAL`.
    to: where DNAT sends it, ADDRESS:PORT.  zone: the number of what CT keeps connections apart by, in their direction.
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
    zone: str = ""

    @property
    def program(self) -> str:
        """Who makes it."""
        return _program(self.version)

    @property
    def at(self) -> Argv:
        """Its table, where that has to be said."""
        return _at(self.table)

    @property
    def words(self) -> Argv:
        """What it matches, and what becomes of that."""
        return tuple(self._words())

    def _words(self) -> Iterator[Word]:
        yield from _match("-s", self.source)
        yield from _match("-d", self.destination)
        yield from _match("-i", self.in_interface)
        yield from _match("-o", self.out_interface)
        yield from _match("-p", self.protocol)
        yield from _match("--sport", self.source_port)
        yield from _match("--dport", self.destination_port)
        yield from ("-m", "conntrack", "--ctstate", self.states) if self.states else ()
        types = (*_match("--src-type", self.source_type), *_match("--dst-type", self.destination_type))
        yield from ("-m", "addrtype", *types) if types else ()
        yield from ("-j", self.target)
        yield from _match("--to-destination", self.to)
        yield from _match("--zone-orig", self.zone)


def _match(flag: str, value: Text | tuple[Text, ...]) -> tuple[Word, ...]:
    if isinstance(value, str) and not value.startswith("!"):
        return (flag, value) if value else ()  # most are such, and most of those empty
    first, *rest = parts(value)
    if isinstance(first, str) and first.startswith("!"):
        return ("!", flag, (first[1:], *rest) if rest else first[1:])
    return (flag, value) if value else ()


class _OfRule(Operation):
    """What puts a rule into its chain."""

    rule: Rule
    unless = "{rule.program} -w {rule.at...} -C {rule.chain} {rule.words...}"
    undo = "{rule.program} -w {rule.at...} -D {rule.chain} {rule.words...}"
    makes = ("rule rule",)
    # Not part of its chain: a chain goes only when it is empty, and what others put there stays.


@operation
class RuleAppend(_OfRule):
    """Append a rule to the end of a chain."""

    rule: Rule
    line = "{rule.program} -w {rule.at...} -A {rule.chain} {rule.words...}"


@operation
class RuleInsert(_OfRule):
    """Insert a rule into a chain, at a place counted from 1."""

    rule: Rule
    place: int = 1
    line = "{rule.program} -w {rule.at...} -I {rule.chain} [{number}] {rule.words...}"

    @property
    def number(self) -> str:
        """The place, where it has to be said."""
        return "" if self.place == 1 else str(self.place)


class _InTable(Operation):
    """What is about a table."""

    table: str

    @property
    def at(self) -> Argv:
        """Its table, where that has to be said."""
        return _at(self.table)


@operation
class RuleList(_InTable):
    """List the rules of a table, chain by chain."""

    table: str = "filter"
    line = "iptables -w {at...} -L -n"


@operation
class RuleSearch(_InTable):
    """Look for rules in a table; finding none is a failure."""

    table: str
    line = "iptables -w {at...} -S | grep -e -A"


@operation
class ChainAdd(_InTable):
    """Make a chain of one's own."""

    chain: str
    table: str = "filter"
    version: int = 4
    line = "{program} -w {at...} -N {chain}"
    unless = "has 'Chain {chain} (' {program} -w {at...} -n -L"  # 1.8.9 says "incompatible" of one alone
    undo = "{program} -w {at...} -X {chain}"
    makes = ("chain version table chain",)

    @property
    def program(self) -> str:
        """Who makes it."""
        return _program(self.version)


@operation
class PolicySet(Operation):
    """Set what becomes of the packets that no rule of a built-in chain decided about.

    router: leave it as it is where the host forwards already.
    """

    chain: str
    policy: str
    version: int = 4
    router: bool = False
    line = "{program} -w -P {chain} {policy}"
    undo = "{program} -w -P {chain} $({program} -w -S {chain} | sed -n 's/^-P {chain} //p')"

    @property
    def unless(self) -> str:
        asked = "has '-P {chain} {policy}' {program} -w -S {chain}"
        return f"router_or {asked}" if self.router else asked

    @property
    def program(self) -> str:
        """Who sets it."""
        return _program(self.version)
