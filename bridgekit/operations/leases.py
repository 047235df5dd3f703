"""A guest's DHCP client.  man 8 dhclient, udhcpc, dhcpcd; RFC 2131."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text


@operation
class LeaseFolderAdd(Operation):
    """Make the folder of a client's own files; on the way back goes, too, what the client left in the guest.

    netns: the guest's namespace.
    """

    folder: str
    netns: Text
    line = "make_lease {folder}"
    unless = "test -d {folder}"
    undo = "clear_lease {folder} {netns}"


@operation
class LeaseTake(Operation):
    """Start a client, which goes on, and wait until the interface has an address.

    client: `dhclient`, `udhcpc` or `dhcpcd`.  seconds: how long to wait.  pid: a process of the guest's, in whose PID
    namespace the client is, and so ends with it; empty: the host's.  hostname: what the server is told; may be empty.
    resolv_conf: the guest's file; empty: none is written.  options: words of the client's own.
    """

    folder: str
    client: Text
    netns: Text
    interface: str
    seconds: int
    pid: Text = ""
    hostname: str = ""
    resolv_conf: Text = ""
    options: tuple[str, ...] = ()
    line = "take_lease {folder} {client} {netns} {interface} {seconds} {pid} {hostname} {resolv_conf} {options...}"
    unless = "has '' keeper_pids {folder}"
    undo = "end_lease {folder}"
