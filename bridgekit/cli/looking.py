"""The commands that only look: `show`, `verify`, `trace`, `wait`, `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from bridgekit.cli.complete import beginning, guests, one_of
from bridgekit.cli.manual import Command, Commands
from bridgekit.cli.options import integer
from bridgekit.errors import InputError
from bridgekit.recipes.named import OneOf
from bridgekit.translation import tr

_ENDS = beginning(lambda: ["host", *guests()])
_FORMATS = OneOf(("tree", "dot", "mermaid", "svg", "json"))
FORMAT = Annotated[
    str | None,
    typer.Option(
        metavar=str(_FORMATS),
        show_default=False,
        autocompletion=one_of(_FORMATS.values),
        help="how to picture it; dot and mermaid are text that draws boxes and cables, svg needs graphviz",
    ),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="the same as --format json")]
_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    pictures = typer.Typer(cls=Commands, rich_markup_mode=None, invoke_without_command=True)
    pictures.callback()(show)
    pictures.command("peers", cls=Command)(peers)
    pictures.command("networks", cls=Command)(networks)
    app.add_typer(pictures, name="show")
    app.command(cls=Command)(verify)
    app.command(cls=Command)(trace)
    app.command(cls=Command)(wait)
    app.command(cls=Command)(doctor)


def show(
    context: typer.Context,
    format: FORMAT = None,
    usual: Annotated[bool, typer.Option("--all", help="say in the tree also what is usual, such as MACs")] = False,
    json: AS_JSON = False,
) -> None:
    """Picture the network that is there."""
    if context.invoked_subcommand is None:
        from bridgekit.cli.show import show as show_picture

        show_picture(one_format(format, json), usual)


def one_format(given: str | None, json: bool) -> str:
    """The format that is asked for.  Raises InputError for another one."""
    if json and given not in (None, "json"):
        raise InputError(tr("--json and --format {0} exclude each other", given), tr("leave one of them out"))
    form = given or ("json" if json else "tree")
    if form not in _FORMATS.values:
        raise InputError(tr("not a format: {0!r}", form), tr("one of: {0}", ", ".join(_FORMATS.values)))
    return form


def peers(json: _AS_DATA = False) -> None:
    """Each guest's interfaces and their other ends: names, indices, bridges."""
    from bridgekit.cli.looks import show_peers

    show_peers(json)


def networks(json: _AS_DATA = False) -> None:
    """Docker's networks with their bridges and containers, and the other bridges."""
    from bridgekit.cli.looks import show_networks

    show_networks(json)


def verify(
    guest: Annotated[
        list[str] | None,
        typer.Argument(
            help="guests, or nodes of a lab; default: all containers and named namespaces", show_default=False
        ),
    ] = None,
    to: Annotated[list[str] | None, typer.Option(help="an address outside to ask for", show_default=False)] = None,
    expect: Annotated[
        str | None, typer.Option(help="a file of pairs that must not work, a line each: `web -> db: fails`")
    ] = None,
    count: Annotated[int, typer.Option(help="packets, or connections, for each question", parser=integer)] = 3,
    port: Annotated[
        str | None,
        typer.Option(help="ask for connections to it, where something listens: PORT[/udp]", show_default=False),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="the bytes of each packet, which must not be cut", parser=integer, show_default=False),
    ] = None,
    why: Annotated[bool, typer.Option("--why/--no-why", help="look for reasons of what fails")] = True,
    json: _AS_DATA = False,
) -> None:
    """Who reaches whom: the host, its guests and addresses outside, as a table; exit code 1 if not as it should be."""
    from bridgekit.cli.matrix import show_matrix
    from bridgekit.verify import checked

    if not show_matrix(guest or (), to or (), expect, checked(count, port, size), why, json):
        raise typer.Exit(1)


def trace(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FROM",
            show_default=False,
            help="who sends: host, a guest, a lab's node, or an address of theirs",
            autocompletion=_ENDS,
        ),
    ],
    to: Annotated[
        str,
        typer.Argument(
            metavar="TO[:PORT[/udp]]",
            show_default=False,
            help="to whom: the same, or any address; no port: a ping",
            autocompletion=_ENDS,
        ),
    ],
    size: Annotated[
        int | None, typer.Option(metavar="BYTES", parser=integer, help="how long the whole packet is to be")
    ] = None,
    sport: Annotated[
        int | None, typer.Option(metavar="N", parser=integer, help="the port that it comes from; default: a free one")
    ] = None,
    json: _AS_DATA = False,
) -> None:
    """One real packet, or connection, told hop by hop, and why no answer came; exit code 1 if none did."""
    from bridgekit.cli.traces import show_trace

    if not show_trace(source, to, size, sport, json):
        raise typer.Exit(1)


def wait(
    guest: Annotated[
        str | None, typer.Argument(help="the guest; default: where this command is run", show_default=False)
    ] = None,
    interface: Annotated[str, typer.Option("--interface", "-i", help="the interface's name there")] = "eth1",
    timeout: Annotated[int, typer.Option(help="how long to wait, in seconds", parser=integer)] = 30,
) -> None:
    """Wait until an interface is up and has an address, and print that; exit code 1 with what is missing if not."""
    from bridgekit.cli.nodes import meant
    from bridgekit.facts.waiting import wait as wait_for

    print("\n".join(wait_for(None if guest is None else meant(guest), interface, timeout)))


def doctor(json: _AS_DATA = False) -> None:
    """Is this host ready, and what to do about what is not; exit code 3 if recipes cannot run."""
    from bridgekit.cli.health import show_health

    if not show_health(json):
        raise typer.Exit(3)
