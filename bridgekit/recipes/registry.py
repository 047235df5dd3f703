"""`@recipe` makes a Plan of a generator of steps, and remembers it for the command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import ParamSpec

from bridgekit import names
from bridgekit.plan import Plan, Steps, as_steps

P = ParamSpec("P")


@dataclass(frozen=True)
class Procedure:
    """A recipe or lesson: its name, its words on the command line, and the function that makes its plan."""

    name: str
    command: str
    make: Callable[..., Plan]

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (self.make.__doc__ or "").strip().splitlines()[0]


RECIPES: dict[str, Procedure] = {}
LESSONS: dict[str, Procedure] = {}


def recipe(run_name: str) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    """Register a recipe; its default run name is made of its parameters."""
    return _procedure(RECIPES, "", run_name)


def lesson(name: str) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    """Register a lesson under its name."""
    return _procedure(LESSONS, "learn", name)


def _procedure(
    registry: dict[str, Procedure], verb: str, run_name: str
) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    def decorate(steps: Callable[P, Steps]) -> Callable[P, Plan]:
        name = steps.__name__.replace("_", "-")
        words = " ".join(filter(None, ("bridgekit", verb, name)))

        @wraps(steps)
        def make(*args: P.args, **kwargs: P.kwargs) -> Plan:
            bound = signature(steps).bind(*args, **kwargs)
            given = dict(bound.arguments)
            bound.apply_defaults()
            made = tuple(as_steps(steps(*args, **kwargs)))
            parameters = dict(bound.arguments)
            return Plan(
                name=names.slug(run_name.format_map(parameters)),
                recipe=name,
                steps=made,
                parameters=parameters,
                command=_command(words, signature(steps).parameters, given),
                guests=tuple(str(value) for key, value in parameters.items() if key == "guest"),
            )

        registry[name] = Procedure(name, words, make)
        return make

    return decorate


def _command(words: str, parameters: Mapping[str, Parameter], given: Mapping[str, object]) -> str:
    """The command line that gives the same plan; what equals its default is left out."""
    argv = words.split()
    for name, parameter in parameters.items():
        value = given.get(name, parameter.default)
        if parameter.kind is not Parameter.KEYWORD_ONLY:
            argv.append(str(value))
        elif value != parameter.default:
            argv += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(argv)
