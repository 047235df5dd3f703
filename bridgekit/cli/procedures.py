"""Each recipe and lesson as a command: its signature is the command line."""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from bridgekit import streams
from bridgekit.cli.complete import of_parameter
from bridgekit.cli.found import completed
from bridgekit.cli.manual import Command, told
from bridgekit.cli.options import Options, integer, parameters, reject_conflicts, reject_teaching, several, word
from bridgekit.cli.spoken import local
from bridgekit.errors import HostError, InputError
from bridgekit.plan import Plan
from bridgekit.recipes.named import choices, short
from bridgekit.recipes.registry import Procedure
from bridgekit.translation import later, reason, tr

if TYPE_CHECKING:
    from bridgekit.script import Script


def add_procedure(app: typer.Typer, procedure: Procedure, lesson: bool = False) -> None:
    """Make a command of a procedure: its own parameters, then the common options."""
    if procedure.verbatim:
        from bridgekit.cli import pipework

        pipework.add(app, procedure)
        return
    own = [_as_typer(parameter) for parameter in signature(procedure.make, eval_str=True).parameters.values()]
    common = {each.name for each in fields(Options)}

    def command(**values: Any) -> None:
        options = Options(**{name: value for name, value in values.items() if name in common})
        arguments = completed({name: value for name, value in values.items() if name not in common})
        go(procedure.make(**arguments), options, procedure)

    command.__signature__ = Signature(own + parameters(lesson))  # type: ignore[attr-defined]  # what typer reads
    app.command(procedure.name, cls=Command, help=told(procedure.make.__doc__))(command)


def _as_typer(parameter: Parameter) -> Parameter:
    kind, text, *_ = get_args(parameter.annotation)
    named = parameter.kind is Parameter.KEYWORD_ONLY
    flags = [_long(parameter.name, kind), *short(parameter)]
    parser = integer if int in (kind, *get_args(kind)) else None
    metavar = str(choices(parameter) or word(parameter.name, kind)) + "..." * (several(kind) and not named)
    told = {"help": text, "metavar": None if kind is bool else metavar, "autocompletion": of_parameter(parameter)}
    info = typer.Option(*flags, parser=parser, **told) if named else typer.Argument(show_default=False, **told)
    return parameter.replace(annotation=Annotated[kind, info], kind=Parameter.KEYWORD_ONLY)


def _long(name: str, kind: object) -> str:
    """A parameter's option."""
    option = name.replace("_", "-")
    return f"--{option}/--no-{option}" if kind is bool else f"--{option}"


def go(plan: Plan, options: Options, procedure: Procedure) -> None:
    """Print, write, teach or run a plan, as the options say."""
    plan = plan if options.name is None else plan.renamed(options.name)
    plan = plan if options.probes else plan.without_probes()
    if options.output == "-":
        options = replace(options, output=None, dry_run=True)
    running = not (options.json or options.dry_run or options.output)
    reject_conflicts(options, running)
    if options.json:
        from bridgekit.render import refuse_unknown, to_json

        refuse_unknown(options.style, options.dialect, options.language)
        streams.use_utf8()
        print(to_json(plan))
    elif not running:
        write(plan, options)
    else:
        _run(plan, options, procedure)


def write(plan: Plan, options: Options) -> None:
    """Print a plan's text, or write it to a file.  Raises InputError."""
    from bridgekit.render import text

    script = text(plan, options.style, options.dialect, options.language, options.as_typed())
    if options.output is None or options.dry_run:
        streams.use_utf8()
        sys.stdout.write(script)
    if options.output is not None:
        path = Path(options.output)
        try:
            path.write_text(script, "utf-8")
            path.chmod(0o755)
        except OSError as error:
            raise InputError(
                tr("cannot write {0!r}: {1}", options.output, reason(error)), tr("name another file")
            ) from None


def _run(plan: Plan, options: Options, procedure: Procedure) -> None:
    import gc

    from bridgekit import again, progress, sandbox
    from bridgekit.render import batch, refuse_unknown, script

    gc.freeze()  # see __main__: what is there by now stays
    gc.enable()

    refuse_unknown(options.style, options.dialect, options.language)
    make = batch if options.style == "batch" else script
    lesson, rendered = procedure.minutes > 0, make(plan, options.dialect, options.language, options.as_typed())
    if (lesson if options.sandbox is None else options.sandbox) and not sandbox.inside():
        writable = progress.folder() if lesson and options.step is not False and not options.yes else ()
        words = [*again.command(), *sys.argv[1:]]
        sandbox.enter(words, plan.guests, plan.container_ids, procedure.engine, writable)
    if (lesson and not options.yes) if options.step is None else options.step:
        reject_teaching(options)
        from bridgekit.teach import teach

        if teach(rendered, options.language, ask=not options.yes) and lesson and not options.yes:
            progress.remember(procedure.name)
        return
    if not options.yes and sys.stdin.isatty() and os.geteuid() == 0 and not sandbox.inside():
        confirm(rendered)
    _do(plan, rendered, options)


def confirm(script: Script) -> None:
    """Ask whether to run it."""
    count = len(script.pieces)
    one, more = (
        later("{0}  {1} step, as root on this host?"),
        later("{0}  {1} steps, as root on this host?"),
    )
    typer.confirm(local(one if count == 1 else more, script.title, count), abort=True)


def _do(plan: Plan, script: Script, options: Options) -> None:
    from bridgekit.run import run

    try:
        run(script, "up", *(("--replace",) if options.replace else ()))
    except HostError as error:
        from bridgekit import refused

        raise refused.way_out(plan, error, options.language) from None
