"""The network as text, one fact a line: what makes two states of it comparable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path

from bridgekit.facts.links import Link, Peers, links, peers
from bridgekit.facts.parameters import parameters
from bridgekit.facts.routes import routes, rules
from bridgekit.facts.spaces import Space, named, names
from bridgekit.facts.tables import PROGRAMS, tables

JOURNALS = Path("/run/bridgekit")
HOST = "host"


@dataclass(frozen=True)
class _Reading:
    """A namespace: its links, and its other facts as lines already."""

    space: Space
    links: tuple[Link, ...]
    rest: tuple[str, ...]


def snapshot(macs: bool = False) -> tuple[str, ...]:
    """The network of this host and of each named namespace, one fact a line.

    Nothing in it changes by itself: no indices, counters, lifetimes, operational states.
    macs: with hardware addresses, except those of bridges, which follow their ports.
    Raises HostError if there is no `ip`.
    """
    with ThreadPoolExecutor() as pool:
        readings = list(pool.map(_read, named()))
    ends = peers({reading.space: reading.links for reading in readings})
    host, *_ = readings
    by_name = {name: reading for reading in readings for name in reading.space.names}
    return (
        *_lines(HOST, host, ends, macs),
        *(f"{HOST} netns {name}" for name in names()),
        *(f"{HOST} file {path}" for path in _journals()),
        *(line for name in sorted(by_name) for line in _lines(name, by_name[name], ends, macs)),
    )


def digest(macs: bool = False) -> str:
    """The SHA-256 of the snapshot.  Raises HostError if there is no `ip`."""
    return sha256("\n".join(snapshot(macs)).encode()).hexdigest()


def changes(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The lines that went, as `- line`, and those that came, as `+ line`, in the snapshots' order."""
    found: list[str] = []
    for _, gone, gone_end, come, come_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[gone:gone_end] != after[come:come_end]:
            found += [f"- {line}" for line in before[gone:gone_end]]
            found += [f"+ {line}" for line in after[come:come_end]]
    return found


def _read(space: Space) -> _Reading:
    def inside() -> _Reading:
        found = links(space)
        return _Reading(space, found, tuple(_rest(space, found)))

    try:
        return space.within(inside)
    except OSError:  # it went meanwhile
        return _Reading(space, (), ())


def _lines(name: str, reading: _Reading, ends: Peers, macs: bool) -> Iterator[str]:
    return (f"{name} {line}" for line in (*_links(reading, ends, macs), *reading.rest))


def _rest(space: Space, inside: Sequence[Link]) -> Iterator[str]:
    yield from (f"address {link.name} {address}" for link in inside for address in link.addresses)
    for family, suffix in (("-4", ""), ("-6", "6")):
        yield from (f"route{suffix} {route}" for route in routes(space, family))
        yield from (f"rule{suffix} {rule}" for rule in rules(space, family))
    for version, program in PROGRAMS.items():
        yield from (f"{program} {entry}" for entry in tables(space, version) or ())
    yield from (f"sysctl {key} {value}" for key, value in parameters(space, inside).items())


def _links(reading: _Reading, ends: Peers, macs: bool) -> Iterator[str]:
    for link in reading.links:
        words = [f"link {link.name} {link.kind} {'up' if link.up else 'down'} mtu {link.mtu}"]
        words += [f"master {link.master}"] if link.master else []
        words += [f"group {link.group}"] if link.group != "default" else []
        words += ["hairpin"] if link.hairpin else []
        words += _below(reading.space, link, ends)
        words += [f"mac {link.mac}"] if macs and link.kind not in ("bridge", "loopback") else []
        yield " ".join(words)


def _below(space: Space, link: Link, ends: Peers) -> list[str]:
    if (space.inode, link.index) in ends:
        other, far = ends[space.inode, link.index]
        where = "" if other == space else f" in {HOST if other.is_host else other.names[0]}"
        return [f"peer {far.name}{where}"]
    below = link.below or ("" if link.far_index is None else "elsewhere")
    return [f"{'peer' if link.kind == 'veth' else 'on'} {below}"] if below else []


def _journals() -> list[Path]:
    return sorted(path for path in JOURNALS.rglob("*") if not path.is_dir()) if JOURNALS.is_dir() else []
