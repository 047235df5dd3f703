"""`lab`: a whole topology, made so, looked at, gone into and taken back."""

from __future__ import annotations

import json as data
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bridgekit import streams
from bridgekit.cli import exporting, labs
from bridgekit.cli.complete import one_of
from bridgekit.cli.labs import ANY_WORDS, FILE, LAB
from bridgekit.cli.manual import Command, Commands
from bridgekit.cli.options import Lang, Options, locale_language
from bridgekit.cli.procedures import confirm, write
from bridgekit.errors import HostError
from bridgekit.recipes.named import OneOf

if TYPE_CHECKING:
    from bridgekit.lab.loading import Loaded
    from bridgekit.plan import Plan

_HELP = "Whole topologies: a file that says what the network is, and commands that make it so."
_STYLES = OneOf(("script", "plain", "batch"))
_MACHINE = Annotated[
    str,
    typer.Option("--machine", metavar="NAME", show_default=False, help="of a file with `machines:`, the part of one"),
]
_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]
_SANDBOX = Annotated[bool, typer.Option("--sandbox/--no-sandbox", help="in a throw-away host, or on this one")]


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    lab = typer.Typer(help=_HELP, cls=Commands, rich_markup_mode=None, no_args_is_help=True)
    lab.callback(help=_HELP)(lambda: None)
    for command in (
        up,
        down,
        plan,
        diff,
        labs.check,
        labs.show,
        labs.ls,
        labs.shell,
        labs.capture,
        labs.init,
        labs.schema,
        exporting.export,
    ):
        lab.command(cls=Command)(command)
    lab.command("exec", cls=Command, context_settings=ANY_WORDS)(labs.execute)
    app.add_typer(lab, name="lab")


def up(
    file: FILE,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="print the script and nothing else")] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="write the script to this file, executable; `-`: print it"),
    ] = None,
    style: Annotated[
        str,
        typer.Option(
            metavar=str(_STYLES),
            autocompletion=one_of(_STYLES.values),
            help="script (with guards and undo), plain (the bare commands), or batch (a script in few processes)",
        ),
    ] = "batch",
    lang: Lang = None,
    machine: _MACHINE = "",
    sandbox: _SANDBOX = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="ask nothing")] = False,
    json: Annotated[bool, typer.Option("--json", help="print the plan as data")] = False,
) -> None:
    """Make a topology so; of a file that was changed, what differs, and of a lab that is up, what is gone."""
    loaded = labs.loaded(file)
    made = _plan(loaded, file, machine)
    options = Options(dry_run, output, style, lang=lang, sandbox=sandbox, yes=yes, json=json, usual="batch")
    if json:
        from bridgekit.render import to_json

        streams.use_utf8()
        print(to_json(made))
    elif dry_run or output:
        write(made, options)
    else:
        _up(made, options)


def _up(made: Plan, options: Options) -> None:
    from bridgekit import again, refused, sandbox
    from bridgekit.cli.options import reject_conflicts
    from bridgekit.cli.progressing import listener
    from bridgekit.render import batch, refuse_unknown, script
    from bridgekit.run import run

    refuse_unknown(options.style, options.dialect, options.language)
    reject_conflicts(options, running=True)
    if options.sandbox and not sandbox.inside():
        sandbox.enter([*again.command(), *sys.argv[1:]])
    make = batch if options.style == "batch" else script
    rendered = make(made, options.dialect, options.language, options.as_typed())
    if not options.yes and sys.stdin.isatty() and os.geteuid() == 0 and not sandbox.inside():
        confirm(rendered)
    try:
        run(rendered, "up", "--change", listen=listener(len(rendered.pieces)))
    except HostError as error:
        raise refused.way_out(made, error, options.language) from None


def down(
    lab: LAB = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="print what would be taken back, and do nothing")
    ] = False,
    dependents: Annotated[bool, typer.Option("--with-dependents", help="and first the runs that stand on it")] = False,
    lang: Lang = None,
) -> None:
    """Take a lab back: nothing of it stays."""
    from bridgekit.cli.in_force import take_back
    from bridgekit.lab.inforce import only, up as the_lab

    run_name = (only() if lab is None else the_lab(lab)).run.name
    take_back([run_name], lang or locale_language(), dependents, dry_run)


def plan(file: FILE, machine: _MACHINE = "", json: _AS_DATA = False, lang: Lang = None) -> None:
    """What `up` would do on this host now: `-` the steps that it would take back, `+` those that it would do."""
    from bridgekit import refused
    from bridgekit.lab.planning import changes

    made, language = _plan(labs.loaded(file), file, machine), lang or locale_language()
    try:
        found = changes(made, language)
    except HostError as error:
        raise refused.way_out(made, error, language) from None
    if json:
        print(data.dumps({"take_back": found.going, "do": found.coming}, indent=2, ensure_ascii=False))
    else:
        print("".join((*(f"- {each}\n" for each in found.going), *(f"+ {each}\n" for each in found.coming))), end="")


def diff(file: FILE, json: _AS_DATA = False) -> None:
    """What a file says otherwise than the one by which the lab was made; exit code 1 if it does."""
    from bridgekit.lab.inforce import up as the_lab
    from bridgekit.lab.writing import differences

    loaded = labs.loaded(file)
    found = differences(the_lab(loaded.lab.name).loaded, loaded)
    if json:
        print(data.dumps([each.to_json() for each in found], indent=2, ensure_ascii=False))
    else:
        print("".join(f"{line}\n" for each in found for line in each.lines()), end="")
    if found:
        raise typer.Exit(1)


def _plan(loaded: Loaded, file: str, machine: str) -> Plan:
    from bridgekit.lab.building import plan as plan_of

    made = plan_of(loaded, file, machine)
    labs.doubt(loaded)
    return made
