"""WHAT can be done: one frozen dataclass an operation, in the field's own words.

Data only: no argument vector, no I/O.  Fields hold values already checked by `names`, or a `Var`.
An operation is read by tools (its command), guard (already so?), inverse (how to take it back) and
explain (a sentence); a test says where one is missing.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar, TypeVar, dataclass_transform

from bridgekit.words import Text, Var

Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True)
def operation(kind: type[Kind]) -> type[Kind]:
    """A dataclass of Values; what all share is written once below, which makes importing many of them quick."""
    return dataclass(repr=False, eq=False)(kind)


class Value:
    """Frozen once made; two are equal when their type and their fields are."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self).__name__, *vars(self).values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({inside})"


@operation
class Operation(Value):
    """Base of all operations."""


# ------------------------------------------------------------------------------------- guests


@operation
class GuestRun(Operation):
    """Start a container in a network namespace of its own, with `lo` and nothing else."""

    runtime: str
    guest: Text
    image: Text
    command: str


@operation
class GuestDelete(Operation):
    """Remove a container, running or not."""

    runtime: str
    guest: Text


@operation
class GuestList(Operation):
    """List the running containers."""

    runtime: str


@operation
class Capture(Operation):
    """Learn something that is known only when the script runs, and keep it in a variable.

    override: the variable of the environment that answers instead, if it is set.
    """

    variable: Var
    override: ClassVar[str] = ""


@operation
class CapturePid(Capture):
    """Learn a container's process id, the key to its namespaces."""

    runtime: str
    guest: Text


@operation
class CaptureUplink(Capture):
    """Learn the interface of the host's default route."""

    version: int
    override: ClassVar[str] = "UPLINK"


# --------------------------------------------------------------------------------- namespaces


@operation
class NetnsDirectory(Operation):
    """Make the directory that holds the names of namespaces."""


@operation
class NetnsAdd(Operation):
    """Make a named network namespace."""

    name: str


@operation
class NetnsDelete(Operation):
    """Remove the name of a network namespace."""

    name: str


@operation
class NetnsBind(Operation):
    """Bind-mount a process's network namespace over a name."""

    name: str
    pid: Text


@operation
class NetnsUnbind(Operation):
    """Unmount what NetnsBind mounted."""

    name: str


@operation
class NetnsLink(Operation):
    """Name a process's network namespace by a symbolic link."""

    name: str
    pid: Text


@operation
class NetnsUnlink(Operation):
    """Remove what NetnsLink linked."""

    name: str


@operation
class NetnsList(Operation):
    """List the named network namespaces."""


@operation
class NetnsPids(Operation):
    """List the processes in a named network namespace."""

    name: str


# -------------------------------------------------------------------------------------- links


@operation
class BridgeAdd(Operation):
    """Make a bridge."""

    name: str


@operation
class VethAdd(Operation):
    """Make a pair of virtual Ethernet interfaces, each the other's peer."""

    name: str
    peer: str


@operation
class LinkDelete(Operation):
    """Remove an interface (and, for a veth, its peer with it)."""

    name: str
    kind: str


@operation
class LinkSetNetns(Operation):
    """Move an interface of the host into a namespace."""

    name: str
    netns: str


@operation
class LinkFetch(Operation):
    """Bring an interface back from a namespace, if it is still there."""

    name: str
    netns: str


@operation
class LinkRename(Operation):
    """Give an interface another name."""

    name: str
    new: str


@operation
class LinkSetMaster(Operation):
    """Make an interface a port of a bridge."""

    name: str
    master: str


@operation
class LinkSetNoMaster(Operation):
    """Take a port out of its bridge."""

    name: str
    master: str


@operation
class LinkSetUp(Operation):
    """Bring an interface up."""

    name: str


@operation
class LinkSetDown(Operation):
    """Take an interface down."""

    name: str


@operation
class LinkSetAddress(Operation):
    """Set an interface's MAC address."""

    name: str
    address: str


@operation
class LinkSetMtu(Operation):
    """Set an interface's MTU, in bytes."""

    name: str
    mtu: int


@operation
class LinkRestoreAddress(Operation):
    """Set an interface's MAC address back to what it was."""

    name: str


@operation
class LinkRestoreMtu(Operation):
    """Set an interface's MTU back to what it was."""

    name: str


# ------------------------------------------------------------------------- addresses, routes


@operation
class AddressAdd(Operation):
    """Give an interface an address.

    address: CIDR.
    fresh: only where this run made the interface; an interface found there keeps the addresses it has.
    """

    device: str
    address: str
    fresh: bool = False


@operation
class AddressShow(Operation):
    """Show the interfaces with their addresses, or one of them."""

    device: str = ""


@operation
class AddressDelete(Operation):
    """Take an address from an interface."""

    device: str
    address: str


@operation
class RouteAdd(Operation):
    """Add a default route through a gateway."""

    via: str
    device: str


@operation
class RouteDelete(Operation):
    """Remove the default route through a gateway."""

    via: str
    device: str


# --------------------------------------------------------------------------- packets, sysctls


@operation
class Rule(Value):
    """One rule of a packet filter chain.  An interface starting with `!` means: any other."""

    chain: str
    target: str
    table: str = "filter"
    version: int = 4
    source: str = ""
    in_interface: Text = ""
    out_interface: Text = ""


@operation
class RuleAppend(Operation):
    """Append a rule to the end of a chain."""

    rule: Rule


@operation
class RuleDelete(Operation):
    """Delete a rule from a chain."""

    rule: Rule


@operation
class SysctlSet(Operation):
    """Set a kernel parameter.

    key: with `/` between its parts where an interface's name is one of them.
    """

    key: Text | tuple[Text, ...]
    value: str


@operation
class SysctlRestore(Operation):
    """Set a kernel parameter back to what it was, and those that the kernel changed with it."""

    key: Text | tuple[Text, ...]


# ----------------------------------------------------------------------------- looking, needs


@operation
class Ping(Operation):
    """Send echo requests until one is answered, for so many seconds."""

    address: Text
    seconds: int = 3


@operation
class NetnsPath(Value):
    """Where a namespace can be opened: by a process's id or by its name."""

    pid: Text = ""
    name: str = ""


@operation
class Need(Operation):
    """A condition of the host, checked before anything is touched."""


@operation
class NeedProcess(Need):
    """The process runs: its id is a number above 0 and /proc knows it."""

    pid: Text


@operation
class NeedNetns(Need):
    """The named namespace exists."""

    name: str


@operation
class NeedOwnNetns(Need):
    """The guest has a network namespace of its own, not the host's."""

    path: NetnsPath


@operation
class NeedBridge(Need):
    """The name is a bridge's, or free."""

    name: str


@operation
class NeedNetnsName(Need):
    """The name leads to the process's namespace already, or is free."""

    name: str
    pid: Text


@operation
class NeedPair(Need):
    """Both ends are free, or they are the two ends of one pair already."""

    name: str
    peer: str
    path: NetnsPath
    interface: str


@operation
class NeedDefaultRoute(Need):
    """The guest has no default route, or the one through this gateway."""

    path: NetnsPath
    via: str


@operation
class NeedValue(Need):
    """A captured value is not empty."""

    variable: Var
