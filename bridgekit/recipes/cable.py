"""The parts of a point-to-point link: a veth pair, an address of its own at each end, a route to the other."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.operations import NetnsPath, Operation
from bridgekit.plan import Netns, Step, Steps
from bridgekit.recipes import wiring
from bridgekit.words import Text


@dataclass(frozen=True)
class End:
    """One end of a link.

    name: its interface.  address: without prefix.  party, netns: who has it, and the name of that namespace; None: the
    host.
    """

    name: str
    address: str
    party: wiring.Party | None = None
    netns: Text | None = None

    @property
    def cidr(self) -> str:
        """Its address alone: /32 or /128."""
        return f"{self.address}/{128 if names.six(self.address) else 32}"

    @property
    def home(self) -> NetnsPath:
        """Where its namespace can be opened before it has a name of ours."""
        return self.party.path if self.party else NetnsPath()

    def here(self, operation: Operation, note: str = "", **facts: Text) -> Step:
        """An operation in its namespace."""
        return Step(operation, None if self.netns is None else Netns(self.netns), note=note, facts=facts)


def host_end(name: str, address: str) -> End:
    """The end that stays on the host."""
    return End(name, address)


def link(first: End, second: End, handle: str) -> Steps:
    """Link two ends, the first of which may be the host's."""
    ends = [end for end in (first, second) if end.party is not None]
    for end in ends:
        assert end.party is not None
        yield from wiring.identify(end.party)
    yield op.Need("Pair", name=first.name, peer=second.name, path=second.home, interface=second.name, home=first.home)
    yield from name_ends(ends, handle)
    yield op.VethAdd(first.name, second.name, first.home)
    yield from furnish(first, second)
    yield from furnish(second, first)


def name_ends(ends: list[End], handle: str) -> Steps:
    """Give the namespace of each end its name; the names must be free."""
    for end in ends:
        assert end.party is not None
        assert end.netns is not None
        yield from wiring.name_free(end.netns, end.party)
    for end in ends:
        assert end.party is not None
        assert end.netns is not None
        yield from wiring.name_netns(end.netns, end.party, handle)


def furnish(end: End, other: End) -> Steps:
    """Move an end to where it belongs; give it its address, bring it up, and route the other's address to it."""
    if end.netns is not None:
        yield op.LinkSetNetns(end.name, end.netns)
    if names.six(end.address):
        key = f"net/ipv6/conf/{end.name}/disable_ipv6"
        yield end.here(op.SysctlSet(key, "0"), "ipv6-on", interface=end.name)
    yield end.here(op.AddressAdd(end.name, end.cidr), "lone-address", address=end.cidr, interface=end.name)
    yield end.here(op.LinkSet(end.name, "up"))
    yield end.here(op.RouteAdd("", end.name, other.cidr), "host-route", address=other.address, interface=end.name)
