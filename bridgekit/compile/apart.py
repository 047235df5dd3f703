"""Plans put one after the other: where two parts mean different things by one variable, the later one's is renamed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TypeVar

from bridgekit.operations import Capture, Value
from bridgekit.plan import Container, Expect, Netns, Plan, Step
from bridgekit.words import Var

Item = TypeVar("Item")


def apart(plan: Plan) -> Plan:
    """The same plan, each variable with one meaning; the first to have a name keeps it."""
    names = _Names()
    steps = tuple(map(names.step, plan.steps))
    return replace(plan, steps=steps) if names.renamed else plan


class _Names:
    """Which variable means what, as far as a plan was followed.

    A name means a default, or the question whose answer it is.  The same question, asked again, has the same name.
    """

    def __init__(self) -> None:
        self.renamed = False
        self._meanings: dict[str, object] = {}
        self._captured: dict[str, str] = {}  # a captured variable of the part that is read now, and its name in all

    def step(self, step: Step) -> Step:
        """The step with the names that its variables have from here on."""
        operation = step.operation
        if isinstance(operation, Capture):
            self._capture(operation)
        elif not step.variables:
            return step
        found = (self._of(operation), self._of(step.where), self._of(step.expect), self._of(tuple(step.facts.items())))
        if not self.renamed:
            return step
        return replace(step, operation=found[0], where=found[1], expect=found[2], facts=dict(found[3]))

    def _capture(self, capture: Capture) -> None:
        variable = capture.variable.name
        question = tuple((key, self._of(value)) for key, value in vars(capture).items() if key != "variable")
        self._captured[variable] = self._name(variable, question, also=capture.override)

    def _name(self, name: str, meaning: object, also: str = "") -> str:
        """The first of NAME, NAME_2, NAME_3 that means just that, or nothing yet.  also: one that goes with it."""
        for number in count(1):
            end = "" if number == 1 else f"_{number}"
            names = [each + end for each in (name, also) if each]
            if all(self._meanings.setdefault(each, meaning) == meaning for each in names):
                self.renamed |= number > 1
                return names[0]
        raise AssertionError

    def _of(self, value: Item) -> Item:
        """A value with the names of the variables in it."""
        found: object = value
        match value:
            case Var(name, None):
                found = replace(value, name=self._captured.get(name, name))
            case Var(name, default):
                found = replace(value, name=self._name(name, default))
            case tuple():
                found = tuple(map(self._of, value))
            case Value():
                found = object.__new__(type(value))
                vars(found).update({key: self._of(each) for key, each in vars(value).items()})
            case Netns(name):
                found = Netns(self._of(name))
            case Container(runtime, guest):
                found = Container(runtime, self._of(guest))
            case Expect():
                found = replace(value, text=self._of(value.text))
        return found  # type: ignore[return-value]  # of the same kind
