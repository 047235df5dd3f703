"""`lab export`: a lab on many machines, as files for an engine that does it there."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bridgekit.cli.complete import one_of
from bridgekit.cli.labs import FILE, doubt, loaded
from bridgekit.cli.options import Lang, Options
from bridgekit.errors import InputError
from bridgekit.recipes.named import OneOf
from bridgekit.translation import tr

_ENGINES = OneOf(("ansible",))


def export(
    engine: Annotated[
        str,
        typer.Argument(
            metavar=str(_ENGINES), show_default=False, help="for whom", autocompletion=one_of(_ENGINES.values)
        ),
    ],
    directory: Annotated[
        str, typer.Argument(metavar="DIR", show_default=False, help="a folder: new, empty, or one it wrote before")
    ],
    file: FILE,
    lang: Lang = None,
) -> None:
    """Write a lab on many machines as an inventory, a playbook and a script for each of them."""
    from bridgekit.lab.building import plan
    from bridgekit.lab.exporting import files, write
    from bridgekit.lab.resolving import resolved
    from bridgekit.render import text

    if engine not in _ENGINES.values:
        raise InputError(tr("not an engine: {0!r}", engine), tr("one of: {0}", ", ".join(_ENGINES.values)))
    lab, options = loaded(file), Options(style="batch", lang=lang, usual="batch")
    topology = resolved(lab)
    doubt(lab)
    if not topology.machines:
        what = tr("a lab without machines: {0!r}", topology.name)
        raise InputError(what, tr("bridgekit lab up {0}; or `machines:` in it, see: bridgekit help machines", file))
    scripts = {
        name: text(plan(lab, file, name), options.style, options.dialect, options.language, options.as_typed())
        for name in topology.machines
    }
    typed = shlex.join(["bridgekit", "lab", "export", engine, directory, file])
    written = files(topology, scripts, typed, options.language)
    write(Path(directory), written)
    for path in written:
        print(Path(directory, path))
