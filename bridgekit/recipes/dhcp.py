"""An interface of a guest gets its address by DHCP."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.names import dhcp as checked
from bridgekit.plan import Steps
from bridgekit.recipes import leasing, wiring
from bridgekit.recipes.named import GUEST, OneOf
from bridgekit.recipes.registry import recipe


@recipe("dhcp-{guest}-{interface}")
def dhcp(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    *,
    interface: Annotated[str, "the guest's interface; it is there"] = "eth1",
    client: Annotated[str, "the program that asks", OneOf((checked.ANY, *checked.CLIENTS))] = checked.ANY,
    timeout: Annotated[int, "how long to wait for an address, in seconds"] = leasing.SECONDS,
    hostname: Annotated[str | None, "the name that the server is told; default: the guest's"] = None,
    option: Annotated[list[str] | None, "an option of the client's own, such as '-r 10.0.0.7'; again for more"] = None,
) -> Steps:
    """Let a guest's interface get its address by DHCP, and keep it.

    IPv4.  The client goes on, renews the lease, and gives it back when the run is undone.

    Raises InputError.  Source: RFC 2131; man 8 dhclient, udhcpc, dhcpcd.
    """
    party = wiring.Party(names.guest(guest))
    lease = leasing.wanted(party, interface, client, timeout, hostname, option or ())
    netns = wiring.netns_of(party.guest)
    yield from wiring.identify(party)
    yield op.Need("Inside", path=party.path, interface=lease.interface)
    yield from leasing.ready(lease)
    yield from wiring.name_free(netns, party)
    yield from wiring.name_netns(netns, party, "bind")
    yield from leasing.take(lease, netns)
