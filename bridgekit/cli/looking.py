"""The commands that only look: `show`, `verify`, `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    pictures = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    pictures.callback()(show)
    pictures.command("peers")(peers)
    pictures.command("networks")(networks)
    app.add_typer(pictures, name="show")


def show(context: typer.Context, json: _AS_DATA = False) -> None:
    """Picture the network that is there."""
    if context.invoked_subcommand is None:
        from bridgekit.cli.show import show as show_picture

        show_picture(json)


def peers(json: _AS_DATA = False) -> None:
    """Each guest's interfaces and their other ends: names, indices, bridges."""
    from bridgekit.cli.looks import show_peers

    show_peers(json)


def networks(json: _AS_DATA = False) -> None:
    """Docker's networks with their bridges and containers, and the other bridges."""
    from bridgekit.cli.looks import show_networks

    show_networks(json)
