"""Plan -> JSON and back: a stable shape, version 2."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bridgekit import explain, operations, plan, words
from bridgekit.dialects import wordings
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.translation import tr

VERSION = 2
# These stand where bash expects a command, or choose one.
_KNOWN: Mapping[str, Container[str]] = {"runtime": operations.RUNTIMES, "manager": operations.MANAGERS}


def _has_fields(kind: type) -> bool:
    return is_dataclass(kind) or issubclass(kind, operations.Value)


_CLASSES: dict[str, type] = {**operations.KINDS} | {
    name: kind
    for module in (plan, words)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind)
}
_PARAMETERS = Mapping[str, str | int | bool | tuple[str, ...] | None]


def to_json(made: Plan) -> str:
    """A plan as JSON."""
    form = {
        "version": VERSION,
        "name": made.name,
        "recipe": made.recipe,
        "parameters": dict(made.parameters),
        "command": made.command,
        "guests": list(made.guests),
        "document": made.document,
        **({"identity": made.identity} if made.identity else {}),
        "steps": [_out(step) for step in made.steps],
    }
    return json.dumps(form, indent=2, ensure_ascii=False)


def _out(value: object) -> object:
    if _has_fields(type(value)):
        return {"kind": type(value).__name__} | {name: _out(item) for name, item in vars(value).items()}
    if isinstance(value, tuple):
        return [_out(item) for item in value]
    if isinstance(value, dict):
        return {name: _out(item) for name, item in value.items()}
    return value


def from_json(text: str) -> Plan:
    """The plan that `to_json` wrote.  Raises InputError."""
    try:
        form = json.loads(text)
        if form["version"] != VERSION:
            raise InputError(
                tr("not a version of a plan: {0!r}", form["version"]), tr("this bridgekit reads {0}", VERSION)
            )
        form.setdefault("identity", "")
        made: Plan = _checked(Plan(**{each.name: _in(form[each.name]) for each in fields(Plan)}))
        if not _fits(made.parameters, _PARAMETERS):
            raise TypeError("parameters are texts and numbers")
        wordings("document", made.document)
        explain.title(made, "en")
        for step in made.steps:
            explain.say(step, "en")  # a KeyError if the catalogue does not know it
        return made
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(tr("not a plan: {0}", error), tr("bridgekit help json has the form")) from None


def _in(value: Any) -> Any:
    if isinstance(value, str):
        value.encode()  # refuses what cannot be written
        if "\0" in value:
            raise ValueError("bash cannot hold a NUL")
    if isinstance(value, list):
        return tuple(_in(item) for item in value)
    if isinstance(value, dict):
        inside = {_in(name): _in(item) for name, item in value.items()}
        return _checked(_CLASSES[inside.pop("kind")](**inside)) if "kind" in inside else inside
    return value


def _checked(made: Any) -> Any:
    """Whether each field is of its type: what stands in a file was checked by no one."""
    types = get_type_hints(type(made))
    for name, value in vars(made).items():
        if not _fits(value, types.get(name, operations.Given)):
            raise TypeError(f"{type(made).__name__}.{name} cannot be {value!r}")
    settings = {"what": operations.SETTINGS} if isinstance(made, operations.LinkSet) else {}
    for name, known in {**_KNOWN, **settings}.items():
        if name in vars(made) and vars(made)[name] not in known:
            raise ValueError(f"no such {name}: {vars(made)[name]!r}")
    return made


def _fits(value: object, kind: Any) -> bool:
    inside = get_args(kind)
    match get_origin(kind):
        case origin if origin in (Union, UnionType):
            return any(_fits(value, each) for each in inside)
        case origin if origin is tuple:
            return isinstance(value, tuple) and all(_fits(item, inside[0]) for item in value)
        case origin if origin is Mapping:
            return isinstance(value, dict) and all(_fits(item, inside[1]) for item in value.values())
    return isinstance(value, kind) and (isinstance(value, bool) == (kind is bool) or kind is object)
