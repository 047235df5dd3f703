"""What a lab is given: names on the host, addresses of its subnets."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab.topology import End
from bridgekit.translation import tr


def device_of(lab: str, node: str, taken: set[str]) -> str:
    """A name on the host for what is the lab's: LAB-NODE, or where that is too long the node's and a number."""
    whole = f"{lab}-{node}"
    device = whole if len(whole) <= 15 else f"{node[:7].rstrip('-.')}-{names.number(lab, node)}"
    return _free(device, taken, lab, node)


def port_of(lab: str, node: str, interface: str, taken: set[str], what: str = "veth") -> str:
    """The host's end of a link: named after the guest and its interface, as `attach` names it."""
    number = names.number(names.Guest("netns", f"{lab}-{node}"), interface)
    return _free(f"{what}_{number}", taken, lab, node, interface)


def _free(device: str, taken: set[str], *words: str) -> str:
    while device in taken:  # seven digits do meet, of a thousand names once in five hundred labs
        device = f"{device[:7]}_{names.number(device, *words)}"
    taken.add(device)
    return device


def netns_of(lab: str, node: str) -> str:
    """The name of a node's namespace, and of its container."""
    return f"{lab}-{node}"


def mac_of(lab: str, end: End) -> str:
    """The MAC address with which an interface of a node is born: made again it has the same, and neighbours find it."""
    digits = names.number(lab, end.node, end.name) + names.number(end.name, end.node, lab)
    return ":".join(("02", *(digits[at : at + 2] for at in range(0, 10, 2))))


@dataclass
class Pools:
    """The subnets of a file, and which of their addresses were handed out."""

    subnets: dict[str, names.Network]
    given: set[names.Address]
    _at: dict[str, int] = field(default_factory=dict)

    def next(self, name: str) -> names.Interface:
        """The next address of a subnet that is not written in the file.  Raises InputError when it has no more."""
        network = self.subnets[name]
        narrow = network.prefixlen >= network.max_prefixlen - 1
        at, last = self._at.get(name, 0 if narrow else 1), network.num_addresses - (not narrow and network.version == 4)
        while at < last and network[at] in self.given:
            at += 1
        if at >= last:
            raise InputError(tr("subnet {0!r} has no more addresses: '{1}'", name, network), tr("a wider one"))
        self._at[name] = at + 1
        return names.host_address(f"{network[at]}/{network.prefixlen}")
