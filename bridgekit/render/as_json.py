"""Plan -> JSON and back: a stable shape, version 1."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from bridgekit import operations, plan, words
from bridgekit.errors import InputError
from bridgekit.plan import Plan, Step

VERSION = 1
_CLASSES = {
    name: kind
    for module in (operations, plan, words)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind)
}


def to_json(made: Plan) -> str:
    """A plan as JSON."""
    form = {
        "version": VERSION,
        "name": made.name,
        "recipe": made.recipe,
        "parameters": dict(made.parameters),
        "command": made.command,
        "guests": list(made.guests),
        "steps": [_out(step) for step in made.steps],
    }
    return json.dumps(form, indent=2, ensure_ascii=False)


def _out(value: object) -> object:
    if is_dataclass(value):
        kept = {each.name: getattr(value, each.name) for each in fields(value)}
        return {"kind": type(value).__name__} | {name: _out(item) for name, item in kept.items()}
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
            raise InputError(f"not a version of a plan: {form['version']!r}", f"this bridgekit reads {VERSION}")
        steps = tuple(_step(item) for item in form["steps"])
        made = Plan(form["name"], form["recipe"], steps, form["parameters"], form["command"], tuple(form["guests"]))
        return made.renamed(made.name)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"not a plan: {error}", "the form is in the README") from None


def _step(item: object) -> Step:
    made = _in(item)
    if not isinstance(made, Step):
        raise TypeError("a step is expected")
    return made


def _in(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_in(item) for item in value)
    if isinstance(value, dict) and "kind" in value:
        return _CLASSES[value["kind"]](**{name: _in(item) for name, item in value.items() if name != "kind"})
    if isinstance(value, dict):
        return {name: _in(item) for name, item in value.items()}
    return value
