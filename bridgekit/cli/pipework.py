"""`pipework`: a recipe whose words are another program's, and what that program could not: explain, list, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from bridgekit import names
from bridgekit.cli import procedures
from bridgekit.cli.found import completed
from bridgekit.cli.manual import Command, told
from bridgekit.cli.options import Options, flags, parameters
from bridgekit.errors import HostError, InputError
from bridgekit.recipes.registry import Procedure
from bridgekit.translation import tr

# Its own options come before the other program's words, so that none of these is taken for one.
_SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
_ALWAYS = {"lang", "yes"}
_HEEDED = {"--explain": _ALWAYS, "--list": {*_ALWAYS, "json"}, "--wait": _ALWAYS, "--remove": {*_ALWAYS, "dry_run"}}
_OWN: dict[str, tuple[Any, Any, Any]] = {
    "words": (
        list[str] | None,
        typer.Argument(
            metavar="WORD...", show_default=False, help="pipework's words, as `bridgekit help pipework` explains them"
        ),
        None,
    ),
    "explain": (bool, typer.Option("--explain", help="print the recipe command that does the same"), False),
    "listed": (bool, typer.Option("--list", help="list what pipework did here and is in force"), False),
    "wait": (bool, typer.Option("--wait", help="wait for an interface: --wait [-i GUESTIF] [GUEST]"), False),
    "remove": (bool, typer.Option("--remove", help="take it back: --remove GUEST [INTERFACE]"), False),
}


def add(app: typer.Typer, procedure: Procedure) -> None:
    """Make its command."""
    common = {each.name for each in fields(Options)}

    def command(words: list[str] | None, explain: bool, listed: bool, wait: bool, remove: bool, **values: Any) -> None:
        options = Options(**{name: value for name, value in values.items() if name in common})
        _reject({"--explain": explain, "--list": listed, "--wait": wait, "--remove": remove}, options)
        if wait:
            _wait(words or [])
        elif listed or remove:
            _of_runs(words or [], listed, remove, options)
        else:
            _do(words or [], explain, options, procedure)

    own = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info])
        for name, (kind, info, default) in _OWN.items()
    ]
    command.__signature__ = Signature(own + parameters(False))  # type: ignore[attr-defined]  # what typer reads
    text = told(procedure.make.__doc__)
    app.command(procedure.name, cls=Command, help=text, context_settings=_SETTINGS)(command)


def _reject(asked: dict[str, bool], options: Options) -> None:
    """Refuse two things at once, and options that what is asked for would not heed.  Raises InputError."""
    several = [word for word, given in asked.items() if given]
    if len(several) > 1:
        raise InputError(tr("{0} at once", " and ".join(several)), tr("one of them"))
    for word in several:
        for name in sorted(options.given() - _HEEDED[word]):
            raise InputError(tr("{0} is not for {1}", f"--{name.replace('_', '-')}", word), tr("leave one of them out"))


def _reject_behind(words: Sequence[str]) -> None:
    """An option of ours stands at the wrong place.  Raises InputError."""
    from bridgekit.recipes.pipe_words import VERBS

    for word in words if words[:1] and words[0] not in VERBS else ():
        if word.partition("=")[0] in flags() | set(_HEEDED) - {"--wait"}:
            hint = f"bridgekit pipework {word} HOSTIF ..."
            raise InputError(tr("an option behind pipework's words: {0!r}", word), hint)


def _do(words: list[str], explain: bool, options: Options, procedure: Procedure) -> None:
    from bridgekit.recipes import pipe_forms

    _reject_behind(words)
    given = completed({"words": words})
    plan = procedure.make(**given)
    if explain:
        print("\n".join(call.plan().command for call in pipe_forms.calls(given["words"])))
    else:
        procedures.go(plan, options, procedure)


def _wait(words: Sequence[str]) -> None:
    """Until the interface is up and has an address: in a guest, or where this command is run."""
    from bridgekit.facts.waiting import wait

    given, guests, rest = {"-i": "eth1", "--timeout": "30"}, list[str](), iter(words)
    for word in rest:
        if word in given:
            given[word] = next(rest, "")
        else:
            guests.append(word)
    if len(guests) > 1 or any(guest.startswith("-") for guest in guests):
        raise InputError(
            tr("not GUEST: {0!r}", " ".join(guests)), "bridgekit pipework --wait [-i IF] [--timeout N] [GUEST]"
        )
    print("\n".join(wait(guests[0] if guests else None, given["-i"], names.whole(given["--timeout"]))))


def _of_runs(words: Sequence[str], listed: bool, remove: bool, options: Options) -> None:
    """List or take back what pipework did: of all guests, of one, or one of its interfaces."""
    from bridgekit import upkeep
    from bridgekit.cli.in_force import show, take_back

    if (listed and remove) or len(words) > 2 or (remove and not words):
        raise InputError(tr("not GUEST [INTERFACE]: {0!r}", " ".join(words)), "bridgekit pipework --remove GUEST [IF]")
    found = [run for run in upkeep.of_recipe("pipework") if _is_of(run.plan[2:], words)]
    together = {_told(run.plan[2:])["interface"] for run in found} - set(words[1:]) if words[1:] else set()
    if remove and together:
        raise HostError(
            tr("one call made {0} with others, and they go together: {1}", words[1], ", ".join(map(str, together))),
            f"bridgekit pipework --remove {words[0]} {next(iter(together))}",
        )
    if listed:
        show(found, options.json)
    elif not found:
        raise HostError(
            tr("pipework did nothing that is in force for {0}", " ".join(words)), "bridgekit pipework --list"
        )
    else:
        take_back([run.name for run in reversed(found)], options.language, False, options.dry_run)


def _told(said: Sequence[str]) -> Mapping[str, object]:
    from bridgekit.recipes import pipe_forms

    try:
        return pipe_forms.told(said)
    except InputError:
        return {"guest": "", "interface": ""}  # another version's


def _is_of(said: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a call was about this guest, and this interface or all of these: `eth1`, `eth1+eth2`."""
    from bridgekit.recipes.pipe_words import AND

    known = _told(said)
    made = str(known["interface"])
    return words[:1] in ([], [known["guest"]]) and (len(words) < 2 or words[1] in (made, *made.split(AND)))
