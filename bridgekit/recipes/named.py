"""Which of a procedure's parameters name guests: a mark beside their help says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import get_args

from bridgekit import names


def _typed(text: str) -> str:
    return "" if text == names.HOST else text


@dataclass(frozen=True)
class Names:
    """The mark.

    guest: the guest that a value names, as it would be typed; empty: none.
    shared: whose network the other guests are started on, `host` or `container:NAME`; empty: nobody's.
    """

    guest: Callable[[str], str] = _typed
    shared: Callable[[str], str] = lambda _: ""


@dataclass(frozen=True)
class OneOf:
    """Another mark: the values to choose from."""

    values: tuple[str, ...]

    def __str__(self) -> str:  # as help and usage show it: {bind|symlink}
        return f"{{{'|'.join(self.values)}}}"


GUEST = Names()
TRUTH = OneOf(("true", "false"))
NAMESPACE = Names(lambda text: f"netns:{text}")


def marks(parameter: Parameter) -> list[Names]:
    """A parameter's marks."""
    return [mark for mark in get_args(parameter.annotation) if isinstance(mark, Names)]


def choices(parameter: Parameter) -> OneOf | None:
    """The values to choose from."""
    return next((mark for mark in get_args(parameter.annotation) if isinstance(mark, OneOf)), None)


def short(parameter: Parameter) -> list[str]:
    """The short forms of an option, `-p`, which stand behind its help."""
    return [word for word in get_args(parameter.annotation)[2:] if isinstance(word, str)]


def guests(parameters: Mapping[str, Parameter], values: Mapping[str, object]) -> tuple[str, ...]:
    """The guests that these values name; `web,container:db` and `web,host`: started on that network."""
    marked = [
        (mark, str(text))
        for name, parameter in parameters.items()
        for mark in marks(parameter)
        for text in many(values[name])
    ]
    shared = "".join(mark.shared(text) for mark, text in marked)
    found = dict.fromkeys(guest for mark, text in marked if (guest := mark.guest(text)))
    other = shared.partition(":")[2]  # first: the others are started on its network
    apart = sorted(found, key=lambda guest: guest != other)
    return tuple(f"{guest},{shared}" if shared and guest != other else guest for guest in apart)


def many(value: object) -> tuple[object, ...]:
    """The values of a parameter that may have several, or one, or none."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)
