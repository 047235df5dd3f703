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
# What is none of a lab's doing: it makes no filter rules, and learns nothing of neighbours and connections.
_NEVER = ("iptables", "ip6tables", "nft", "ebtables", "conntrack", "neigh")
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
    names = found.space.names if found.space else (_inside(found.mend)[0],)
    lab = next((labs[name] for name in names if name in labs), None)
    if lab and not set(_NEVER) & set(found.mend.split()):
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
    first, *words = shlex.split(change.question)
    wanted, command = (words[0], words[1:]) if first in ("has", "is") else (None, [first, *words])
    said = reply(*command)
    if said is None:
        return True
    code, text = said[0], said[1].strip()
    if first == "has":
        return code == 0 and bool(text) and str(wanted) in text
    return code == 0 and (wanted is None or text == wanted)


def _maker(runs: Sequence[Run], command: str) -> Run | None:
    """The run that did what a command would take back."""
    place, words = _inside(command)
    key = _OURS.get(command) or (found[1] if (found := _SET.match(words)) else "")
    for run in runs:
        for change in run.changes:
            here, undo = _inside(change.undo)
            if change.netns != place and here != place:
                continue
            if key and change.what.replace("/", ".") == key.replace("/", ".") and _holds(change):
                return run
            if words and not key and _options(undo) == _options(words):
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
    for word in _words(command):
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
        if word not in ("-w", "-m") and not implied:
            yield word.removesuffix("/32").removesuffix("/128")
