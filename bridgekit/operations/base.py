"""What all operations are: frozen values that carry their lines.

They are not dataclasses: making many of those costs a twentieth of a dry run, and this is all that is needed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar, TypeVar, dataclass_transform

from bridgekit.operations import lines
from bridgekit.words import Argv, Text, Var

Kind = TypeVar("Kind", bound="type[Value]")
KINDS: dict[str, type[Value]] = {}  # by name, for who reads a plan from a file

_MISSING = object()
_DEFAULTS: dict[type[Value], dict[str, object]] = {}


def _defaults(kind: type[Value]) -> dict[str, object]:
    """Its fields in their order, each with what it is where it is not said."""
    if kind not in _DEFAULTS:
        _DEFAULTS[kind] = {name: getattr(kind, name, _MISSING) for name in kind.__match_args__}
    return _DEFAULTS[kind]


@dataclass_transform(frozen_default=True)
def operation(kind: Kind) -> Kind:
    """Make the class's annotated names its fields, after those it inherits."""
    own = vars(kind).get("__annotations__", {}).items()
    names = tuple(name for name, hint in own if not hint.startswith("ClassVar"))
    setattr(kind, "__match_args__", (*kind.__match_args__, *names))  # noqa: B010  # mypy forbids the plain assignment
    KINDS[kind.__name__] = kind
    return kind


class Value:
    """Frozen once made; two are equal when their type and their fields are."""

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        names, defaults = self.__match_args__, _defaults(type(self))
        given = dict(zip(names, args, strict=False), **kwargs)
        own = vars(self)
        own.update(defaults)
        own.update(given)
        if len(args) > len(names) or len(given) != len(args) + len(kwargs) or len(own) > len(names):
            raise TypeError(f"{type(self).__name__} has the fields {names}, not {args} {kwargs}")
        if _MISSING in own.values():
            raise TypeError(f"{type(self).__name__} needs a {next(each for each in names if own[each] is _MISSING)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self).__name__, *vars(self).values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({inside})"


class Operation(Value):
    """Base of all operations: its lines, in the notation of `lines`, and what they make.

    line: the command.  unless: asks whether it is so already; the same question, still answered yes, is what allows the
    undo, and it is the name under which runs share what they both need.  remains: the question that allows the undo
    instead, where less than all is enough.  undo: takes it back.  possible: asks whether it can be done at all; a host
    where it cannot does without.  All but the first are in `ip`'s words in every dialect.
    sets: what it gives a value to, where undo brings back the one before; a later run that set the same inherits that.
    makes, part_of: kinds and fields, `link name`: what is there afterwards, and what takes this along when it goes.
    carries: what is known by another name afterwards, and that name; only the first: what is no longer there.
    `link name @netns`: in that namespace, rather than in the step's place.
    """

    @property
    def line(self) -> str:
        return ""

    @property
    def unless(self) -> str:
        return ""

    @property
    def remains(self) -> str:
        return ""

    @property
    def undo(self) -> str:
        return ""

    @property
    def possible(self) -> str:
        return ""

    @property
    def sets(self) -> str:
        return ""

    @property
    def makes(self) -> tuple[str, ...]:
        return ()

    @property
    def part_of(self) -> tuple[str, ...]:
        return ()

    @property
    def carries(self) -> tuple[str, str]:
        return ("", "")

    @property
    def entry(self) -> str:
        """Its name in the catalogues and in the dialects."""
        return type(self).__name__

    @property
    def values(self) -> dict[str, object]:
        """What its sentences may name."""
        return vars(self)

    def argv(self, line: str) -> Argv:
        """One of its lines, or a dialect's for it, as an argument vector."""
        return lines.fill(line, self) if line else ()


@operation
class NetnsPath(Value):
    """Where a namespace can be opened: by a process's id or by its name.  With neither it is the host's."""

    pid: Text = ""
    name: Text = ""

    def __bool__(self) -> bool:
        return bool(self.pid or self.name)

    @property
    def word(self) -> tuple[str | Var, ...]:
        """The host's is that of its first process."""
        return ("/var/run/netns/", self.name) if self.name else ("/proc/", self.pid or "1", "/ns/net")


Given = Text | Argv | NetnsPath | int


class Question(Operation):
    """Base of what differs by a question alone: its rows are data.

    QUESTIONS: each question by its name; what else its sentence names stands behind a `#`.  what: which of them.
    """

    what: str
    QUESTIONS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, what: str, **values: Given) -> None:
        known = self.takes(what)
        if not values.keys() <= known.keys() or any(known[name] and name not in values for name in known):
            raise TypeError(f"{type(self).__name__} {what!r} has the values {list(known)}, not {list(values)}")
        vars(self).update({"what": what} | {name: values.get(name, "") for name in known})

    @classmethod
    def takes(cls, what: str) -> dict[str, bool]:
        """The values of a row: whether it needs them.  Raises TypeError if there is no such row."""
        if what not in cls.QUESTIONS:
            raise TypeError(f"no such {cls.__name__}: {what!r}")
        return _named(cls.QUESTIONS[what])

    @property
    def question(self) -> str:
        """The question, in the notation of `lines`."""
        return self.QUESTIONS[self.what].partition("#")[0]


@cache
def _named(row: str) -> dict[str, bool]:
    question, _, others = row.partition("#")
    return lines.fields(question) | dict.fromkeys(others.split(), True)
