"""Routes, rules and queue disciplines, in the words of who asks for them.  man 8 ip-route, ip-rule, tc."""

from __future__ import annotations

from bridgekit.names.families import family
from bridgekit.operations.base import Operation, operation
from bridgekit.words import Argv


@operation
class RouteChange(Operation):
    """Add, replace or delete a route; on the way back those to that destination are again what they were.

    verb: `add`, `replace` or `del`.  family: `-4` or `-6`.  words: those of `ip route`, after the verb.
    destination, table, metric: which routes these are; metric empty: of any.  like: what else tells this one apart.
    text: what of it only its line tells.
    """

    verb: str
    family: str
    words: tuple[str, ...]
    destination: str
    table: str
    metric: str
    like: tuple[str, ...] = ()
    text: str = ""
    line = "ip {family} route {verb} {words...}"
    undo = "put_routes {which...} $(routes_of {which...})"
    sets = "route {which...}"

    @property
    def which(self) -> Argv:
        return (self.family, self.destination, self.table, *((self.metric,) if self.metric else ()))

    @property
    def selector(self) -> Argv:
        metric = ("metric", self.metric) if self.metric else ()
        return (self.destination, "table", self.table, *metric, *self.like)

    @property
    def unless(self) -> str:
        asked = "ip {family} route show {selector...}"
        return f"lacks {asked}" if self.verb == "del" else f"has {{text}} {asked}"


@operation
class PolicyRuleAdd(Operation):
    """Add a rule that says which routing table is asked.

    words: those of `ip rule`, after the verb.  text: how its line begins, behind the priority.  like: its words that
    `ip rule show` takes.
    """

    family: str
    words: tuple[str, ...]
    text: str
    like: tuple[str, ...]
    line = "ip {family} rule add {words...}"
    unless = "has {text} ip {family} rule show {like...}"
    undo = "ip {family} rule del {words...}"


@operation
class PolicyRuleDel(Operation):
    """Delete a rule; it comes back with the priority that it had.  As PolicyRuleAdd."""

    family: str
    words: tuple[str, ...]
    text: str
    like: tuple[str, ...]
    line = "ip {family} rule del {words...}"
    unless = "lacks rules_of {family} {text} {like...}"
    undo = "put_rules {family} $(rules_of {family} {text} {like...})"


@operation
class QdiscSet(Operation):
    """Give an interface a queue discipline, in place of the kernel's own.

    verb: `add` or `replace`.  words: its kind and the kind's own words; before them there may be a handle.
    """

    verb: str
    device: str
    discipline: str
    words: tuple[str, ...]
    line = "tc qdisc {verb} dev {device} root {words...}"
    unless = "qdisc_like {device} {words...}"
    undo = "put_qdisc {device} $(qdisc_of {device})"
    sets = "root qdisc of {device}"


@operation
class QdiscDel(Operation):
    """Take an interface's queue discipline away, for the kernel's own; it comes back with the words that tc shows."""

    device: str
    line = "tc qdisc del dev {device} root"
    unless = "lacks qdisc_of {device}"
    undo = "put_qdisc {device} $(qdisc_of {device})"
    sets = "root qdisc of {device}"


@operation
class RouteSpread(Operation):
    """Add a route over several gateways, one as good as the other: equal-cost multipath.

    device: the interface that leads to the first of them.  destination: `default` or CIDR.
    """

    vias: tuple[str, ...]
    device: str
    destination: str = "default"
    line = "ip route add {destination} {hops...}"
    unless = "spread {family} {destination} {vias...}"
    undo = "ip route del {destination} {hops...}"
    makes = ("route destination",)
    part_of = ("link device",)  # the kernel drops all of it with one of its interfaces

    @property
    def family(self) -> str:
        """`ip`'s option for its addresses."""
        return family(*self.vias, self.destination)

    @property
    def hops(self) -> Argv:
        """Each gateway in `ip`'s words."""
        return tuple(word for via in self.vias for word in ("nexthop", "via", via))
