"""The commands of `lab` that look at one, and that go into it."""

from __future__ import annotations

import json as data
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bridgekit import environment, streams
from bridgekit.cli.complete import beginning, runs
from bridgekit.cli.looking import AS_JSON, FORMAT, one_format
from bridgekit.cli.spoken import language, local, locally, ours
from bridgekit.cli.trees import table
from bridgekit.errors import HostError
from bridgekit.streams import one_line
from bridgekit.translation import TEMPLATES, reason, tr
from bridgekit.wide import prose

if TYPE_CHECKING:
    from bridgekit.lab.inforce import Up
    from bridgekit.lab.loading import Loaded

_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]


def _files() -> list[str]:
    from bridgekit.lab.reading import shipped

    return shipped()


def _up() -> Sequence[Up]:
    """The labs that are up, for completion: what that takes is imported only where there may be one."""
    if not any(name.startswith("lab-") for name in runs()):
        return ()
    from bridgekit.lab.inforce import labs

    return labs()


def _names() -> list[str]:
    return [each.name for each in _up()]


def _nodes() -> list[str]:
    if not (found := _up()):
        return []
    from bridgekit.lab.building import names_of

    return [name for each in found for name in names_of(each.topology.nodes.values())]


FILE = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="a topology file, or a shipped lab's name",
        autocompletion=beginning(_files),
    ),
]
LAB = Annotated[
    str | None,
    typer.Argument(
        metavar="LAB",
        show_default=False,
        help="a lab that is up, or a file; default: the only one that is up",
        autocompletion=beginning(lambda: [*_names(), *_files()]),
    ),
]
_NODE = Annotated[
    str,
    typer.Argument(
        metavar="NODE", show_default=False, help="a node: NODE, or LAB/NODE", autocompletion=beginning(_nodes)
    ),
]
ANY_WORDS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def loaded(file: str) -> Loaded:
    """The lab of a file; what of it was ignored is told.  Raises InputError."""
    from bridgekit.lab.loading import load

    found = load(file)
    for note in found.notes:
        print(locally(note), file=sys.stderr)
    return found


def doubt(lab: Loaded) -> None:
    """Tell what of a file surely was not meant so; of a lab that bridgekit brings it was."""
    for each in lab.source.doubts if not lab.source.shipped else ():
        print(locally(each), file=sys.stderr)


def check(
    lab: LAB = None,
    why: Annotated[bool, typer.Option("--why/--no-why", help="look for reasons of what fails")] = True,
    json: _AS_DATA = False,
) -> None:
    """Ask a lab's probes: what must work, and what must not; exit code 1 if one is not as it should be."""
    from bridgekit.lab.inforce import only, up as the_lab
    from bridgekit.lab.probing import probed

    found = []
    for each in probed((only() if lab is None else the_lab(lab)).topology, why):
        found.append(each)
        if not json:
            print(f"{'ok' if each.ok else 'FAILED'} {locally(each.sentence)}", flush=True)
            if each.why:
                print(prose(f"  {one_line(locally(each.why))}", sys.stdout))
            if each.mend:
                print(f"  {one_line(local('to mend it: {0}', each.mend))}")
    if json:
        print(data.dumps([each.to_json() for each in found], indent=2))
    if not all(each.ok for each in found):
        raise typer.Exit(1)


def show(lab: LAB = None, format: FORMAT = None, json: AS_JSON = False) -> None:
    """Picture a lab: its nodes, their interfaces and whom these lead to."""
    from bridgekit import drawing
    from bridgekit.lab.drawing import graph
    from bridgekit.lab.inforce import asked
    from bridgekit.lab.writing import as_data, picture

    form = one_format(format, json)
    drawing.check(form)
    topology = asked(lab, doubt)
    if form == "json":
        print(data.dumps(as_data(topology), indent=2))
    else:
        print(picture(topology) if form == "tree" else drawing.draw(graph(topology), form, ours).rstrip("\n"))


def ls(json: _AS_DATA = False) -> None:
    """List the labs: those that are up, and those that bridgekit brings."""
    from bridgekit.lab.inforce import labs
    from bridgekit.lab.reading import shipped

    found = labs()
    rows = [(each.name, each.run.started[:19], each.run.command) for each in found]
    rows += [(name, "", f"bridgekit lab up {name}") for name in shipped() if name not in {each.name for each in found}]
    if json:
        print(
            data.dumps(
                [{"name": name, "up": bool(at), "started": at, "command": words} for name, at, words in rows], indent=2
            )
        )
    else:
        print(table([(name, at[:19] or local("not up"), words) for name, at, words in rows]))


def execute(
    node: _NODE,
    command: Annotated[list[str], typer.Argument(metavar="CMD...", show_default=False, help="the command")],
) -> None:
    """Run a command in a node; the exit code is its own, 127 where there is none of that name."""
    from bridgekit.lab.inforce import inside, node as the_node

    words, found = command[command[:1] == ["--"] :], the_node(node)
    # A shell's exit codes: 127 for what is not there, 126 for what cannot be executed; an engine has them itself.
    asked = words if found.guest else ["bash", "-pc", 'exec -- "$@"', node, *words]
    _become(inside(found, asked, sys.stdin.isatty()))


def shell(node: _NODE) -> None:
    """Open a shell in a node."""
    from bridgekit.lab.inforce import inside, node as the_node

    found = the_node(node)
    _become(inside(found, ["sh"] if found.guest else ["env", f"PS1={node}:\\w# ", "bash", "--norc"], True))


def capture(
    node: Annotated[
        str, typer.Argument(metavar="NODE[:IF]", show_default=False, help="a node, and which interface; default: all")
    ],
    output: Annotated[
        str | None, typer.Option("--write", "-w", metavar="FILE", help="to a file (pcap); `-`: to the output")
    ] = None,
    wireshark: Annotated[bool, typer.Option("--wireshark", help="to Wireshark")] = False,
) -> None:
    """Capture what passes a node's interface: as text, to a file, or to Wireshark."""
    from bridgekit import sandbox
    from bridgekit.lab.inforce import capturing, node as the_node

    own = str(TEMPLATES / "sandbox/capture.py") if sandbox.inside() else ""
    for program in ("wireshark",) if wireshark else () if own and output else ("tcpdump",):
        if not environment.find(program):
            raise HostError(tr("the program `{0}` is missing", program), f"apt-get install {program}")
    name, _, interface = node.partition(":")
    words = capturing(the_node(name), interface, "-" if wireshark else output, own)
    if wireshark:
        words = ["bash", "-c", '"$@" | wireshark -k -i -', "bash", *words]
    _become(words)


def init() -> None:
    """Print a topology file to begin with, with comments."""
    from bridgekit.lab.reading import beginning

    streams.use_utf8()
    print(beginning(language()), end="")


def schema() -> None:
    """Print the JSON Schema of topology files, for editors."""
    from bridgekit.lab.models import schema as of_models

    print(data.dumps(of_models(), indent=2))


def _become(words: Sequence[str]) -> NoReturn:
    sys.stdout.flush()
    try:
        os.execvp(words[0], list(words))
    except OSError as error:
        raise HostError(tr("cannot start {0}: {1}", words[0], reason(error)), tr("is it installed?")) from None
