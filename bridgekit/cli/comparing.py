"""`explain-option`: the difference that an option makes to the host, and to a container."""

from __future__ import annotations

import json as data
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from bridgekit.cli.options import locale_language
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes import RECIPES
from bridgekit.recipes.networks import DEFAULT
from bridgekit.recipes.reading import from_words, has_option

# The commands whose options these are, each with what it is asked about: a network, a container.
_SAMPLES = {"docker0": (), "network": ("blue",), "wire": ("web",)}
_CONTAINER = ("web", "--publish", "8080:80")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})(explain_option)


def explain_option(
    option: Annotated[list[str], typer.Argument(help="as the engine writes them: --icc=false", show_default=False)],
    of: Annotated[str | None, typer.Option(help="docker0, network or wire; default: the first that has them")] = None,
    lang: Annotated[str | None, typer.Option(help="en or zh; default: the locale's")] = None,
    json: Annotated[bool, typer.Option("--json", help="print it as data")] = False,
) -> None:
    """Say what an option changes: rules, kernel parameters and links, against the default."""
    from bridgekit.explain import phrase
    from bridgekit.render.as_diff import changes

    language = lang or locale_language()
    found = [(old, new, changes(old, new, language)) for old, new in _pairs(_owner(option, of), option)]
    if json:
        print(data.dumps([{"command": new.command, "changes": list(map(asdict, made))} for _, new, made in found]))
        return
    for number, (old, new, made) in enumerate(found):
        commands = {"command": new.command, "usual": old.command}
        if made:
            print(phrase("compared", language, **commands))
        elif not number:
            print(phrase("no_difference", language, **commands))
        for each in made:
            print(f"{each.mark} {each.command}\n    {each.sentence}  {each.reason}")


def _owner(words: Sequence[str], of: str | None) -> str:
    """The command that has these options."""
    if of is not None and of not in _SAMPLES:
        raise InputError(f"no command with options of the engine: {of!r}", f"one of: {', '.join(_SAMPLES)}")
    names = [word.partition("=")[0] for word in words if word.startswith("-")]
    if not names:
        raise InputError(f"not an option: {words[0]!r}", "as the engine writes it: --icc=false")
    for name in [of] if of else _SAMPLES:
        if all(has_option(RECIPES[name], each) for each in names):
            return name
    raise InputError(f"no command has {' '.join(names)}", f"see --help of: {of or ', '.join(_SAMPLES)}")


def _pairs(name: str, words: Sequence[str]) -> list[tuple[Plan, Plan]]:
    """The plans without and with the options: of the command itself, then of a container on that network."""
    recipe, sample = RECIPES[name], _SAMPLES[name]
    old, new = from_words(recipe, sample), from_words(recipe, (*sample, *words))
    if name == "wire":
        return [(old, new)]
    network = ("--network", sample[0] if sample else DEFAULT)
    made_by = ("--made-by", shlex.join([name, *sample, *words]))
    asked = _CONTAINER[:1] if new.parameters.get("internal") else _CONTAINER  # such a network publishes nothing
    wire, container = RECIPES["wire"], (*asked, *network)
    return [(old, new), (from_words(wire, container), from_words(wire, (*container, *made_by)))]
