"""The options that every recipe and lesson has."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from inspect import Parameter
from typing import Annotated, Any, get_args, get_origin

import typer

from bridgekit import names
from bridgekit.cli.complete import one_of
from bridgekit.errors import InputError
from bridgekit.recipes.named import OneOf
from bridgekit.translation import tr


@dataclass(frozen=True)
class Options:
    """What the common options said."""

    dry_run: bool = False
    output: str | None = None
    style: str = "script"
    dialect: str = "modern"
    lang: str | None = None
    step: bool | None = None
    sandbox: bool | None = None
    yes: bool = False
    json: bool = False
    name: str | None = None
    replace: bool = False
    stay: bool = False
    probes: bool = True
    usual: str = "script"  # the style, where none is said

    @property
    def language(self) -> str:
        """The language asked for, or the locale's."""
        return self.lang or locale_language()

    def given(self) -> set[str]:
        """The names of those that are not as they are by default."""
        return {each.name for each in fields(self) if getattr(self, each.name) != each.default}

    def as_typed(self) -> str:
        """The options that change a script's text, as they would be typed."""
        words = [f"--name {self.name}"] if self.name else []
        words += [f"--style {self.style}"] if self.style not in (self.usual, "plain") else []
        words += [f"--dialect {self.dialect}"] if self.dialect != "modern" else []
        words += ["--no-probes"] if not self.probes else []
        words += ["--stay"] if self.stay else []
        words += [f"--lang {self.language}"] if self.language != "en" else []
        return "".join(f" {word}" for word in words)


Lang = Annotated[str | None, typer.Option(help="en or zh; default: the locale's", metavar="{en|zh}")]


def locale_language() -> str:
    """`zh` in a Chinese locale, else `en`."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"


def word(name: str, kind: object) -> str:
    """What stands for a value in help and usage: a parameter's name, or N for a number."""
    return "N" if int in (kind, *get_args(kind)) else name.replace("_", "-").upper()


def several(kind: object) -> bool:
    """Whether an argument takes more than one value."""
    return any(get_origin(each) is list for each in (kind, *get_args(kind)))


def integer(value: object) -> int:
    """A number as typer hands it over: as it was typed, or the default.  Raises InputError."""
    return names.whole(str(value))


def reject_conflicts(options: Options, running: bool) -> None:
    """Refuse options that contradict each other.  Raises InputError."""
    if running and options.style == "plain":
        raise InputError(
            tr("plain style has no guards and no undo, so it is not run"), tr("add --dry-run, or leave --style out")
        )
    if options.replace and not running:
        raise InputError(
            tr("--replace is for a run, and this is none"), tr("of a script it is: bash FILE up --replace")
        )
    if options.replace and options.step:
        raise InputError(tr("--replace and --step exclude each other"), tr("undo the run first: bridgekit undo NAME"))


def reject_teaching(options: Options) -> None:
    """Refuse to teach what does not go step by step.  Raises InputError."""
    if options.style == "batch":
        raise InputError(
            tr("batch style does many steps at once, so it is not taught"), tr("add --yes, or leave --style out")
        )


_FLAGS: dict[str, tuple[Any, tuple[str, ...], str]] = {
    "dry_run": (bool, ("--dry-run", "-n"), "print the script and nothing else"),
    "output": (str | None, ("--output", "-o"), "write the script to this file, executable; `-`: print it"),
    "style": (
        str,
        ("--style",),
        "script (with guards and undo), plain (the bare commands), or batch (a script in few processes)",
    ),
    "dialect": (str, ("--dialect",), "modern (ip, bridge) or document (brctl, ifconfig, route)"),
    "lang": (str | None, ("--lang",), "the language of what is said; default: the locale's"),
    "step": (bool | None, ("--step/--no-step",), "one explained step at a time"),
    "sandbox": (bool | None, ("--sandbox/--no-sandbox",), "in a throw-away host, or on this one"),
    "yes": (bool, ("--yes", "-y"), "ask nothing"),
    "json": (bool, ("--json",), "print the plan as data"),
    "name": (str | None, ("--name",), "the name of the run"),
    "replace": (bool, ("--replace",), "undo the run of this name first, if it has other parameters"),
    "stay": (bool, ("--stay",), "mark the run: `bridgekit watch` does it again when its guest starts"),
    "probes": (bool, ("--probes/--no-probes",), "with or without its probes"),
}


def flags() -> set[str]:
    """The words that are common options."""
    return {word for _, words, _ in _FLAGS.values() for each in words for word in each.split("/")}


_WORDS = {"output": "FILE", "name": "NAME"}
_CHOICES = {
    "style": OneOf(("script", "plain", "batch")),
    "dialect": OneOf(("modern", "document")),
    "lang": OneOf(("en", "zh")),
}


def _option(name: str, flags: tuple[str, ...], text: str) -> Any:
    if name not in _CHOICES:
        return typer.Option(*flags, help=text, metavar=_WORDS.get(name))
    choices = _CHOICES[name]
    return typer.Option(*flags, help=text, metavar=str(choices), autocompletion=one_of(choices.values))


def parameters(lesson: bool) -> list[Parameter]:
    """The common options as parameters for typer; lessons can leave their probes out, and do not stay."""
    defaults = Options()
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=getattr(defaults, name),
            annotation=Annotated[kind, _option(name, flags, text)],
        )
        for name, (kind, flags, text) in _FLAGS.items()
        if name != ("stay" if lesson else "probes")
    ]
