"""Who reaches whom: each of the host, its guests and addresses outside, asked by each, against what should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bridgekit import names
from bridgekit.errors import HostError, InputError
from bridgekit.facts.ask import present
from bridgekit.facts.pings import Echo, ping
from bridgekit.names import Guest
from bridgekit.translation import tr
from bridgekit.verify import expectations
from bridgekit.verify.expectations import Rule
from bridgekit.verify.parties import HOST, Party, parties

MOST = 100
_AT_ONCE = 32
_NOWHERE = Echo(0, 0, why=tr("no address to ask"))


@dataclass(frozen=True)
class Question:
    """Whether one reaches another at one address.  address: empty if there is none to ask."""

    source: Party
    target: str
    address: str


@dataclass(frozen=True)
class Result:
    """The answer to a question.

    expected: whether it should work.
    """

    source: str
    target: str
    address: str
    echo: Echo
    expected: bool

    @property
    def ok(self) -> bool:
        """Whether it is as it should be; one answer is enough to work, and silence counts only if it was asked."""
        return self.echo.asked and (self.echo.received > 0) == self.expected

    def to_json(self) -> dict[str, Any]:
        """The same as plain data: loss in percent, rtt in milliseconds."""
        return {
            "from": self.source,
            "to": self.target,
            "address": self.address,
            "sent": self.echo.sent,
            "received": self.echo.received,
            "loss": self.echo.loss,
            "rtt": self.echo.rtt,
            "why": self.echo.why,
            "expected": "works" if self.expected else "fails",
            "ok": self.ok,
        }


@dataclass(frozen=True)
class Matrix:
    """All results, and the guests that were left out because they have no address."""

    results: tuple[Result, ...]
    left_out: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all is as it should be."""
        return all(result.ok for result in self.results)


def verify(
    guests: Sequence[str] = (),
    to: Sequence[str] = (),
    expect: str | None = None,
    count: int = 3,
    heard: Callable[[int, int], None] = lambda _done, _all: None,
) -> Matrix:
    """Ask each of host and guests, from each other one, and the addresses outside from all.

    guests: as on the command line (`web`, `podman:web`, `pid:4242`, `netns:red`); none: all containers and
    named namespaces.
    to: addresses outside, without prefix.  expect: a file of expectations.  count: packets a question, 1 to 100.
    heard: is told how many questions are answered, and of how many.
    Raises InputError (before anything is asked), HostError.
    """
    chosen, outside = _guests(guests), tuple(dict.fromkeys(str(names.target(each)) for each in to))
    rules = expectations.read(expect) if expect is not None else ()
    if not 1 <= count <= MOST:
        raise InputError(tr("not a count: {0}", count), tr("1 to {0} packets for each question", MOST))
    if not present("ping"):
        raise HostError(tr("the program `ping` is missing"), "apt-get install iputils-ping")
    present_ones, left_out = parties(chosen)
    asked = list(_questions(present_ones, outside))
    if not asked:
        raise HostError(tr("there is nobody to ask: no running guest with an address"), tr("--to ADDRESS asks outside"))
    wanted = _expected(rules, present_ones, asked)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        echoes = []
        for echo in pool.map(lambda question: _ask(question, count), asked):
            echoes.append(echo)
            heard(len(echoes), len(asked))
    results = (
        Result(question.source.name, question.target, question.address, echo, works)
        for question, echo, works in zip(asked, echoes, wanted, strict=True)
    )
    return Matrix(tuple(results), tuple(left_out))


def _guests(texts: Sequence[str]) -> list[Guest]:
    chosen = [names.guest(text) for text in texts]
    for number, guest in enumerate(chosen):
        if guest in chosen[:number]:
            raise InputError(tr("named twice: {0!r}", str(guest)), tr("each guest once"))
        if str(guest) == HOST:
            raise InputError(tr("`host` is this host, which always takes part"), tr("leave it out"))
    return chosen


def _questions(everyone: Sequence[Party], outside: Sequence[str]) -> Iterator[Question]:
    for source in everyone:
        for target in everyone:
            if source.space != target.space:
                for address in target.asked_by(source) or ("",):
                    yield Question(source, target.name, address)
        for address in outside:
            yield Question(source, address, address)


def _expected(rules: Sequence[Rule], everyone: Sequence[Party], asked: Sequence[Question]) -> list[bool]:
    sources = [party.name for party in everyone]
    known = dict.fromkeys((*sources, *(each.target for each in asked), *(each.address for each in asked)))
    expectations.check_names(rules, sources, [name for name in known if name])
    return [expectations.works(rules, each.source.name, (each.target, each.address)) for each in asked]


def _ask(question: Question, count: int) -> Echo:
    return ping(question.source.space, question.address, count) if question.address else _NOWHERE
