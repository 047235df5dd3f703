"""What all operations are: frozen values.

They are not dataclasses: making many of those costs a twentieth of a dry run, and this is all that is needed of them.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar, dataclass_transform

from bridgekit.words import Text

Kind = TypeVar("Kind", bound="type[Value]")


@dataclass_transform(frozen_default=True)
def operation(kind: Kind) -> Kind:
    """Make the class's annotated names its fields, after those it inherits."""
    own = vars(kind).get("__annotations__", {}).items()
    names = tuple(name for name, hint in own if not hint.startswith("ClassVar"))
    setattr(kind, "__match_args__", (*kind.__match_args__, *names))  # noqa: B010  # mypy forbids the plain assignment
    return kind


class Value:
    """Frozen once made; two are equal when their type and their fields are."""

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        names = self.__match_args__
        given = dict(zip(names, args, strict=False)) | kwargs
        if len(args) > len(names) or len(given) != len(args) + len(kwargs) or not given.keys() <= set(names):
            raise TypeError(f"{type(self).__name__} has the fields {names}, not {args} {kwargs}")
        for name in names:
            if name not in given and not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} needs a {name}")
            vars(self)[name] = given.get(name, getattr(type(self), name, None))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self).__name__, *vars(self).values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({inside})"


@operation
class Operation(Value):
    """Base of all operations."""


@operation
class NetnsPath(Value):
    """Where a namespace can be opened: by a process's id or by its name.  With neither it is the host's."""

    pid: Text = ""
    name: Text = ""
