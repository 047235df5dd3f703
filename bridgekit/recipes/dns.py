"""A guest's own name, and where it looks for the names of others."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import hostnames
from bridgekit.plan import Steps
from bridgekit.recipes import guestfiles, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("dns-{guest}", document="003")
def dns(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME or netns:NAME", GUEST],
    *,
    hostname: Annotated[str | None, "its own name, also in its hosts file, with its address"] = None,
    dns: Annotated[list[str] | None, "a name server that it asks, in place of those it has; again for more"] = None,
    search: Annotated[list[str] | None, "a domain in which it looks for short names; again for more"] = None,
    host: Annotated[list[str] | None, "a name that it knows, with its address: db:10.0.0.3; again for more"] = None,
) -> Steps:
    """Write a running guest's hostname, hosts and resolv.conf.

    Raises InputError.  Source: sequence 003.dns; man 5 hosts, resolv.conf, hostname.
    """
    party = wiring.Party(_with_files(names.guest(guest)))
    own = None if hostname is None else hostnames.hostname(hostname)
    servers = hostnames.resolvers(tuple(dns or ()))
    domains = tuple(map(hostnames.domain, hostnames.distinct(tuple(search or ()))))
    entries = [hostnames.entry(text) for text in hostnames.distinct(tuple(host or ()))]
    if not (own or servers or domains or entries):
        raise InputError(tr("nothing to write"), tr("at least one of --hostname, --dns, --search, --host"))

    wanted = {
        guestfiles.HOSTS: bool(own or entries),
        guestfiles.RESOLV: bool(servers or domains),
        guestfiles.HOSTNAME: bool(own),
    }
    yield from guestfiles.find(party, *(file for file, needed in wanted.items() if needed))
    if own:
        yield from guestfiles.name(party, own)
    for name, address in reversed(entries):  # each goes before those that are there
        yield op.HostsAdd(guestfiles.path(party.guest, guestfiles.HOSTS), address, name)
    if servers:
        yield from guestfiles.servers(party.guest, servers)
    if domains:
        yield from guestfiles.search(party.guest, domains)


def _with_files(guest: names.Guest) -> names.Guest:
    if guest.kind in ("pid", "lxc"):
        raise InputError(
            tr("a process says nothing of where its files come from: '{0}'", guest),
            tr("the container (NAME, podman:NAME) or the namespace (netns:NAME) that it is in"),
        )
    return guest
