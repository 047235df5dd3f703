"""`runs`, `check`, `repair` and `undo`: the runs in force."""

from __future__ import annotations

import json as data
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bridgekit import journal, upkeep
from bridgekit.anew import repaired
from bridgekit.cli import complete
from bridgekit.cli.complete import beginning
from bridgekit.cli.manual import Command
from bridgekit.cli.options import Lang, locale_language
from bridgekit.cli.spoken import locally
from bridgekit.cli.trees import table
from bridgekit.errors import BridgekitError, HostError, InputError, RunError
from bridgekit.journal import Run
from bridgekit.translation import joined, tr, whole
from bridgekit.upkeep import Health

_AS_DATA = Annotated[bool, typer.Option("--json", help="print it as data")]
_MARK = "bridgekit: "
_SHOWN = 80  # of a long value
_LONG = re.compile(rf"\$'(?:[^'\\]|\\.){{{_SHOWN},}}'|\S{{{2 * _SHOWN},}}")  # of many settings; of a file
_NAMES = typer.Argument(
    help="the names of runs in force", show_default=False, metavar="RUN...", autocompletion=beginning(complete.runs)
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (runs, check, repair, undo):
        app.command(cls=Command)(command)


def runs(json: _AS_DATA = False) -> None:
    """List the runs in force: name, when, whether it holds, and the command."""
    show(journal.runs(), json)


def show(of: Sequence[Run], json: bool) -> None:
    """Print runs, each with what became of it."""
    found = upkeep.checked(of)
    if json:
        print(data.dumps([_as_data(each) for each in found], indent=2))
    elif found:
        rows = ((each.run.name, each.run.started[:19], locally(each.state), each.run.command) for each in found)
        print(table(list(rows)))


def _as_data(health: Health) -> dict[str, Any]:
    told = {"missing": health.missing, "unmet": health.unmet}
    return asdict(health.run) | {"holds": health.holds, "state": health.state} | told


def check(
    name: Annotated[list[str] | None, _NAMES] = None,
    json: _AS_DATA = False,
    lang: Lang = None,
) -> None:
    """Say what of the runs in force is no longer so; default: of all of them."""
    wanted = upkeep.chosen(name)[::-1] if name else journal.runs()
    found = upkeep.checked(wanted, lang or locale_language())
    if json:
        print(data.dumps([_as_data(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            said = (tr("{0}: {1}", each.run.name, each.state), *each.missing, each.unmet)
            print("\n  ".join(locally(text) for text in said if text))
    if any(each.holds is False for each in found):
        raise typer.Exit(1)
    if name and any(each.holds is None for each in found):
        raise typer.Exit(3)


def repair(
    name: Annotated[list[str], _NAMES],
    anew: Annotated[bool, typer.Option("--anew", help="take it back first, then do all of it again")] = False,
    lang: Lang = None,
) -> None:
    """Do again what of these runs is no longer so."""
    for run in reversed(upkeep.chosen(name)):
        try:
            (repaired if anew or run.away else upkeep.repair)(run.name, lang or locale_language())
        except HostError as error:
            hint = tr("if it shall be done from the start: bridgekit repair --anew {0}", run.name)
            raise HostError(error.message, error.hint or ("" if anew else hint)) from None


def undo(
    name: Annotated[list[str] | None, _NAMES] = None,
    everything: Annotated[bool, typer.Option("--all", help="every run in force, newest first")] = False,
    dependents: Annotated[bool, typer.Option("--with-dependents", help="and first the runs that stand on it")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", "-n", help="print what would be done, and nothing else")] = False,
    lang: Lang = None,
) -> None:
    """Take back runs, by name or all of them; the newest first."""
    if name and everything:
        raise InputError(tr("names and --all at once"), tr("bridgekit undo NAME..., or bridgekit undo --all"))
    if not name and not everything:
        raise InputError(tr("nothing to undo was named"), tr("bridgekit undo NAME..., or bridgekit undo --all"))
    wanted = upkeep.chosen(name) if name else journal.runs()[::-1]
    take_back([run.name for run in wanted], lang or locale_language(), dependents or everything, dry)


def take_back(names: Sequence[str], lang: str, dependents: bool, dry: bool) -> None:
    """Take back runs in this order, or print what would be done."""
    failures: dict[str, BridgekitError] = {}
    for each in upkeep.taken_back(names, lang, dependents, dry):
        for line in each.plan:
            print(short(line))
        if each.error:
            failures[each.name] = _with_way_out(each.error, lang)
    _raise(failures)


def short(line: str) -> str:
    """A command with long values cut short, after a whole line of theirs where they have several."""
    return _LONG.sub(lambda found: f"{_cut(found[0][:_SHOWN])}...{found[0][-1] if found[0][0] == '$' else ''}", line)


def _cut(text: str) -> str:
    whole_lines, end, _ = text.rpartition("\\n")
    return f"{whole_lines}{end}" or text


def _with_way_out(error: BridgekitError, lang: str) -> BridgekitError:
    """What runs stand on says how they go first."""
    above = upkeep.standing_on(error, lang)
    if above:
        error.hint = tr("bridgekit undo {0}; or all of it: --with-dependents", " ".join(above))
    return error


def _raise(failures: dict[str, BridgekitError]) -> None:
    """One failure as it is; of several, each with its run's name."""
    if len(failures) == 1:
        raise next(iter(failures.values()))
    if failures:
        kind = HostError if all(isinstance(each, HostError) for each in failures.values()) else RunError
        raise kind(joined((tr("{0}: {1}", name, _unsigned(each)) for name, each in failures.items()), "\n"))


def _unsigned(error: BridgekitError) -> str:
    """An error without the mark that a script puts before its own."""
    text = whole(error)
    return text.removeprefix(_MARK) if text.startswith(_MARK) else text
