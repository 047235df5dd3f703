"""WHAT can be done: one frozen dataclass an operation, in the field's own words.

Data only: no argument vector, no I/O.  Fields hold values already checked by `names`, or a `Var`.
An operation is read by tools (its command), guard (already so?), inverse (how to take it back) and
explain (a sentence); a test says where one is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.words import Text, Var


@dataclass(frozen=True)
class Operation:
    """Base of all operations."""


# ------------------------------------------------------------------------------------- guests


@dataclass(frozen=True)
class GuestRun(Operation):
    """Start a container in a network namespace of its own, with `lo` and nothing else."""

    runtime: str
    guest: Text
    image: Text
    command: str


@dataclass(frozen=True)
class GuestDelete(Operation):
    """Remove a container, running or not."""

    runtime: str
    guest: Text


@dataclass(frozen=True)
class GuestList(Operation):
    """List the running containers."""

    runtime: str


@dataclass(frozen=True)
class CapturePid(Operation):
    """Learn a container's process id, the key to its namespaces."""

    runtime: str
    guest: Text
    variable: Var


@dataclass(frozen=True)
class CaptureUplink(Operation):
    """Learn the interface of the host's default route."""

    version: int
    variable: Var
    override: str


# --------------------------------------------------------------------------------- namespaces


@dataclass(frozen=True)
class NetnsDirectory(Operation):
    """Make the directory that holds the names of namespaces."""


@dataclass(frozen=True)
class NetnsAdd(Operation):
    """Make a named network namespace."""

    name: str


@dataclass(frozen=True)
class NetnsDelete(Operation):
    """Remove the name of a network namespace."""

    name: str


@dataclass(frozen=True)
class NetnsBind(Operation):
    """Bind-mount a process's network namespace over a name."""

    name: str
    pid: Text


@dataclass(frozen=True)
class NetnsUnbind(Operation):
    """Unmount what NetnsBind mounted."""

    name: str


@dataclass(frozen=True)
class NetnsLink(Operation):
    """Name a process's network namespace by a symbolic link."""

    name: str
    pid: Text


@dataclass(frozen=True)
class NetnsUnlink(Operation):
    """Remove what NetnsLink linked."""

    name: str


@dataclass(frozen=True)
class NetnsList(Operation):
    """List the named network namespaces."""


@dataclass(frozen=True)
class NetnsPids(Operation):
    """List the processes in a named network namespace."""

    name: str


# -------------------------------------------------------------------------------------- links


@dataclass(frozen=True)
class BridgeAdd(Operation):
    """Make a bridge."""

    name: str


@dataclass(frozen=True)
class VethAdd(Operation):
    """Make a pair of virtual Ethernet interfaces, each the other's peer."""

    name: str
    peer: str


@dataclass(frozen=True)
class LinkDelete(Operation):
    """Remove an interface (and, for a veth, its peer with it)."""

    name: str
    kind: str


@dataclass(frozen=True)
class LinkSetNetns(Operation):
    """Move an interface of the host into a namespace."""

    name: str
    netns: str


@dataclass(frozen=True)
class LinkFetch(Operation):
    """Bring an interface back from a namespace, if it is still there."""

    name: str
    netns: str


@dataclass(frozen=True)
class LinkRename(Operation):
    """Give an interface another name."""

    name: str
    new: str


@dataclass(frozen=True)
class LinkSetMaster(Operation):
    """Make an interface a port of a bridge."""

    name: str
    master: str


@dataclass(frozen=True)
class LinkSetNoMaster(Operation):
    """Take a port out of its bridge."""

    name: str
    master: str


@dataclass(frozen=True)
class LinkSetUp(Operation):
    """Bring an interface up."""

    name: str


@dataclass(frozen=True)
class LinkSetDown(Operation):
    """Take an interface down."""

    name: str


@dataclass(frozen=True)
class LinkSetAddress(Operation):
    """Set an interface's MAC address."""

    name: str
    address: str


@dataclass(frozen=True)
class LinkSetMtu(Operation):
    """Set an interface's MTU, in bytes."""

    name: str
    mtu: int


@dataclass(frozen=True)
class LinkRestoreAddress(Operation):
    """Set an interface's MAC address back to what it was."""

    name: str


@dataclass(frozen=True)
class LinkRestoreMtu(Operation):
    """Set an interface's MTU back to what it was."""

    name: str


# ------------------------------------------------------------------------- addresses, routes


@dataclass(frozen=True)
class AddressAdd(Operation):
    """Give an interface an address.

    address: CIDR.
    fresh: only where this run made the interface; an interface found there keeps the addresses it has.
    """

    device: str
    address: str
    fresh: bool = False


@dataclass(frozen=True)
class AddressShow(Operation):
    """Show the interfaces with their addresses, or one of them."""

    device: str = ""


@dataclass(frozen=True)
class AddressDelete(Operation):
    """Take an address from an interface."""

    device: str
    address: str


@dataclass(frozen=True)
class RouteAdd(Operation):
    """Add a default route through a gateway."""

    via: str
    device: str


@dataclass(frozen=True)
class RouteDelete(Operation):
    """Remove the default route through a gateway."""

    via: str
    device: str


# --------------------------------------------------------------------------- packets, sysctls


@dataclass(frozen=True)
class Rule:
    """One rule of a packet filter chain.  An interface starting with `!` means: any other."""

    chain: str
    target: str
    table: str = "filter"
    version: int = 4
    source: str = ""
    in_interface: Text = ""
    out_interface: Text = ""


@dataclass(frozen=True)
class RuleAppend(Operation):
    """Append a rule to the end of a chain."""

    rule: Rule


@dataclass(frozen=True)
class RuleDelete(Operation):
    """Delete a rule from a chain."""

    rule: Rule


@dataclass(frozen=True)
class SysctlSet(Operation):
    """Set a kernel parameter.

    key: with `/` between its parts where an interface's name is one of them.
    """

    key: Text | tuple[Text, ...]
    value: str


@dataclass(frozen=True)
class SysctlRestore(Operation):
    """Set a kernel parameter back to what it was, and those that the kernel changed with it."""

    key: Text | tuple[Text, ...]


# ----------------------------------------------------------------------------- looking, needs


@dataclass(frozen=True)
class Ping(Operation):
    """Send echo requests until one is answered, for so many seconds."""

    address: Text
    seconds: int = 3


@dataclass(frozen=True)
class NetnsPath:
    """Where a namespace can be opened: by a process's id or by its name."""

    pid: Text = ""
    name: str = ""


@dataclass(frozen=True)
class Need(Operation):
    """A condition of the host, checked before anything is touched."""


@dataclass(frozen=True)
class NeedProcess(Need):
    """The process runs: its id is a number above 0 and /proc knows it."""

    pid: Text


@dataclass(frozen=True)
class NeedNetns(Need):
    """The named namespace exists."""

    name: str


@dataclass(frozen=True)
class NeedOwnNetns(Need):
    """The guest has a network namespace of its own, not the host's."""

    path: NetnsPath


@dataclass(frozen=True)
class NeedBridge(Need):
    """The name is a bridge's, or free."""

    name: str


@dataclass(frozen=True)
class NeedNetnsName(Need):
    """The name leads to the process's namespace already, or is free."""

    name: str
    pid: Text


@dataclass(frozen=True)
class NeedPair(Need):
    """Both ends are free, or they are the two ends of one pair already."""

    name: str
    peer: str
    path: NetnsPath
    interface: str


@dataclass(frozen=True)
class NeedDefaultRoute(Need):
    """The guest has no default route, or the one through this gateway."""

    path: NetnsPath
    via: str


@dataclass(frozen=True)
class NeedValue(Need):
    """A captured value is not empty."""

    variable: Var
