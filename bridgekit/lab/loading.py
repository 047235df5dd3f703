"""A file -> a Lab that its models let through; an error tells line and column, what was wrong, what would be right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from bridgekit.errors import InputError
from bridgekit.lab import containerlab, models
from bridgekit.lab.reading import Source, Where, read
from bridgekit.translation import tr

_WANTED = {
    "string_type": tr("a text"),
    "int_type": tr("a whole number"),
    "bool_type": tr("true or false"),
    "list_type": tr("a list"),
    "dict_type": tr("keys with values"),
    "model_type": tr("keys with values"),
    "model_attributes_type": tr("keys with values"),
}


@dataclass(frozen=True)
class Loaded:
    """A lab, where it was read, and what of the file was ignored, a line each."""

    lab: models.Lab
    source: Source
    notes: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """Its canonical content: the parameters of its run."""
        return content(self.lab)


def load(name: str) -> Loaded:
    """The lab of a file, or one that bridgekit brings.  Raises InputError."""
    return valid(read(name))


def valid(source: Source) -> Loaded:
    """The lab of what was read.  Raises InputError."""
    notes: list[str] = []
    with suppress(TypeError, AttributeError, ValueError):  # a value of another kind, which the models tell
        notes = containerlab.adapted(source)
    try:
        return Loaded(models.Lab.model_validate(source.data), source, tuple(notes))
    except ValidationError as error:
        raise _told(source, error) from None


def content(lab: models.Lab) -> str:
    """A lab as JSON on one line, without what is as by default; in the order of the file."""
    data = lab.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True)


def from_content(text: str) -> Loaded:
    """The lab of such JSON.  Raises InputError."""
    return valid(Source("-", json.loads(text)))


def _told(source: Source, error: ValidationError) -> InputError:
    """The first of its errors in the order of the file; what is missing may be there under a wrong name."""
    errors = error.errors(include_url=False)
    found = [_one(source, each) for each in errors if each["type"] != "missing"] or [_one(source, errors[0])]
    place, message, hint = min(found, key=lambda each: _line(source, each[0]))
    return source.error(place, message, hint)


def _line(source: Source, where: Where) -> tuple[int, int]:
    while where and where not in source.marks:
        where = where[:-1]
    return source.marks.get(where, (1, 1))


def _one(source: Source, error: Mapping[str, Any]) -> tuple[Where, str, str]:
    where = _within(source.data, error["loc"])
    kind, value = error["type"], error.get("input")
    shown = repr(value)[:60]
    match kind:
        case "extra_forbidden":
            known = _known(error["loc"][:-1])
            near = get_close_matches(str(error["loc"][-1]), known, 1)
            hint = tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(known))
            return where, tr("an unknown key: {0!r}", error["loc"][-1]), hint
        case "missing":
            return where, tr("the key {0!r} is missing", error["loc"][-1]), tr("it has to be said")
        case "refused":
            refusal: InputError = error["ctx"]["error"]
            return where, refusal.message, refusal.hint
        case "literal_error":
            known = [*models.KINDS, *models.ALIKE] if where[-1:] == ("kind",) else []
            near = get_close_matches(str(value), known, 1)
            hint = tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", _choices(error))
            return where, tr("a value that is not known here: {0}", shown), hint
        case "too_short" | "too_long":
            least = error["ctx"].get("min_length", error["ctx"].get("max_length"))
            return where, tr("not so many: {0}", shown), tr("it is {0}", least)
    if kind in _WANTED:
        return where, tr("not {0}: {1}", _WANTED[kind], shown), _WANTED[kind]
    return where, tr("not a value for this: {0}", shown), str(error["msg"])


def _choices(error: Mapping[str, Any]) -> str:
    return str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")


def _within(data: Any, place: tuple[str | int, ...]) -> Where:
    """The path as the file has it: pydantic names the branch of a choice, and a key that is wrong itself, too."""
    found: list[str | int] = []
    for step in place:
        if step == "[key]":
            break
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and step in range(len(data))):
            data = data[step]  # type: ignore[index]  # of a list it is a number
        elif step != place[-1]:
            continue
        found.append(step)
    return tuple(found)


def _known(place: tuple[str | int, ...]) -> list[str]:
    """The keys that are known there."""
    kind: Any = models.Lab
    for step in place:
        fields = {each.alias or name: each for name, each in kind.model_fields.items()}
        if step in fields:
            kind = _model(fields[str(step)].annotation)
    return [field.alias or name for name, field in kind.model_fields.items()]


def _model(hint: Any) -> Any:
    """The model within a field's type."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    found = (_model(each) for each in getattr(hint, "__args__", ()))
    return next((each for each in found if each is not None), None)
