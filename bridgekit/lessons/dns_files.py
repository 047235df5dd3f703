"""Document 003: a container's hostname, hosts and resolv.conf, and what each of them decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridgekit import names, operations as op
from bridgekit.lessons.throwaway import OUTSIDE
from bridgekit.plan import FAILS, FAILS_YET, Container, Expect, Step, Steps, as_steps, probe
from bridgekit.recipes import guestfiles, wiring
from bridgekit.recipes.registry import lesson
from bridgekit.words import Var

GUEST = "63f36fc01b5f"
PARTY = wiring.Party(names.Guest("docker", GUEST))
INSIDE = Container("docker", PARTY.container)
HOSTS, RESOLV = guestfiles.path(PARTY.guest, guestfiles.HOSTS), guestfiles.path(PARTY.guest, guestfiles.RESOLV)
WWW, DOMAIN = "www.example.test", "example.test"
NOTE = "dns-files/"
MOUNTED = {"mounted": "/etc/hostname", "mounted-hosts": "/etc/hosts", "mounted-resolv": "/etc/resolv.conf"}


@lesson("dns-files", minutes=12, document="003")
def dns_files() -> Steps:
    """Give a container a name, and names of others: three files that lie over its image's own.

    Source: sequence 003.dns.
    """
    yield op.Need("Program", program="dnsmasq", package="dnsmasq-base")
    shared = op.GuestRun("docker", PARTY.container, Var("IMAGE", "base"), ("/bin/bash",), network="host")
    yield Step(shared, note=NOTE + "container")
    for note, file in MOUNTED.items():
        yield probe(op.Look("MountsShow"), Expect(True, f" on {file} "), NOTE + note, INSIDE)
    yield from guestfiles.find(PARTY, guestfiles.HOSTS, guestfiles.RESOLV, guestfiles.HOSTNAME)
    yield from _servers()
    yield from _others_names()
    yield from _own_name()


def _servers() -> Steps:
    hosts_own = op.Look("FilesCompare", path="/etc/resolv.conf", other=RESOLV)
    yield probe(hosts_own, Expect(True, passing=True), NOTE + "as-the-host")
    yield probe(op.Lookup(WWW), FAILS_YET, NOTE + "www-unknown", INSIDE)
    yield from _told(guestfiles.servers(PARTY.guest, (OUTSIDE,)), "server")
    yield probe(op.Lookup(WWW), Expect(True, OUTSIDE), NOTE + "www-known", INSIDE)
    yield probe(hosts_own, FAILS, NOTE + "not-the-host")
    yield probe(op.Lookup("www"), FAILS_YET, NOTE + "short-unknown", INSIDE)
    yield from _told(guestfiles.search(PARTY.guest, (DOMAIN,)), "search")
    yield probe(op.Lookup("www"), Expect(True, WWW), NOTE + "short-known", INSIDE)


def _others_names() -> Steps:
    yield probe(op.Lookup("db"), FAILS_YET, NOTE + "db-unknown", INSIDE)
    yield Step(op.HostsAdd(HOSTS, "10.0.0.3", "db"), note=NOTE + "db")
    yield probe(op.Look("FileShow", path="/etc/hosts"), Expect(True, "10.0.0.3\tdb"), NOTE + "db-there", INSIDE)
    yield probe(op.Lookup("db"), Expect(True, "10.0.0.3"), NOTE + "db-known", INSIDE)
    yield probe(op.Lookup("db"), FAILS, NOTE + "db-host")


def _own_name() -> Steps:
    yield probe(op.Look("HostnameShow"), Expect(True, PARTY.container, passing=True), NOTE + "first-name", INSIDE)
    written, named, *line = _told(guestfiles.name(PARTY, "app"), "name-file", "name-set", "address", "own-name")
    yield written
    yield probe(op.Look("FileShow", path="/etc/hostname"), Expect(True, "app"), NOTE + "name-there", INSIDE)
    yield probe(op.Look("HostnameShow"), Expect(True, PARTY.container, passing=True), NOTE + "name-kernel", INSIDE)
    yield named
    yield probe(op.Look("HostnameShow"), Expect(True, "app"), NOTE + "name-told", INSIDE)
    yield from line
    yield probe(op.Look("FileShow", path="/etc/hosts"), Expect(True, "\tapp"), NOTE + "own-line", INSIDE)


def _told(steps: Steps, *notes: str) -> Iterator[Step]:
    """A recipe's steps, each told in the lesson's words."""
    return (replace(step, note=NOTE + note) for step, note in zip(as_steps(steps), notes, strict=True))
