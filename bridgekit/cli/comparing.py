"""`explain-option`: the difference that an option makes to the host, and to a container."""

from __future__ import annotations

import json as data
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bridgekit import streams
from bridgekit.cli.manual import Command
from bridgekit.cli.options import Lang, locale_language
from bridgekit.errors import InputError
from bridgekit.recipes import RECIPES
from bridgekit.translation import tr
from bridgekit.wide import prose

if TYPE_CHECKING:
    from bridgekit.plan import Plan
    from bridgekit.render.as_diff import Change

# The commands whose options these are, each with what it is asked about: a network, a container.
_SAMPLES = {"docker0": (), "network": ("blue",), "wire": ("web",)}
_OF = typer.Option(help="whose options they are; default: the first that has them", metavar="{docker0|network|wire}")
_CONTAINER = ("web", "--publish", "8080:80")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    as_typed = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
    app.command(cls=Command, context_settings=as_typed)(explain_option)


def explain_option(
    option: Annotated[
        list[str],
        typer.Argument(help="as the engine writes them: --icc=false", metavar="OPTION...", show_default=False),
    ],
    of: Annotated[str | None, _OF] = None,
    lang: Lang = None,
    json: Annotated[bool, typer.Option("--json", help="print it as data")] = False,
) -> None:
    """Say what an option changes: rules, kernel parameters and links, against the default."""
    from bridgekit.render.as_diff import changes

    language = lang or locale_language()
    found = [(old, new, changes(old, new, language)) for old, new in _pairs(_owner(option, of), option)]
    if json:
        form = [
            {"command": new.command, "default": old.command, "changes": list(map(asdict, made))}
            for old, new, made in found
        ]
        streams.use_utf8()
        print(data.dumps(form, indent=2, ensure_ascii=False))
        return
    print(*_lines(found, language), sep="\n")


def _lines(found: Sequence[tuple[Plan, Plan, list[Change]]], lang: str) -> Iterator[str]:
    """Each comparison with its title and changes; the first one also if nothing changes."""
    anywhere = any(made for _, _, made in found)
    for number, (old, new, made) in enumerate(found):
        if made or not number:
            yield prose(_title(old, new, bool(made), anywhere, lang), sys.stdout)
        reasons: set[str] = set()
        for each in made:
            reason = "" if each.reason in reasons else each.reason  # of many lines it is one
            reasons.add(each.reason)
            yield f"{each.mark} {each.command}"
            yield prose(f"    {each.sentence}  {reason}".rstrip(), sys.stdout)


def _title(old: Plan, new: Plan, differs: bool, anywhere: bool, lang: str) -> str:
    from bridgekit.explain import phrase

    if differs:
        return phrase("compared", lang, command=new.command, usual=old.command)
    if anywhere:
        return phrase("same_for_the_host", lang, command=new.command, usual=old.command)
    return phrase("no_difference", lang, command=new.command)


def _owner(words: Sequence[str], of: str | None) -> str:
    """The command that has these options."""
    from bridgekit.recipes.reading import has_option, options

    if of is not None and of not in _SAMPLES:
        raise InputError(tr("no command with options of the engine: {0!r}", of), tr("one of: {0}", ", ".join(_SAMPLES)))
    given = [word for word in words if word.startswith("-")]
    if not given:
        raise InputError(tr("not an option: {0!r}", words[0]), tr("as the engine writes it: --icc=false"))
    asked = (of,) if of else tuple(_SAMPLES)
    having = {word: [name for name in asked if has_option(RECIPES[name], word)] for word in given}
    unknown = [word for word, names in having.items() if not names]
    if unknown:
        known = "".join(f"\n    {name}: {' '.join(options(RECIPES[name]))}" for name in asked)
        raise InputError(
            tr("not an option of {0}: {1}", ", ".join(asked), " ".join(unknown)), tr("known are{0}", known)
        )
    for name in asked:
        if all(name in names for names in having.values()):
            return name
    whose = ", ".join(f"{word} ({' or '.join(names)})" for word, names in having.items())
    raise InputError(
        tr("no one command has all of these: {0}", whose), tr("ask of each command's options by themselves")
    )


def _pairs(name: str, words: Sequence[str]) -> list[tuple[Plan, Plan]]:
    """The plans without and with the options: of the command itself, then of a container on that network."""
    from bridgekit.recipes.networks import DEFAULT
    from bridgekit.recipes.reading import from_words

    recipe, sample = RECIPES[name], _SAMPLES[name]
    old, new = from_words(recipe, sample), from_words(recipe, (*sample, *words))
    if name == "wire":
        return [(old, new)]
    network = ("--network", sample[0] if sample else DEFAULT)
    made_by = ("--made-by", shlex.join([name, *sample, *words]))
    asked = _CONTAINER[:1] if new.parameters.get("internal") else _CONTAINER  # such a network publishes nothing
    wire, container = RECIPES["wire"], (*asked, *network)
    return [(old, new), (from_words(wire, container), from_words(wire, (*container, *made_by)))]
