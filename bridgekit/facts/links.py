"""Links with their addresses, and which two are one pair.  man 8 ip-address, ip-link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridgekit.errors import HostError
from bridgekit.facts.ask import objects
from bridgekit.facts.spaces import Space
from bridgekit.names.families import six
from bridgekit.translation import tr


@dataclass(frozen=True)
class Link:
    """A network interface.

    below: the name of its veth peer, or of the link it was made on, in the same namespace.
    far_index: the same link's index, when it is in another namespace.
    far_nsid: the number of that namespace.
    carrier: whether something answers at the other end; a bridge has it while one of its ports has.
    hairpin: whether its bridge sends back out of it what came in by it.
    state: of a bridge's port: `forwarding`, `listening`, `blocking`, ...; empty of any other link.
    isolated: of a bridge's port: whether it is kept from other isolated ones.
    arp: whether ARP is spoken on it.
    stp, snooping, vlans: of a bridge: spanning tree, snooping of multicast, filtering by VLAN.
    refused: its addresses that another one had already (IPv6's duplicate address detection).
    """

    index: int
    name: str
    kind: str
    up: bool
    mtu: int
    master: str
    group: str
    mac: str
    addresses: tuple[str, ...]
    below: str = ""
    far_index: int | None = None
    far_nsid: int | None = None
    carrier: bool = True
    hairpin: bool = False
    state: str = ""
    isolated: bool = False
    arp: bool = True
    refused: tuple[str, ...] = ()
    stp: bool = False
    snooping: bool = True
    vlans: bool = False


Peers = Mapping[tuple[int, int], tuple[Space, Link]]


def links(space: Space) -> tuple[Link, ...]:
    """The links of a namespace, by name.  Raises HostError if `ip` cannot tell even the host's."""
    found = objects(*space.ip("-j", "-d", "addr"))
    if found is None and space.is_host:
        raise HostError(tr("the program `ip` is missing, or not the one of iproute2"), "apt-get install iproute2")
    return tuple(sorted(map(_link, found or ()), key=lambda link: link.name))


def global_addresses(inside: Sequence[Link]) -> tuple[str, ...]:
    """The addresses, without prefix, by which others can reach a namespace with these links."""
    # `_address` says the scope of all others.
    lasting = (address.split() for link in inside for address in link.addresses if " scope " not in address)
    return tuple(dict.fromkeys(words[0].partition("/")[0] for words in lasting))


def peers(found: Mapping[Space, Sequence[Link]]) -> Peers:
    """The other end of each veth that can be found in these namespaces, by (inode, index)."""
    return _far(found) | _near(found)


def _near(found: Mapping[Space, Sequence[Link]]) -> dict[tuple[int, int], tuple[Space, Link]]:
    pairs: dict[tuple[int, int], tuple[Space, Link]] = {}
    for space, inside in found.items():
        by_name = {link.name: link for link in inside}
        for link in inside:
            if link.kind == "veth" and link.below in by_name:
                pairs[space.inode, link.index] = (space, by_name[link.below])
    return pairs


def _far(found: Mapping[Space, Sequence[Link]]) -> dict[tuple[int, int], tuple[Space, Link]]:
    # Both ends must give each other's index.  Indices repeat from namespace to namespace, so each end must also
    # give the number that its namespace has for the other's.
    ends: dict[tuple[int, int | None], list[tuple[Space, Link]]] = defaultdict(list)
    for space, inside in found.items():
        for link in inside:
            ends[link.index, link.far_index].append((space, link))
    pairs: dict[tuple[int, int], tuple[Space, Link]] = {}
    for space, inside in found.items():
        for link in inside:
            for other, far in ends.get((link.far_index or 0, link.index), ()):
                if other != space and _leads_to(space, link, other) and _leads_to(other, far, space):
                    pairs.setdefault((space.inode, link.index), (other, far))
    return pairs


def _leads_to(space: Space, link: Link, other: Space) -> bool:
    number = None if link.far_nsid is None else space.number_of(other)
    return number is None or number == link.far_nsid


def _link(item: Mapping[str, Any]) -> Link:
    port, own = (item.get("linkinfo", {}).get(key, {}) for key in ("info_slave_data", "info_data"))
    return Link(
        index=item["ifindex"],
        name=item["ifname"],
        kind=item.get("linkinfo", {}).get("info_kind", item["link_type"]),
        up="UP" in item["flags"],
        mtu=item["mtu"],
        master=item.get("master", ""),
        group=item.get("group", "default"),
        mac=item.get("address", ""),
        addresses=_addresses(item),
        below=item.get("link") or "",
        far_index=item.get("link_index"),
        far_nsid=item.get("link_netnsid"),
        carrier="NO-CARRIER" not in item["flags"],
        hairpin=port.get("hairpin", False),
        state=port.get("state", ""),
        isolated=port.get("isolated", False),
        arp="NOARP" not in item["flags"],
        refused=tuple(each["local"] for each in item["addr_info"] if each.get("dadfailed")),
        stp=bool(own.get("stp_state", 0)),
        snooping=bool(own.get("mcast_snooping", 1)),
        vlans=bool(own.get("vlan_filtering", 0)),
    )


def _addresses(item: Mapping[str, Any]) -> tuple[str, ...]:
    found = (_address(each, item["ifname"]) for each in item["addr_info"] if _lasting(each))
    return tuple(sorted(found, key=lambda address: (six(address.split()[0]), address)))


def _lasting(address: Mapping[str, Any]) -> bool:
    # The kernel makes link-local and temporary addresses by itself, when it likes.
    return "local" in address and not address["local"].startswith("fe80:") and not address.get("temporary")


def _address(item: Mapping[str, Any], link: str) -> str:
    # No broadcast address: ifconfig sets one and `ip` does not, and nothing depends on it.
    peer = f" peer {item['address']}" if "address" in item else ""
    words = [f"{item['local']}{peer}/{item['prefixlen']}"]
    if item.get("scope", "global") != "global":
        words.append(f"scope {item['scope']}")
    if item.get("label", link) != link:
        words.append(f"label {item['label']}")
    words += [flag for flag in ("secondary", "noprefixroute", "mngtmpaddr") if item.get(flag)]
    return " ".join(words)
