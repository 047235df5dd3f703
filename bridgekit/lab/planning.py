"""What `up` would do here now: the steps of the plan in force that it would take back, and those that it would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridgekit import journal, operations as op
from bridgekit.errors import HostError
from bridgekit.lab.building import plan
from bridgekit.lab.inforce import labs
from bridgekit.names import version
from bridgekit.plan import Plan, Step
from bridgekit.render import batch, script
from bridgekit.run import heard

_SO, _NOT_SO = ("ok ", "same ", "past "), ("MISSING ", "WRONG ")  # of a step


@dataclass(frozen=True)
class Changes:
    """Sentences of steps.  going: newest first.  coming: in order."""

    going: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()


def changes(made: Plan, lang: str = "en") -> Changes:
    """What `up` of this plan would do here now.  Raises HostError if it would be refused."""
    rendered = batch(made, lang=lang)
    new = {piece.number: piece.say for piece in rendered.pieces if not piece.is_probe}
    before = next((each for each in labs() if each.run.name == made.name), None)
    if before is None:
        return Changes((), tuple(new.values()))
    code, said, complaint = heard(rendered, "up", {}, "-n")
    if code not in (0, 1):
        raise HostError(complaint)
    missing = {int(line.split()[1].partition("/")[0]) for line in said if line.startswith(_NOT_SO)}
    commands = [line for line in said if not line.startswith((*_NOT_SO, *_SO))]
    old = plan(before.loaded, "-", *before.run.plan[2:])
    numbers, unknown = _taken(journal.undo_lines(before.run.name), commands)
    steps = _numbered(old)
    numbers |= set(_fallen(steps, numbers))
    again = {_what(steps[number]) for number in numbers if number in steps}
    missing |= {number for number, step in _numbered(made).items() if _what(step) in again}
    told = {piece.number: piece.say for piece in script(old, lang=lang, explained=False).pieces}
    going = [told[number] for number in sorted(numbers, reverse=True) if number in told]
    return Changes((*unknown, *going), tuple(text for number, text in new.items() if number in missing))


def _numbered(of: Plan) -> dict[int, Step]:
    return dict(enumerate((step for step in of.steps if not step.is_need), 1))


def _what(step: Step) -> str:
    """What a step does, and where; two plans number it differently."""
    return repr((step.operation, step.where))


def _taken(lines: Iterable[tuple[str, ...]], commands: list[str]) -> tuple[set[int], list[str]]:
    """The numbers of the steps that these commands take back, and of what is part of those; and what is no command."""
    found, known = set[str](), set[str]()
    for step, parts, command in lines:
        if command in commands or not found.isdisjoint(parts.split(",")):
            found.add(step)
            known.add(command)
    return {int(each) for each in found if each.isdecimal()}, [each for each in commands if each not in known]


def _fallen(steps: Mapping[int, Step], going: set[int]) -> Iterator[int]:
    """The routes that fall: with the last IPv4 address of an interface the kernel drops those through it."""
    left, gone = set[tuple[object, str]](), set[tuple[object, str]]()
    for number, step in steps.items():
        if isinstance(step.operation, op.AddressAdd) and version(step.operation.address) == 4:
            (gone if number in going else left).add((step.where, step.operation.device))
    fallen = {("-4", *each) for each in gone - left}
    for number, step in steps.items():
        route = step.operation
        if isinstance(route, op.RouteAdd | op.RouteSpread) and (route.family, step.where, route.device) in fallen:
            yield number
