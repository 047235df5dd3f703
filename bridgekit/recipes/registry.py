"""`@recipe` makes a Plan of a generator of steps; a Shelf finds it by name, for the command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from inspect import Parameter, signature
from typing import ParamSpec

from bridgekit import names
from bridgekit.plan import Plan, Steps, as_steps
from bridgekit.recipes.named import guests, many

P = ParamSpec("P")


@dataclass(frozen=True)
class Procedure:
    """A recipe or lesson: its name, its words on the command line, and the function that makes its plan.

    engine: whether a Docker engine must run.  minutes: how long a learner takes; 0 for a recipe.
    verbatim: its words are another program's, options and all.
    """

    name: str
    command: str
    make: Callable[..., Plan]
    engine: bool = False
    minutes: int = 0
    verbatim: bool = False

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (self.make.__doc__ or "").strip().splitlines()[0]


_OF_MODULE: dict[str, Procedure] = {}


class Shelf(Mapping[str, Procedure]):
    """The procedures of a package by name, in order.  Each is in a module of its own, imported when it is asked for."""

    def __init__(self, package: str, *procedures: str) -> None:
        self._package, self._names = package, procedures

    def __getitem__(self, name: str) -> Procedure:
        module = f"{self._package}.{name.replace('-', '_')}"
        if name not in self._names:
            raise KeyError(name)
        loaded = import_module(module)
        make = _OF_MODULE[module].make
        setattr(import_module(self._package), make.__name__, make)  # Python has put the module there
        assert getattr(loaded, make.__name__) is make
        return _OF_MODULE[module]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def function(self, name: str) -> Callable[..., Plan]:
        """The package's `__getattr__`: a procedure as a function.  Raises AttributeError."""
        command = name.replace("_", "-")
        if command not in self._names:
            raise AttributeError(f"module {self._package!r} has no attribute {name!r}")
        return self[command].make


Facts = Callable[..., Mapping[str, object]]


def recipe(
    run_name: str, document: str = "000", facts: Facts | None = None
) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    """Register a recipe.

    run_name: its default run name, a pattern of the parameters by which several runs of it may be in force beside each
    other; with the others changed it is the same run, which `--replace` replaces.
    document: whose wording the document dialect takes.
    facts: of another program's words: what its name and its title are made of beside these, `guest` among them.
    """
    return _procedure("", run_name, document, facts=facts)


def lesson(
    name: str, minutes: int, document: str = "000", engine: bool = False, lab: str = ""
) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    """Register a lesson under its name.

    minutes: how long it takes.  document: as for a recipe.  engine: a Docker engine must run.
    lab: the lab that it walks through, one that bridgekit brings.
    """
    return _procedure("learn", name, document, engine, minutes, lab=lab)


def _procedure(
    verb: str,
    run_name: str,
    document: str,
    engine: bool = False,
    minutes: int = 0,
    facts: Facts | None = None,
    lab: str = "",
) -> Callable[[Callable[P, Steps]], Callable[P, Plan]]:
    def decorate(steps: Callable[P, Steps]) -> Callable[P, Plan]:
        name = steps.__name__.replace("_", "-")
        recipe = " ".join(filter(None, (verb, name)))

        @wraps(steps)
        def make(*args: P.args, **kwargs: P.kwargs) -> Plan:
            bound = signature(steps).bind(*args, **kwargs)
            given = dict(bound.arguments)
            bound.apply_defaults()
            made = tuple(as_steps(steps(*args, **kwargs)))
            parameters = _frozen(bound.arguments) | (dict(facts(*args, **kwargs)) if facts else {})
            return Plan(
                name=names.slug(run_name, parameters),
                recipe=recipe,
                steps=made,
                parameters=parameters,
                command=_command(f"bridgekit {recipe}", signature(steps).parameters, given, facts is not None),
                guests=_found(steps, parameters, lab) if facts is None else (str(parameters["guest"]),),
                document=document,
            )

        _OF_MODULE[steps.__module__] = Procedure(name, f"bridgekit {recipe}", make, engine, minutes, facts is not None)
        return make

    return decorate


def _frozen(given: Mapping[str, object]) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _found(steps: Callable[..., Steps], parameters: Mapping[str, object], lab: str) -> tuple[str, ...]:
    """What must be there: guests, or a lab."""
    return (*guests(signature(steps, eval_str=True).parameters, parameters), *((f"lab:{lab}",) if lab else ()))


def _command(words: str, parameters: Mapping[str, Parameter], given: Mapping[str, object], verbatim: bool) -> str:
    """The command line that gives the same plan; what equals its default is left out."""
    argv, options = list[str](), list[str]()
    for name, parameter in parameters.items():
        value, option = given.get(name, parameter.default), f"--{name.replace('_', '-')}"
        if parameter.kind is not Parameter.KEYWORD_ONLY:
            argv += [str(each) for each in many(value)]
        elif isinstance(value, bool) and value != parameter.default:
            options.append(option if value else f"--no-{option.removeprefix('--')}")
        elif value != parameter.default:
            options += [word for each in many(value) for word in (option, str(each))]
    if not verbatim and any(word.startswith("-") for word in argv):  # what begins like an option is none behind `--`
        return shlex.join([*words.split(), *options, "--", *argv])
    return shlex.join([*words.split(), *argv, *options])
