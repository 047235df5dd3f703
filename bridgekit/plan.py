"""A plan: named, ordered steps, made from parameters alone.  It never reads the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bridgekit import names
from bridgekit.operations import Capture, GuestRun, Need, Operation, Value
from bridgekit.words import Text, Var


@dataclass(frozen=True)
class Netns:
    """A step's place: inside a named network namespace."""

    name: Text


@dataclass(frozen=True)
class Container:
    """A step's place: inside a running container, with no more rights than it has."""

    runtime: str
    guest: Text


Where = Netns | Container | None


@dataclass(frozen=True)
class Expect:
    """What a probe must show.

    ok: the command succeeds, or must fail.
    text: what its output contains, if it succeeds.
    passing: it holds only at that moment, while the network is being built.
    """

    ok: bool
    text: Text | tuple[Text, ...] = ""
    passing: bool = False


OK, FAILS = Expect(True), Expect(False)
FAILS_YET = Expect(False, passing=True)


@dataclass(frozen=True)
class Step:
    """One operation in its place.

    expect: for a probe, what it must show.
    note: the catalogue's key of a sentence that says more than the operation's own.
    facts: the values that this sentence names beside the operation's fields.
    once: it holds only while the network is being built: a later step supersedes it, so it is not done again.
    """

    operation: Operation
    where: Where = None
    expect: Expect | None = None
    note: str = ""
    facts: Mapping[str, Text] = field(default_factory=dict)
    once: bool = False

    @property
    def is_need(self) -> bool:
        """Whether this is a condition of the host rather than a numbered step."""
        return isinstance(self.operation, Need)

    @property
    def variables(self) -> list[Var]:
        """The variables in it, in order."""
        expected = self.expect.text if self.expect else ""
        return list(_variables((self.operation, self.where, expected, *self.facts.values())))


Steps = Iterator[Step | Operation]


@dataclass(frozen=True)
class Plan:
    """Ordered steps.

    name: the run's name, a file name.
    recipe: the catalogue's key of its title.
    steps: operations or Steps, in order.
    parameters: what it was made from, for its title and its JSON.
    command: the bridgekit command that makes it again.
    identity: what it is, where that command does not say all of it: words that the journal keeps.
    guests: the guests it needs to find, as the command line writes them; `web,container:db`: on that one's network;
    `lab:playground`: a lab that bridgekit brings.
    document: whose wording the document dialect takes, a key of `dialects.DOCUMENTS`.
    """

    name: str
    recipe: str
    steps: tuple[Step, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    command: str = ""
    identity: str = ""
    guests: tuple[str, ...] = ()
    document: str = "000"

    def __post_init__(self) -> None:
        names.run_name(self.name)

    @classmethod
    def of(cls, name: str, *operations: Step | Operation) -> Plan:
        """A plan made by hand from operations.  Raises InputError for a bad name."""
        return cls(name, "by-hand", tuple(as_steps(operations)))

    @classmethod
    def joined(cls, name: str, *plans: Plan) -> Plan:
        """Plans one after the other, in one.  Raises InputError for a bad name.

        Of two that mean different things by one variable, the later one's is called NAME_2 in the script.
        """
        steps = tuple(step for plan in plans for step in plan.steps)
        guests = dict.fromkeys(guest for plan in plans for guest in plan.guests)
        return cls(name, "by-hand", steps, guests=tuple(guests))

    def renamed(self, name: str) -> Plan:
        """The same plan under another name.  Raises InputError."""
        return replace(self, name=name)

    def without_probes(self) -> Plan:
        """The same plan without its probes."""
        return replace(self, steps=tuple(step for step in self.steps if step.expect is None))

    @property
    def container_ids(self) -> tuple[str, ...]:
        """The ids of the containers that the plan itself starts."""
        runs = [step.operation for step in self.steps if isinstance(step.operation, GuestRun)]
        return tuple(str(run.guest) for run in runs)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that differ per machine, each with its default (empty: captured), in order of use."""
        found: dict[str, str] = {}
        for step in self.steps:
            if isinstance(step.operation, Capture) and step.operation.override:
                found[step.operation.override] = ""
            for var in step.variables:
                if var.default is not None:
                    found.setdefault(var.name, var.default)
        return found


_BARE = (str, int, type(None))


def _variables(values: Iterable[object]) -> Iterator[Var]:
    for value in values:
        if isinstance(value, _BARE):
            continue  # most are such
        if isinstance(value, Var):
            yield value
        elif isinstance(value, tuple):
            yield from _variables(value)
        elif isinstance(value, Value | Netns | Container):
            yield from _variables(vars(value).values())


def as_steps(items: Iterable[Step | Operation]) -> Iterator[Step]:
    """Each item as a Step."""
    return (item if isinstance(item, Step) else Step(item) for item in items)


def within(netns: Text, operation: Operation, note: str = "", **facts: Text) -> Step:
    """An operation inside a named namespace."""
    return Step(operation, Netns(netns), note=note, facts=facts)


def because(note: str, operation: Operation, **facts: Text) -> Step:
    """An operation on the host, with the catalogue's note that says why."""
    return Step(operation, note=note, facts=facts)


def probe(operation: Operation, expect: Expect, note: str, where: Where = None) -> Step:
    """A question to the network, with the answer that must come and the note that says why."""
    return Step(operation, where, expect, note)
