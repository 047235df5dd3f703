"""The networks that are none: `none`, `host`, `container:OTHER`.  A guest is started so; here it is seen to be so."""

from __future__ import annotations

from collections.abc import Sequence

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import OK, Steps, probe, within
from bridgekit.recipes import guestfiles, naming, wiring
from bridgekit.recipes.named import Names
from bridgekit.translation import tr
from bridgekit.words import Var

NONE, HOST, OF_ANOTHER = "none", "host", "container:"
ENGINES = ("docker", "podman")


def _other(network: str) -> str:
    return network.removeprefix(OF_ANOTHER) if network.startswith(OF_ANOTHER) else ""


def _shared(network: str) -> str:
    return network if network == HOST or network.startswith(OF_ANOTHER) else ""


NETWORK = Names(_other, _shared)  # the mark of a parameter that may name another guest's network


def is_mode(network: str) -> bool:
    """Whether these words name no network."""
    return network in (NONE, HOST) or network.startswith(OF_ANOTHER)


def mode(party: wiring.Party, network: str, options: Sequence[str], wanted: naming.Naming) -> Steps:
    """The guest's namespace is the one that the mode says; its files of names are written.  Raises InputError."""
    _refuse(network, options, wanted)
    if network.startswith(OF_ANOTHER):
        other = wiring.Party(names.guest(network.removeprefix(OF_ANOTHER)), "_B")
        wiring.refuse_same(party.guest, other.guest)
        yield from _known(party)
        yield from _known(other)
        yield probe(op.Look("NetnsCompare", path=party.path, other=other.path), OK, "mode-container")
        yield from _same_name(party, other)
        return
    files = naming.written(party, wanted) if wanted.options else ()
    if network == HOST:
        yield from _known(party)
        yield probe(op.Look("NetnsCompare", path=party.path, other=op.NetnsPath()), OK, "mode-host")
    else:
        yield from wiring.identify(party)
        yield op.Need("BareNetns", path=party.path)
        yield from wiring.name_free(wiring.netns_of(party.guest), party)
    yield from guestfiles.locate(party, *files)
    if network == NONE:
        netns = wiring.netns_of(party.guest)
        yield from wiring.name_netns(netns, party, "bind")
        yield within(netns, op.LinkSet("lo", "up"), note="lo-up")
    yield from naming.alone(party, wanted)


def _same_name(party: wiring.Party, other: wiring.Party) -> Steps:
    """A container that shares another's network has its host name, too."""
    if party.guest.kind in ENGINES and other.guest.kind in ENGINES:
        assert party.pid is not None
        assert other.pid is not None
        yield op.Need("OwnHostname", pid=party.pid)
        yield op.Capture(Var("hostname"), "Hostname", pid=other.pid)
        yield op.HostnameSet(party.pid, Var("hostname"))


def _known(party: wiring.Party) -> Steps:
    """Learn who a guest is; its namespace may be another's."""
    if party.pid is None:
        yield op.Need("Netns", name=party.guest.name)
        return
    if party.guest.kind != "pid":
        yield op.Capture(party.pid, "Pid", runtime=party.guest.kind, guest=party.container)
    yield op.Need("Process", pid=party.pid)


def _refuse(network: str, options: Sequence[str], wanted: naming.Naming) -> None:
    conflicting = [*options, *(wanted.options if network.startswith(OF_ANOTHER) else ())]
    if conflicting:
        raise InputError(
            tr("conflicting options: {0} and --network {1}", conflicting[0], network),
            tr("leave {0} out", conflicting[0]),
        )
