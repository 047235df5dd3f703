"""What a link is set to.  man 8 ip-link, bridge."""

from __future__ import annotations

from typing import NamedTuple

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Argv, Text

# What `ip link set` takes for a word of its own, also when it is cut short: a link of such a name comes after `dev`.
_KEYWORDS = """dev name up down type alias address broadcast brd arp dynamic multicast allmulticast promisc trailers
carrier master nomaster mtu netns link group mode state vf vrf xdp txqueuelen txqlen qlen numtxqueues numrxqueues
addrgenmode protodown index parentdev help"""
KEYWORDS = frozenset(word[:end] for word in _KEYWORDS.split() for end in range(1, len(word) + 1))


class OfLink(Operation):
    """Base of what `ip link set` does."""

    def argv(self, line: str) -> Argv:
        found = super().argv(line)
        if "link set {" in line and isinstance(found[3], str) and found[3] in KEYWORDS:
            return (*found[:3], "dev", *found[3:])
        return found


class Setting(NamedTuple):
    """How one thing of a link is set, what says that it is so, what sets it back, what else it is part of."""

    line: str
    unless: str
    undo: str
    part_of: tuple[str, ...] = ()


_SHOW, _SET = "ip link show dev {name}", "ip link set {name}"
_MAC = "$(ip -o link show dev {%s} | sed 's|.* link/[a-z]* \\([^ ]*\\) .*|\\1|')"
_MTU = "$(ip -o link show dev {name} | sed 's|.* mtu \\([^ ]*\\) .*|\\1|')"
_QUEUE = "$(ip -o link show dev {name} | sed 's|.* qlen \\([0-9]*\\).*|\\1|')"
_MAC_BACK = f"{_SET} address {_MAC % 'name'}"
SETTINGS = {
    "up": Setting(f"{_SET} up", f"has '' {_SHOW} up", f"{_SET} down"),
    # Of a link on which others stand: asked in other words, so that who brought it up does not hand it over but waits.
    "up below": Setting(f"{_SET} up", f"has ' state ' {_SHOW} up", f"{_SET} down"),
    "down": Setting(f"{_SET} down", f"lacks {_SHOW} up", f"{_SET} up"),
    "master": Setting(
        f"{_SET} master {{value}}", f"has '' {_SHOW} master {{value}}", f"{_SET} nomaster", part_of=("link value",)
    ),
    "mtu": Setting(f"{_SET} mtu {{value}}", f"has ' mtu {{value}} ' {_SHOW}", f"{_SET} mtu {_MTU}"),
    "txqueuelen": Setting(  # packets; it is the last word of its line
        f"{_SET} txqueuelen {{value}}",
        "has ' qlen {value}\\    link/' ip -o link show dev {name}",
        f"{_SET} txqueuelen {_QUEUE}",
    ),
    "address": Setting(f"{_SET} address {{value}}", f"has ' {{value}} ' {_SHOW}", _MAC_BACK),
    "address of": Setting(f"{_SET} address {_MAC % 'value'}", f"has ' '{_MAC % 'value'}' ' {_SHOW}", _MAC_BACK),
    # The one that it has: so it is as soon as there is such a link, and there is nothing to take back.
    "address again": Setting(f"{_SET} address {_MAC % 'name'}", f"foreign {{name}} has '' {_SHOW}", ""),
    # One that it keeps, for a link that this run made, with which it goes: 02:42, and four random bytes.
    "own address": Setting(
        f"{_SET} address 02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)",
        f"foreign {{name}} has ' 02:42:' {_SHOW}",
        "",
    ),
    "vlan filtering": Setting(  # a bridge keeps the VLANs of its ports apart
        "ip link set {name} type bridge vlan_filtering 1",
        "has ' vlan_filtering 1 ' ip -d link show dev {name}",
        "ip link set {name} type bridge vlan_filtering 0",
    ),
    "hairpin": Setting(  # a bridge may send packets out by the port that they came in by
        "bridge link set dev {name} hairpin on",
        "has 'hairpin on' bridge -d link show dev {name}",
        "bridge link set dev {name} hairpin off",
    ),
    "isolated": Setting(  # a port of a bridge from which no other such port is reached
        "bridge link set dev {name} isolated on",
        "has 'isolated on' bridge -d link show dev {name}",
        "bridge link set dev {name} isolated off",
    ),
}


@operation
class LinkSet(OfLink):
    """Set something of a link.

    what: a key of SETTINGS.  value: a bridge, an MTU in bytes, a number of packets, a MAC address, the link whose
    address it is.
    """

    name: Text
    what: str
    value: Text = ""

    @property
    def line(self) -> str:
        return SETTINGS[self.what].line

    @property
    def unless(self) -> str:
        return SETTINGS[self.what].unless

    @property
    def undo(self) -> str:
        return SETTINGS[self.what].undo

    @property
    def sets(self) -> str:
        kind = "state" if self.what in ("up", "up below", "down") else self.what.split()[-1]
        return f"{kind} of {{name}}"

    @property
    def part_of(self) -> tuple[str, ...]:
        return ("link name", *SETTINGS[self.what].part_of)

    @property
    def entry(self) -> str:
        return f"LinkSet{self.what.title().replace(' ', '')}"

    @property
    def values(self) -> dict[str, object]:
        return vars(self) | {self.what: self.value}
