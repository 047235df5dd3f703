"""`lab`: a whole topology, made so, looked at, gone into and taken back."""

from __future__ import annotations

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
    options = Options(dry_run, output, style, lang=lang, sandbox=sandbox, yes=yes, json=json)
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
    lang: Lang = None,
) -> None:
    """Take a lab back: nothing of it stays."""
    from bridgekit.lab.inforce import only, up as the_lab
    from bridgekit.render import undoing
    from bridgekit.run import run

    run_name = (only() if lab is None else the_lab(lab)).run.name
    run(undoing(run_name, lang or locale_language()), "down", *(("-n",) if dry_run else ()))


def plan(file: FILE, machine: _MACHINE = "", lang: Lang = None) -> None:
    """What `up` would do here now: what it would take back, and the steps that it would do."""
    from bridgekit.lab.inforce import labs as all_of_them
    from bridgekit.render import script
    from bridgekit.run import heard

    made = _plan(labs.loaded(file), file, machine)
    rendered = script(made, lang=lang or locale_language())
    if made.name not in {each.run.name for each in all_of_them()}:
        print("\n".join(f"+ {piece.say}" for piece in rendered.pieces if not piece.is_probe))
        return
    _, said, complaint = heard(rendered, "up", {}, "-n")
    for line in said:
        word, _, rest = line.partition(" ")
        if word not in ("ok", "same", "past"):
            print(f"+ {rest.partition(' ')[2]}" if word in ("MISSING", "WRONG") else f"- {line}")
    if complaint:
        print(complaint, file=sys.stderr)


def diff(file: FILE) -> None:
    """What a file says otherwise than the lab that is up; exit code 1 if it does."""
    from bridgekit.lab.inforce import up as the_lab
    from bridgekit.lab.writing import difference

    loaded = labs.loaded(file)
    found = difference(the_lab(loaded.lab.name).loaded, loaded)
    print("\n".join(found)) if found else None
    if found:
        raise typer.Exit(1)


def _plan(loaded: Loaded, file: str, machine: str) -> Plan:
    from bridgekit.lab.building import plan as plan_of

    return plan_of(loaded, file, machine)
