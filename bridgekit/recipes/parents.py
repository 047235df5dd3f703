"""The interface of this host that a guest's own stands on: by its name or its MAC address, or a VLAN of it."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.plan import Steps
from bridgekit.recipes.table import card
from bridgekit.words import Text, Var

_BY_MAC = "mac:"
KERNEL = {  # what a kernel has, and where it has it
    "vlan": ("CONFIG_VLAN_8021Q", "8021q"),
    "dummy": ("CONFIG_DUMMY", "dummy"),
    "ipvlan": ("CONFIG_IPVLAN", "ipvlan"),
    "ipoib": ("CONFIG_INFINIBAND_IPOIB", "ib_ipoib"),
}


@dataclass(frozen=True)
class Parent:
    """An interface of this host.

    mac: that it is found by, if not by its name.  vlan: the number of a VLAN of it, on which the guest's stands, or 0.
    """

    link: Text
    mac: str = ""
    vlan: int = 0

    @property
    def below(self) -> Text:
        """What the guest's interface stands on."""
        if not self.vlan:
            return self.link
        name = f"{self.link}.{self.vlan}"
        if isinstance(self.link, str) and len(name) <= 15:
            return name
        return f"vlan{self.vlan}_{names.number(self.link, self.mac)}"


def parent_of(text: str, vlan: int | None = None) -> Parent:
    """A parent by its name, or as `mac:02:42:0a:00:00:02`.  Raises InputError."""
    number = 0 if vlan is None else names.vlan(str(vlan))
    if text.startswith(_BY_MAC):
        return Parent(Var("parent"), names.mac(text.removeprefix(_BY_MAC)), number)
    return Parent(card(text), "", number)


def known(parent: Parent, asked: str = "LinksOfMac") -> Steps:
    """It is there, and just one.  asked: how it is found by its MAC address."""
    if parent.mac:
        assert isinstance(parent.link, Var)
        yield op.Capture(parent.link, asked, mac=parent.mac)
        yield op.Need("OneLink", name=parent.link, mac=parent.mac)
    else:
        yield op.Need("Link", name=parent.link)


def kind_known(kind: str) -> Steps:
    """The kernel can make such links."""
    option, module = KERNEL[kind]
    yield op.Need("Kind", type=kind, option=option, module=module)


def vlan_free(parent: Parent) -> Steps:
    """The VLAN's interface is there, or can be."""
    if parent.vlan:
        yield from kind_known("vlan")
        yield op.Need("Vlan", parent=parent.link, vlan=str(parent.vlan), name=parent.below)


def ready(parent: Parent) -> Steps:
    """It is up, and so is its VLAN's interface, which is made if it is missing."""
    yield op.LinkSet(parent.link, "up below")
    yield op.Need("Up", name=parent.link)
    if parent.vlan:
        name = str(parent.below)
        yield op.VlanAdd(name, parent.link, str(parent.vlan))
        yield op.LinkSet(name, "up")
