"""Did a run in force make it so?  Then it is meant, and no command of ours takes it back behind the run's back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from bridgekit import journal
from bridgekit.errors import HostError
from bridgekit.facts.ask import reply
from bridgekit.journal import Change, Run
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.trace.reasons.leading import FORWARDING
from bridgekit.translation import joined, tr

_PLACES = ("nsenter --net=/run/netns/", "ip netns exec ", "ip -n ", "bridgekit route (?:netns:)?")
_INSIDE = re.compile(rf"(?:{'|'.join(_PLACES)})(\S+) (.*)", re.DOTALL)
_SET = re.compile(r"sysctl -w (\S+)=\S+\Z")
_OURS = {f"bridgekit forwarding on{' --ipv6' * (version == 6)}": key for version, key in FORWARDING.items()}
_LAB = "lab"


def considered(case: Case, found: Reason) -> Reason:
    """The reason, and whose it is where a run made it so: then without a command, or with the one that repairs it."""
    runs = _runs()
    labs = {name: run for run in runs if run.recipe == _LAB for name in run.inside}
    lost = [place for place in case.places if _lost(labs, place.names)] if labs else []
    if lost:
        run = labs[lost[0].names[0]]
        text = tr("{0}; lab {1} no longer holds in {2}", found.text, _named(run), joined(map(case.named, lost)))
        return Reason(text, f"bridgekit repair {shlex.quote(run.name)}")
    if maker := _maker(runs, found.cause or found.mend):
        return Reason(tr("{0} (run {1} made it so)", found.text, maker.name))
    lab = next((labs[name] for name in found.space.names if name in labs), None) if found.space else None
    if lab:
        return Reason(tr("{0} (so it is in lab {1})", found.text, _named(lab)))
    return found


def _runs() -> list[Run]:
    try:
        return [run for run in journal.runs() if not run.elsewhere]
    except HostError:
        return []


def _named(run: Run) -> str:
    return run.name.removeprefix(f"{_LAB}-")


def _lost(labs: dict[str, Run], names: Sequence[str]) -> bool:
    """Whether something that a lab did in a namespace is not so any more."""
    done = [change for name in names if name in labs for change in labs[name].changes if change.netns == name]
    with ThreadPoolExecutor() as pool:
        return not all(pool.map(_holds, done))


def _holds(change: Change) -> bool:
    """The answer to a question of a journal's, as far as it is of plain commands."""
    try:
        first, *words = shlex.split(change.question)
        wanted, *command = words if first in ("has", "is") else (None, first, *words)
    except ValueError:
        return True
    said = reply(*command)
    if said is None:
        return True
    code, text = said[0], said[1].strip()
    if first == "has":
        return code == 0 and bool(text) and str(wanted) in text
    return code == 0 and (wanted is None or text == wanted)


def _maker(runs: Sequence[Run], command: str) -> Run | None:
    """The run that did what a command would take back, or set otherwise."""
    place, words = _inside(command)
    found = _SET.match(words)
    key = (_OURS.get(command) or (found[1] if found else "")).replace("/", ".")
    program, options = words.partition(" ")[0], _options(words)
    for run, change in ((each, change) for each in runs for change in each.changes if words):
        here, undo = _inside(change.undo)
        if place not in (change.netns, here):
            continue
        # There may be thousands: of few the words are looked at.  To which MTU does not count.
        taken_back = not key and undo.startswith(f"{program} ") and _options(undo) == options
        if (taken_back or (key and change.what.replace("/", ".") == key)) and _holds(change):
            return run
    return None


def _inside(command: str) -> tuple[str, str]:
    """The name of the namespace in which a command does something, empty of this host's, and the command."""
    found = _INSIDE.match(command)
    if not found:
        return "", command
    return found[1], f"ip {found[2]}" if command.startswith("ip -n ") else found[2]


def _options(command: str) -> list[tuple[str, ...]]:
    """The options of a command with their values, in one order: programs tell them in another than they are given."""
    found: list[tuple[str, ...]] = [()]
    for word in _words(re.sub(r" mtu \d+$", " mtu", command)):
        new = word.startswith("-") and found[-1] != ("!",)
        found = [*found, (word,)] if new or word == "!" else [*found[:-1], (*found[-1], word)]
    return sorted(found)


def _words(command: str) -> Iterator[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        return
    for before, word in zip(["", *words], words, strict=False):
        implied = "-m" in (before, word) and {"tcp", "udp", "icmp"} & {before, word}
        usual = (before, word) == ("-t", "filter")
        if word not in ("-w", "-m", "-t") and not implied and not usual:
            yield word.removesuffix("/32").removesuffix("/128")
