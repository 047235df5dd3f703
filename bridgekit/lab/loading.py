"""A file -> a Lab that its models let through; an error tells line and column, what was wrong, what would be right."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from bridgekit.lab import containerlab, models
from bridgekit.lab.mistakes import told
from bridgekit.lab.reading import Source, read


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
        lab = models.Lab.model_validate(source.data)
    except ValidationError as error:
        source.wrong.extend(told(source, error))
    source.judge()
    return Loaded(lab, source, tuple(notes))


def content(lab: models.Lab) -> str:
    """A lab as JSON on one line, without what is as by default; in the order of the file."""
    data = lab.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True)


def from_content(text: str) -> Loaded:
    """The lab of such JSON.  Raises InputError."""
    return valid(Source("-", json.loads(text)))
