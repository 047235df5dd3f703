"""What an engine writes into a container's three files when it joins a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.names import hostnames
from bridgekit.plan import Steps, because
from bridgekit.recipes import guestfiles, wiring
from bridgekit.recipes.linking import Link
from bridgekit.translation import tr
from bridgekit.words import Text, Var

GATEWAY = "host-gateway"  # in the place of an address: the bridge's own


@dataclass(frozen=True)
class Naming:
    """The options of names: the guest's own, its servers, its search domains, names it knows with their addresses.

    domains: None: those it has; empty: none.
    """

    hostname: str | None
    servers: tuple[str, ...]
    domains: tuple[str, ...] | None
    entries: tuple[tuple[str, str], ...]

    @property
    def options(self) -> list[str]:
        """The options that were given."""
        named = {
            "--hostname": self.hostname,
            "--dns": self.servers,
            "--dns-search": self.domains is not None,
            "--add-host": self.entries,
        }
        return [option for option, value in named.items() if value]


def naming(
    hostname: str | None, dns: Sequence[str] | None, search: Sequence[str] | None, hosts: Sequence[str] | None
) -> Naming:
    """The options, checked.  Raises InputError."""
    return Naming(
        None if hostname is None else hostnames.hostname(hostname),
        hostnames.resolvers(tuple(dns or ())),
        _domains(search),
        tuple(map(_entry, hostnames.distinct(tuple(hosts or ())))),
    )


def _domains(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    if not texts:
        return None
    return () if list(texts) == ["."] else tuple(map(hostnames.domain, hostnames.distinct(tuple(texts))))


def _entry(text: str) -> tuple[str, str]:
    name, _, address = text.partition(":")
    return (hostnames.host(name), "") if address == GATEWAY else hostnames.entry(text)


def written(party: wiring.Party, wanted: Naming, joined: bool = False, links: Sequence[Link] = ()) -> tuple[str, ...]:
    """Which files are written.  joined: to a network.  Raises InputError for a guest that cannot have them."""
    contained = joined and party.guest.kind in ("docker", "podman")
    if party.guest.kind in ("pid", "lxc") and (wanted.options or links):
        raise InputError(
            tr("a process says nothing of where its files come from: '{0}'", party.guest),
            tr("leave out --hostname, --dns, --dns-search, --add-host and --link, or name its container"),
        )
    needed = {
        guestfiles.HOSTS: bool(contained or (joined and wanted.hostname) or wanted.entries or links),
        guestfiles.RESOLV: bool(wanted.servers or wanted.domains is not None),
        guestfiles.HOSTNAME: wanted.hostname is not None,
    }
    return tuple(file for file, it_is in needed.items() if it_is)


def write(party: wiring.Party, address: Text, bridges: tuple[str, str], wanted: Naming, links: Sequence[Link]) -> Steps:
    """Write the files: first the names of others, the guest's own last, as the engine does."""
    hosts, host = guestfiles.path(party.guest, guestfiles.HOSTS), Var("host")
    if not all(where for _, where in wanted.entries):
        yield op.Capture(host, "HostGateway", usual=bridges[0], bridge=bridges[1])
    yield from alone(party, wanted, host)
    for link in links:
        yield from _linked(hosts, link)
    yield from _own(party, hosts, address, wanted.hostname)


def alone(party: wiring.Party, wanted: Naming, gateway: Text = "") -> Steps:
    """The same for a guest that has no address.  Raises InputError where a name is to be its gateway's."""
    if wanted.hostname is not None:
        yield op.LineWrite(guestfiles.path(party.guest, guestfiles.HOSTNAME), wanted.hostname)
        if party.pid is not None:
            yield op.HostnameSet(party.pid, wanted.hostname)
    if wanted.domains is not None:
        yield from guestfiles.search(party.guest, wanted.domains)
    if wanted.servers:
        yield from guestfiles.servers(party.guest, wanted.servers)
    for name, where in wanted.entries:
        if not (where or gateway):
            raise InputError(tr("no gateway for {0!r}", name), tr("an address in the place of {0}", GATEWAY))
        line = op.HostsAppend(guestfiles.path(party.guest, guestfiles.HOSTS), where or gateway, name)
        yield because("hosts-entry", line, name=name)


def _linked(hosts: Text, link: Link) -> Steps:
    """The alias, the other's host name, and its own name where that is another word."""
    guest, known = link.party.guest, [link.alias]
    names: tuple[Text, ...] = (link.alias,)
    if guest.kind in ("docker", "podman"):
        name = Var(f"hostname{link.party.suffix}")
        assert link.party.pid is not None
        yield op.Capture(name, "Hostname", pid=link.party.pid)
        names = (link.alias, " ", name)
        if guest.name not in known:
            names = (*names, f" {guest.name}")
    yield because("hosts-link", op.HostsAppend(hosts, link.address, names), name=link.alias)


def _own(party: wiring.Party, hosts: Text, address: Text, hostname: str | None) -> Steps:
    if hostname is not None:
        short = hostname.partition(".")[0]
        names: Text = hostname if short == hostname else f"{hostname} {short}"
    elif party.guest.kind in ("docker", "podman"):
        names = Var("hostname")
        assert party.pid is not None
        yield op.Capture(names, "Hostname", pid=party.pid)
    else:
        return
    yield because("hosts-own", op.HostsAppend(hosts, address, names))
