"""A command line, read back into the plan that it makes: the inverse of what a plan has as its command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, get_args, get_origin

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes.named import short
from bridgekit.recipes.registry import Procedure
from bridgekit.translation import tr

Arguments = dict[str, Any]


def from_words(
    procedure: Procedure,
    words: Sequence[str],
    given: Mapping[str, str] | None = None,
    complete: Callable[[Arguments], Arguments] = lambda arguments: arguments,
) -> Plan:
    """The plan of the words that follow a procedure's name on a command line.  Raises InputError.

    given: arguments that these words are not to give.  complete: gets all of them, to fill in what was left open.
    """
    if procedure.verbatim:
        return procedure.make(list(words))
    parameters = signature(procedure.make, eval_str=True).parameters
    own, behind = _apart(words)
    found = _behind(procedure, behind, _found(procedure, own, dict(given or {})))
    missing = [name for name, each in parameters.items() if each.default is Parameter.empty and name not in found]
    if missing:
        raise InputError(
            tr("`{0}` wants: {1}", procedure.command, ", ".join(missing)), tr("see: {0} --help", procedure.command)
        )
    return procedure.make(**complete({name: found.get(name, each.default) for name, each in parameters.items()}))


def _found(procedure: Procedure, words: Sequence[str], found: Arguments) -> Arguments:
    """The arguments among words, beside those found before."""
    parameters = signature(procedure.make, eval_str=True).parameters
    before = set(found)
    rest = iter(words)
    for word in rest:
        option, value = _split(word)
        name, kind = _named(option, parameters, found)
        if name in before or name is None or kind is None:
            raise InputError(
                tr("not a word of `{0}`: {1!r}", procedure.command, word), tr("see: {0} --help", procedure.command)
            )
        if not option.startswith("-"):
            value = word
        elif kind is bool:
            found[name] = (value is None or names.truth(value)) != option.startswith("--no-")
            continue
        elif value is None:
            value = next(rest, None)
        if value is None:
            raise InputError(
                tr("an option without its value: {0!r}", word),
                tr("{0}=VALUE; see: {1} --help", word, procedure.command),
            )
        found[name] = [*found.get(name, ()), value] if kind is list else names.whole(value) if kind is int else value
    return found


def _behind(procedure: Procedure, words: Sequence[str], found: Arguments) -> Arguments:
    """With the words behind `--`, which are no options whatever they begin with."""
    parameters = signature(procedure.make, eval_str=True).parameters
    for word in words:
        name, kind = _named("", parameters, found)
        if name is None:
            raise InputError(tr("a word too many: {0!r}", word), tr("see: {0} --help", procedure.command))
        found[name] = [*found.get(name, ()), word] if kind is list else word
    return found


def _apart(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The words before `--`, and those behind it."""
    at = list(words).index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def has_option(procedure: Procedure, word: str) -> bool:
    """Whether a word is an option of a procedure, long or short, with or without a value."""
    parameters = signature(procedure.make, eval_str=True).parameters
    return word.startswith("-") and _named(_split(word)[0], parameters, {})[0] is not None


def options(procedure: Procedure) -> list[str]:
    """The names of a procedure's options, the short ones beside the long ones."""
    parameters = signature(procedure.make, eval_str=True).parameters.values()
    named = [each for each in parameters if each.kind is Parameter.KEYWORD_ONLY]
    return [form for each in named for form in (_long(each.name), *short(each))]


def _split(word: str) -> tuple[str, str | None]:
    """An option and the value that is written with it: `--icc=false`, `-p=80`, `-p80`."""
    if word.startswith("-") and not word.startswith("--"):
        return word[:2], word[2:].removeprefix("=") if word[2:] else None
    option, equals, value = word.partition("=")
    return option, value if equals else None


def _long(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _named(
    option: str, parameters: Mapping[str, Parameter], found: Mapping[str, Any]
) -> tuple[str | None, type | None]:
    """The parameter that a word is for, and the type of its values."""
    for name, parameter in parameters.items():
        kind, long = _type(parameter), _long(name)
        if parameter.kind is Parameter.KEYWORD_ONLY:
            if option in (long, *short(parameter)) or (kind is bool and option == f"--no-{long[2:]}"):
                return name, kind
        elif not option.startswith("-") and (kind is list or name not in found):
            return name, kind
    return None, None


def _type(parameter: Parameter) -> type:
    kind = get_args(parameter.annotation)[0]
    inside = {get_origin(each) or each for each in (kind, *get_args(kind))}  # of `list[str] | None`: its parts, too
    return next(each for each in (bool, int, list, str) if each in inside)
