"""Who reaches whom: each of the host, its guests and addresses outside, asked by each, against what should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bridgekit import names
from bridgekit.errors import HostError, InputError
from bridgekit.facts.ask import present
from bridgekit.facts.connections import listeners
from bridgekit.facts.pings import Echo
from bridgekit.names import Guest
from bridgekit.names.ports import Port
from bridgekit.translation import tr
from bridgekit.verify import expectations
from bridgekit.verify.expectations import Rule
from bridgekit.verify.parties import HOST, Party, parties
from bridgekit.verify.probing import Probe, Question, answers, checked
from bridgekit.verify.reasons import Reason, Reasons

__all__ = ["Matrix", "Probe", "Reason", "Result", "checked", "verify"]

_SMALL = Probe()
OK, LOSSY, FAILED, NOT_ASKED = tr("ok"), tr("lossy"), tr("FAILED"), tr("not asked")


@dataclass(frozen=True)
class Result:
    """The answer to a question.

    expected: whether it should work.  reasons: what may be why it does not.
    """

    source: str
    target: str
    address: str
    echo: Echo
    expected: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> str:
        """`ok`, as it should be; `lossy`, some answers are missing; `FAILED`; `not asked`, so that nothing is known.

        One answer is enough where none should come.
        """
        if not self.echo.asked:
            return NOT_ASKED
        if self.expected and 0 < self.echo.received < self.echo.sent:
            return LOSSY
        return OK if (self.echo.received > 0) == self.expected else FAILED

    @property
    def ok(self) -> bool:
        """Whether it is as it should be."""
        return self.verdict == OK

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
            "result": self.verdict.lower(),
            "ok": self.ok,
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True)
class Matrix:
    """All results; the guests that were left out because they have no address, and those where nothing listens."""

    results: tuple[Result, ...]
    left_out: tuple[str, ...]
    silent: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all is as it should be."""
        return all(result.ok for result in self.results)

    @property
    def unexplained(self) -> int:
        """How many were asked in vain, and no reason was found."""
        failed = (each for each in self.results if each.expected and each.verdict in (LOSSY, FAILED))
        return sum(not each.reasons and not each.echo.clear for each in failed)

    @property
    def reasons(self) -> dict[Reason, list[Result]]:
        """Each reason once, with the results that it may explain."""
        found: dict[Reason, list[Result]] = {}
        for result in self.results:
            for reason in result.reasons:
                found.setdefault(reason, []).append(result)
        return found


def verify(
    guests: Sequence[str] = (),
    to: Sequence[str] = (),
    expect: str | None = None,
    probe: Probe = _SMALL,
    why: bool = True,
    heard: Callable[[int, int], None] = lambda _done, _all: None,
) -> Matrix:
    """Ask each of host and guests, from each other one, and the addresses outside from all.

    guests: as on the command line (`web`, `podman:web`, `pid:4242`, `netns:red`); none: all containers and
    named namespaces.
    to: addresses outside, without prefix.  expect: a file of expectations.  probe: what each is asked.
    why: whether to look for reasons where something fails.  heard: is told how many questions are answered, and of
    how many.
    Raises InputError (before anything is asked), HostError.
    """
    chosen, outside = _guests(guests), tuple(dict.fromkeys(str(names.target(each)) for each in to))
    rules = expectations.read(expect) if expect is not None else ()
    if not probe.port and not present("ping"):
        raise HostError(tr("the program `ping` is missing"), "apt-get install iputils-ping")
    present_ones, left_out = parties(chosen)
    silent = _silent(present_ones, rules, probe.port) if probe.port else []
    asked = list(_questions(present_ones, outside, silent))
    if not asked:
        raise _nobody(probe.port, silent, outside)
    wanted = dict(zip(asked, _expected(rules, present_ones, asked), strict=True))
    echoes: dict[Question, Echo] = {}
    for question, echo in answers(asked, probe):
        echoes[question] = echo
        heard(len(echoes), len(asked))
    found = {each: Result(each.source.name, each.name, each.address, echoes[each], wanted[each]) for each in asked}
    if why:
        found |= _explained(found, Reasons(probe))
    return Matrix(tuple(found.values()), tuple(left_out), tuple(silent))


def _explained(found: Mapping[Question, Result], reasons: Reasons) -> dict[Question, Result]:
    """Those that do not work, with what may be why; of each source one after the other, in case time ends."""
    wrong = [each for each, result in found.items() if result.expected and result.verdict in (LOSSY, FAILED)]
    turns: Counter[str] = Counter()
    in_turn: list[tuple[int, Question]] = []
    for each in wrong:
        turns[each.source.name] += 1
        in_turn.append((turns[each.source.name], each))
    in_turn.sort(key=lambda each: each[0])
    return {each: replace(found[each], reasons=reasons.of(each, found[each].echo)) for _, each in in_turn}


def _silent(everyone: Sequence[Party], rules: Sequence[Rule], port: Port) -> list[str]:
    """Those in whose network nothing listens on a port, and of whom no expectation says that it does."""
    insisted = {rule.target for rule in rules if rule.works}
    return [each.name for each in everyone if each.name not in insisted and listeners(each.space, port) == ()]


def _nobody(port: Port | None, silent: Sequence[str], outside: Sequence[str]) -> HostError:
    if outside:
        return HostError(
            tr("{0} is this host's own, and nobody else is here to ask for it", ", ".join(outside)),
            tr("--to ADDRESS is for one outside"),
        )
    if port and silent:
        hint = tr("start what shall answer; `* -> NAME: works` in a file for --expect asks all the same")
        return HostError(tr("nothing listens on {0} in any network here: {1}", port, ", ".join(silent)), hint)
    return HostError(tr("there is nobody to ask: no running guest with an address"), tr("--to ADDRESS asks outside"))


def _guests(texts: Sequence[str]) -> list[Guest]:
    chosen = [names.guest(text) for text in texts]
    for number, guest in enumerate(chosen):
        if guest in chosen[:number]:
            raise InputError(tr("named twice: {0!r}", str(guest)), tr("each guest once"))
        if str(guest) == HOST:
            raise InputError(tr("`host` is this host, which always takes part"), tr("leave it out"))
    return chosen


def _questions(everyone: Sequence[Party], outside: Sequence[str], silent: Collection[str]) -> Iterator[Question]:
    for source in everyone:
        for target in everyone if source.asks else ():
            if source.space != target.space and target.name not in silent:
                for address in target.asked_by(source) or ("",):
                    yield Question(source, target, address, _rivals(everyone, source, target, address))
        for address in outside if source.asks else ():
            if not (source.space.is_host and address in source.addresses):
                yield Question(source, address, address)


def _rivals(everyone: Sequence[Party], source: Party, target: Party, address: str) -> tuple[str, ...]:
    """Who else has an address, so that it may be he who answers."""
    others = (each for each in everyone if each.space not in (source.space, target.space))
    return tuple(each.name for each in others if address in each.addresses)


def _expected(rules: Sequence[Rule], everyone: Sequence[Party], asked: Sequence[Question]) -> list[bool]:
    sources = [party.name for party in everyone]
    known = dict.fromkeys((*sources, *(each.name for each in asked), *(each.address for each in asked)))
    expectations.check_names(rules, sources, [name for name in known if name])
    return [expectations.works(rules, each.source.name, (each.name, each.address)) for each in asked]
