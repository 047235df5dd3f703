"""Containers and virtual machines; the names of namespaces.  man 1 docker-run; man 8 ip-netns."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text

_DANGLING = "find -L /var/run/netns -type l"  # -L: a link that leads somewhere is no link
_PLAIN = "find /var/run/netns -type f -empty '!' -perm 444"  # which is how a namespace looks that is mounted there


@operation
class GuestRun(Operation):
    """Start a container in the background, by name.

    One that is there and does not run is not ours to start, nor to remove.
    network: `none` (a network namespace of its own, with `lo` and nothing else), `host`, `container:NAME`, or
    empty for the engine's default.
    mark: a label by which it is told from another one of its name; empty: whichever has the name is meant.
    """

    runtime: str
    guest: Text
    image: Text
    command: tuple[str, ...]
    network: str = "none"
    mark: str = ""
    line = "{runtime} run -d -t -i [--net={network}] [--label bridgekit={mark}] --name {guest} {image} {command...}"
    undo = "{runtime} rm -f {guest}"

    @property
    def unless(self) -> str:
        if not self.mark:
            return "has '' {runtime} inspect -f '{{.State.Running}}' {guest}"
        return "shares {runtime} {guest} {mark} {other}" if self.other else "marked {runtime} {guest} {mark}"

    @property
    def remains(self) -> str:
        return "marked {runtime} {guest} {mark} {other}" if self.mark and self.other else ""

    @property
    def other(self) -> str:
        """The container whose network it has."""
        kind, _, name = self.network.partition(":")
        return name if kind == "container" else ""


@operation
class VmRun(Operation):
    """Start a virtual machine on a tap: `vm` of the throw-away host stands in for `qemu`."""

    name: str
    tap: str
    mac: str
    address: str
    gateway: str
    line = "vm run {name} --tap {tap} --mac {mac} --address {address} --gateway {gateway}"
    unless = "has up vm exec {name} echo up"
    undo = "vm stop {name}"


@operation
class NetnsDirectory(Operation):
    """Make the directory that holds the names of namespaces.  Empty it hurts no one, and others may use it by then."""

    line = "mkdir -p /var/run/netns"
    unless = "test -d /var/run/netns"


@operation
class NetnsAdd(Operation):
    """Make a named network namespace."""

    name: Text
    lo = "lo"  # it is born with that link
    line = "ip netns add {name}"
    unless = "test -e /var/run/netns/{name}"
    undo = "ip netns del {name}"
    makes = ("netns name", "link lo @name")


@operation
class NetnsBind(Operation):
    """Bind-mount a process's network namespace over a name."""

    name: Text
    pid: Text
    line = "mount --bind /proc/{pid}/ns/net /var/run/netns/{name}"
    unless = "is $(stat -L -c %i /proc/{pid}/ns/net) stat -L -c %i /var/run/netns/{name}"
    undo = "umount /var/run/netns/{name}"
    carries = ("netns name", "")  # the name leads to another namespace now


@operation
class NetnsLink(Operation):
    """Name a process's network namespace by a symbolic link."""

    name: Text
    pid: Text
    line = "ln -s /proc/{pid}/ns/net /var/run/netns/{name}"
    unless = "is /proc/{pid}/ns/net find /var/run/netns/{name} -printf %l"  # readlink fails without saying why
    undo = "rm /var/run/netns/{name}"


@operation
class NetnsPrune(Operation):
    """Remove the names that lead to no namespace any more."""

    line = f"{_DANGLING} -delete"
    unless = f"lacks {_DANGLING}"
    undo = "relink $(dangling)"


@operation
class NetnsSweep(Operation):
    """Remove the files on which no namespace is mounted any more."""

    line = f"{_PLAIN} -delete"
    unless = f"lacks {_PLAIN}"
    undo = "relink $(plain_files)"
