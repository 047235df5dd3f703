"""What all operations are: frozen values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import TypeVar, dataclass_transform

from bridgekit.words import Text

Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True)
def operation(kind: type[Kind]) -> type[Kind]:
    """A dataclass of Values; what all share is written once below, which makes importing many of them quick."""
    return dataclass(repr=False, eq=False)(kind)


class Value:
    """Frozen once made; two are equal when their type and their fields are."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super().__setattr__(name, value)

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
