"""The parts of getting an address by DHCP, for an interface that a guest has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import dhcp, hostnames
from bridgekit.plan import Expect, Netns, Steps, probe, within
from bridgekit.recipes import guestfiles, wiring
from bridgekit.words import Text, Var

SECONDS = 30  # to wait for a server
LEASES = "/run/bridgekit-dhcp."


@dataclass(frozen=True)
class Lease:
    """What is wanted, checked.  client: one of `dhcp.CLIENTS`, or `any`.  hostname: empty: none is told."""

    party: wiring.Party
    interface: str
    client: str
    seconds: int
    hostname: str
    options: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The client's own, named after the guest and its interface."""
        own = {"guest": self.party.guest, "interface": self.interface}
        return f"{LEASES}{names.slug('{guest}-{interface}', {key: str(value) for key, value in own.items()})}"

    @property
    def program(self) -> Text:
        """The client, or the variable that holds which one it is."""
        return Var(f"client{self.party.suffix}") if self.client == dhcp.ANY else self.client

    @property
    def resolv_conf(self) -> Text:
        """The guest's file; a process says nothing of where its files come from."""
        known = self.party.guest.kind in ("docker", "podman", "netns")
        return guestfiles.path(self.party.guest, guestfiles.RESOLV) if known else ""


def wanted(
    party: wiring.Party,
    interface: str,
    client: str = dhcp.ANY,
    timeout: int = SECONDS,
    hostname: str | None = None,
    options: Sequence[str] = (),
) -> Lease:
    """What is asked for, checked.  Raises InputError.

    client: `dhclient`, `udhcpc`, `dhcpcd`, or `any`.  timeout: seconds.  hostname: None: the guest's name, if it can
    be one.  options: the client's own words.
    """
    client = dhcp.client(client)
    told = _own_name(party.guest) if hostname is None else hostnames.hostname(hostname)
    words = dhcp.options(client, tuple(options))
    return Lease(party, names.interface(interface), client, dhcp.timeout(timeout), told, words)


def _own_name(guest: names.Guest) -> str:
    try:
        return "" if guest.kind == "pid" else hostnames.hostname(guest.name)
    except InputError:
        return ""


def ready(lease: Lease) -> Steps:
    """What a lease needs; the guest is known by then (`wiring.identify`).  Nothing is touched."""
    if lease.client == dhcp.ANY:
        assert isinstance(lease.program, Var)
        yield op.Capture(lease.program, "DhcpClient", clients=tuple(dhcp.CLIENTS))
        yield op.Need("SomeDhcpClient", client=lease.program)
    else:
        yield op.Need("DhcpClient", client=lease.client, package=dhcp.CLIENTS[lease.client].package)
    yield op.Need("LeaseFree", folder=lease.folder, client=lease.program, interface=lease.interface)
    if lease.party.guest.kind in ("docker", "podman"):
        yield from guestfiles.locate(lease.party, guestfiles.RESOLV)
    elif lease.party.pid is None:
        yield op.Need("File", path=f"/etc/{guestfiles.RESOLV}")


def take(lease: Lease, netns: Text, up: bool = False) -> Steps:
    """Get the address, and keep it: the interface is in the guest's namespace, which has that name.

    up: it is up already, and so is the loopback.
    """
    if lease.party.pid is None:
        yield from guestfiles.locate(lease.party, guestfiles.RESOLV)
    if not up:
        yield within(netns, op.LinkSet("lo", "up"), note="lo-up")
        yield within(netns, op.LinkSet(lease.interface, "up"))
    yield op.LeaseFolderAdd(lease.folder, netns)
    yield op.LeaseTake(
        lease.folder,
        lease.program,
        netns,
        lease.interface,
        lease.seconds,
        lease.party.pid or "",
        lease.hostname,
        lease.resolv_conf,
        lease.options,
    )
    yield probe(op.Look("AddressShow", device=lease.interface), Expect(True, "inet "), "leased", Netns(netns))
