"""A command line, read back into the plan that it makes: the inverse of what a plan has as its command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, get_args, get_origin

from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes.registry import Procedure


def from_words(procedure: Procedure, words: Sequence[str]) -> Plan:
    """The plan of the words that follow a procedure's name on a command line.  Raises InputError."""
    parameters = signature(procedure.make, eval_str=True).parameters
    found: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        name, kind = _named(option, parameters, found)
        if name is None or kind is None:
            raise InputError(f"not a word of `{procedure.command}`: {word!r}", f"see: {procedure.command} --help")
        if not option.startswith("-"):
            value = word
        elif kind is bool:
            found[name] = not option.startswith("--no-")
            continue
        elif not equals:
            value = next(rest, "")
        found[name] = [*found.get(name, ()), value] if kind is list else _value(kind, value, word)
    return procedure.make(**found)


def has_option(procedure: Procedure, option: str) -> bool:
    """Whether a procedure has an option of that name, long or short."""
    parameters = signature(procedure.make, eval_str=True).parameters
    return option.startswith("-") and _named(option, parameters, {})[0] is not None


def _named(
    option: str, parameters: Mapping[str, Parameter], found: Mapping[str, Any]
) -> tuple[str | None, type | None]:
    """The parameter that a word is for, and the type of its values."""
    for name, parameter in parameters.items():
        kind, short = _type(parameter), get_args(parameter.annotation)[2:]
        long = f"--{name.replace('_', '-')}"
        if parameter.kind is Parameter.KEYWORD_ONLY:
            if option in (long, *short) or (kind is bool and option == f"--no-{long[2:]}"):
                return name, kind
        elif not option.startswith("-") and (kind is list or name not in found):
            return name, kind
    return None, None


def _type(parameter: Parameter) -> type:
    kind = get_args(parameter.annotation)[0]
    inside = {get_origin(each) or each for each in (kind, *get_args(kind))}  # of `list[str] | None`: its parts, too
    return next(each for each in (bool, int, list, str) if each in inside)


def _value(kind: type, value: str, word: str) -> object:
    try:
        return kind(value)
    except ValueError:
        raise InputError(f"not a number: {word!r}", "digits") from None
