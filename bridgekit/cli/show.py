"""`bridgekit show`: this host's network as a tree, as data or as a drawing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace

from bridgekit import journal
from bridgekit.cli.as_tree import tree
from bridgekit.cli.spoken import local, ours
from bridgekit.errors import HostError, InputError
from bridgekit.facts import Guest, Picture, picture
from bridgekit.journal import Run
from bridgekit.translation import tr

TREE, JSON = "tree", "json"


def show(form: str, usual: bool) -> None:
    """Print this host's network.

    form: `tree`, `json`, or one of those of `drawing`.  usual: say in the tree also what is usual.
    Raises InputError where they exclude each other, HostError if there is no `ip`, or of `svg` no graphviz.
    """
    from bridgekit import drawing

    if usual and form != TREE:
        raise InputError(tr("--all is for the tree"), tr("the data of --format json have all"))
    drawing.check(form)
    print(_written(by_runs(picture(), _runs()), form, usual).rstrip("\n"))
    say_what_needs_root()


def _written(seen: Picture, form: str, usual: bool) -> str:
    if form == TREE:
        return tree(seen, usual)
    if form == JSON:
        return json.dumps(seen.to_json(), indent=2)
    from bridgekit.drawing import draw
    from bridgekit.drawing.of_picture import graph

    return draw(graph(seen), form, ours)


def _runs() -> tuple[Run, ...]:
    try:
        return journal.runs()
    except HostError:  # they are root's
        return ()


def by_runs(seen: Picture, runs: Iterable[Run]) -> Picture:
    """The same, where a stale guest is of a run with the command that does the run again, or takes it back."""
    own = [run for run in runs if not run.elsewhere]
    return replace(seen, guests=tuple(_by_run(guest, own) for guest in seen.guests))


def _by_run(guest: Guest, runs: Iterable[Run]) -> Guest:
    run = next((run for run in runs if guest.stale and set(guest.netns) & set(run.inside)), None)
    if run is None or guest.stale is None:
        return guest
    way = "repair --anew" if guest.stale.container else "undo"
    return replace(guest, stale=replace(guest.stale, mend=f"bridgekit {way} {run.name}"))


def say_what_needs_root() -> None:
    """Tell an ordinary user that there may be more to see."""
    if os.geteuid() != 0:
        # Not on the standard output, which may be read as JSON.
        print(local("Not root: the rules of iptables and what is inside namespaces need root."), file=sys.stderr)
