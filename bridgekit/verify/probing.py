"""What is asked, and in portions: the neighbour tables, one for all namespaces of a machine, are never filled by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from bridgekit.errors import InputError
from bridgekit.facts import neighbours
from bridgekit.facts.connections import connect
from bridgekit.facts.counters import arrived
from bridgekit.facts.pings import Echo, ping
from bridgekit.facts.spaces import Space, here
from bridgekit.names import version
from bridgekit.names.ports import Port, ports
from bridgekit.translation import tr
from bridgekit.verify.parties import Party

T = TypeVar("T")
MOST, LEAST, BIGGEST = 100, 64, 65535
_AT_ONCE = 32
# Neighbours that a question leaves at most: of the asking one, two of the host between them, of the one that is asked.
_EACH = 4
_PATIENCE, _BETWEEN = 5.0, 0.1  # seconds: for room in the table, from one look to the next
_NOWHERE = Echo(0, 0, why=tr("no address to ask"), clear=True)


@dataclass(frozen=True)
class Probe:
    """What each is asked: `count` small pings, or ones of `size` bytes that must not be cut, or connections."""

    count: int = 3
    port: Port | None = None
    size: int | None = None

    def ask(self, space: Space, address: str) -> Echo:
        """Ask an address from a namespace."""
        if self.port:
            return connect(space, address, self.port, self.count)
        return ping(space, address, self.count, self.size)

    def arrived(self, space: Space, address: str) -> int:
        """How many such questions have come to a namespace."""
        return arrived(space, self.port.protocol if self.port else "icmp", version(address))


def checked(count: int = 3, port: str | None = None, size: int | None = None) -> Probe:
    """A probe as on the command line: 1 to 100 of them; `80` or `53/udp`; bytes.  Raises InputError."""
    if not 1 <= count <= MOST:
        raise InputError(tr("not a count: {0}", count), tr("1 to {0} packets for each question", MOST))
    if port is not None and size is not None:
        raise InputError(
            tr("--port {0} and --size {1} are two questions", port, size), tr("one after the other: leave one out")
        )
    if size is not None and not LEAST <= size <= BIGGEST:
        raise InputError(
            tr("not a packet's size: {0}", size), tr("{0} to {1} bytes; of Ethernet's MTU it is 1500", LEAST, BIGGEST)
        )
    asked = ports(port) if port is not None else [None]
    if len(asked) > 1:
        raise InputError(tr("one port at a time: {0!r}", str(port)), tr("such as --port 80 or --port 53/udp"))
    return Probe(count, asked[0], size)


@dataclass(frozen=True)
class Question:
    """Whether one reaches another at one address.

    target: the one that is asked, or an address outside.  address: empty if there is none to ask.
    rivals: who else has that address.
    """

    source: Party
    target: Party | str
    address: str
    rivals: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the one that is asked is called."""
        return self.target if isinstance(self.target, str) else self.target.name


def answers(questions: Sequence[Question], probe: Probe) -> Iterator[tuple[Question, Echo]]:
    """Each question with its answer, as they come."""
    left = [each for each in questions if not each.rivals]
    room = _room(left)
    tidied = _Tidied() if room is not None and len(left) > room else None
    while left:
        portion, left = _portion(left) if tidied else (left, [])
        if not portion:
            yield from ((each, Echo(0, 0, why=_full(each), asked=False)) for each in left)
            break
        if tidied:
            tidied.look(portion)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from zip(portion, pool.map(lambda each: _ask(each, probe), portion), strict=True)
        if tidied:
            tidied.tidy(portion)
    # Alone, so that what arrives at the one that is asked is this question.
    yield from ((each, _ask(each, probe)) for each in questions if each.rivals)


def _ask(question: Question, probe: Probe) -> Echo:
    source, target, address = question.source, question.target, question.address
    if not address:
        return _NOWHERE
    if address in source.addresses:
        return Echo(0, 0, why=tr("{0} has this address itself, and would answer itself", source.name), clear=True)
    if not question.rivals or isinstance(target, str):
        return probe.ask(source.space, address)
    before = probe.arrived(target.space, address)
    echo = probe.ask(source.space, address)
    if echo.received and probe.arrived(target.space, address) - before < echo.received:
        why = tr("another has answered: {0} has this address, too", ", ".join(question.rivals))
        return Echo(echo.sent, 0, why=why, clear=True)
    return echo


def _room(questions: Iterable[Question]) -> int | None:
    """How many of these can be asked at once, so that half of the room in the tables is left to others; None: all."""
    versions = {version(each.address) for each in questions if each.address}
    tables = [found for each in versions if (found := neighbours.table(each))]
    return min((found.room // 2 // _EACH for found in tables), default=None)


def _portion(left: list[Question]) -> tuple[list[Question], list[Question]]:
    """The next to ask, and those after them; none if no room comes."""
    end = time.monotonic() + _PATIENCE
    while (room := _room(left)) == 0 and time.monotonic() < end:
        time.sleep(_BETWEEN)
    return left[:room], left[room or len(left) :] if room != 0 else left


def _full(question: Question) -> str:
    found = neighbours.table(version(question.address))
    return tr(
        "no room in the kernel's neighbour table, one for all namespaces of this machine: {0} of {1}; {2}",
        found.entries if found else "?",
        found.most if found else "?",
        neighbours.widening(version(question.address), found.most if found else 0),
    )


class _Tidied:
    """The neighbour entries of namespaces, of which those go that came with our questions."""

    def __init__(self) -> None:
        self._before: dict[Space, frozenset[tuple[str, str]]] = {}

    def look(self, portion: Sequence[Question]) -> None:
        """Remember what namespaces have that were not asked yet."""
        new = [space for space in _spaces(portion) if space not in self._before]
        self._before |= zip(new, _each(neighbours.neighbours, new), strict=True)

    def tidy(self, portion: Sequence[Question]) -> None:
        """Take away what has come."""
        _each(self._forget, _spaces(portion))

    def _forget(self, space: Space) -> None:
        neighbours.forget(space, neighbours.neighbours(space) - self._before[space])


def _spaces(portion: Sequence[Question]) -> list[Space]:
    """The namespaces that such questions pass: of those who ask and are asked, and the host's between them."""
    asking = (each.source.space for each in portion)
    asked = (each.target.space for each in portion if isinstance(each.target, Party))
    return list(dict.fromkeys((here(), *asking, *asked)))


def _each(do: Callable[[Space], T], spaces: Sequence[Space]) -> list[T]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(do, spaces))
