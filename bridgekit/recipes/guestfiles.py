"""The three files that name a guest and tell it others' names: where they are, and what can be written there."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.plan import Steps, because
from bridgekit.recipes import wiring
from bridgekit.words import Text, Var

HOSTS, RESOLV, HOSTNAME = "hosts", "resolv.conf", "hostname"
# What an engine calls the file, and the variable that holds its path.
_OF_ENGINE = {
    HOSTS: ("HostsPath", "hosts_file"),
    RESOLV: ("ResolvConfPath", "resolv_file"),
    HOSTNAME: ("HostnamePath", "hostname_file"),
}
NETNS = "/etc/netns"  # man 8 ip-netns: what lies in /etc/netns/NAME, `ip netns exec NAME` mounts over /etc


def path(guest: names.Guest, file: str) -> Text:
    """Where a guest's file is on the host."""
    return f"{NETNS}/{guest.name}/{file}" if guest.kind == "netns" else Var(_OF_ENGINE[file][1])


def find(party: wiring.Party, *files: str) -> Steps:
    """Learn where the files of a running guest are; a namespace that has none gets copies of the host's."""
    if party.pid is None:
        yield op.Need("Netns", name=party.guest.name)
        yield from _copies(party.guest, *files)
        return
    yield op.Capture(party.pid, "Pid", runtime=party.guest.kind, guest=party.container)
    yield op.Need("Process", pid=party.pid)
    yield from locate(party, *files)


def locate(party: wiring.Party, *files: str) -> Steps:
    """The same of a guest whose process is known."""
    if party.pid is None:
        yield from _copies(party.guest, *files)
        return
    if HOSTNAME in files:
        yield op.Need("OwnHostname", pid=party.pid)
    for file in files:
        key, name = _OF_ENGINE[file]
        yield op.Capture(Var(name), "File", runtime=party.guest.kind, guest=party.container, key=key)
        yield op.Need("OfEngine", path=Var(name), runtime=party.guest.kind, guest=party.container, file=file)


def _copies(guest: names.Guest, *files: str) -> Steps:
    for file in files:
        yield op.Need("File", path=f"/etc/{file}")
    yield op.DirectoryAdd(NETNS)
    yield op.DirectoryAdd(f"{NETNS}/{guest.name}")
    for file in files:
        yield because("files-of-netns", op.FileCopy(f"/etc/{file}", f"{NETNS}/{guest.name}/{file}"), file=file)


def name(party: wiring.Party, hostname: str) -> Steps:
    """Name a guest: its hostname file, the name that the kernel tells it, and a line in hosts."""
    yield op.LineWrite(path(party.guest, HOSTNAME), hostname)
    if party.pid is not None:
        yield op.HostnameSet(party.pid, hostname)
    address = Var("address")
    yield op.Capture(address, "Address", path=party.path)
    yield because("own-name", op.HostsAdd(path(party.guest, HOSTS), address, hostname))


def servers(guest: names.Guest, resolvers: tuple[str, ...]) -> Steps:
    """Tell a guest whom to ask."""
    lines = tuple(f"nameserver {each}" for each in resolvers)
    yield because("resolvers", op.LinesSet(path(guest, RESOLV), "nameserver", lines), servers=", ".join(resolvers))


def search(guest: names.Guest, domains: tuple[str, ...]) -> Steps:
    """Tell a guest in which domains to look for a name; none: in none."""
    lines = (" ".join(("search", *domains)),) if domains else ()
    made = op.LinesSet(path(guest, RESOLV), "search|domain", lines)  # of the two words the last one counts
    yield because("search" if domains else "no-search", made, domains=", ".join(domains))
