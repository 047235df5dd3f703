"""Lines -> a script whose consecutive lines of one tool and place are one process: `ip -batch`, `iptables-restore`.

Its steps stand there as in the script style; where something of a group is there already they are done one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bridgekit.compile import Compiled, Line
from bridgekit.render import as_script
from bridgekit.script import Script

_WORDS = ("together", "do_all", "do_soon", "all_done")
_OBJECTS = ("link", "addr", "address", "route", "rule", "neigh", "tuntap", "netns")
_AT_ONCE = 200  # rules of one restore: without root's own rights a netlink message holds less than five hundred
_FEW = 128  # namespaces: `ip -n` makes all mounts anew, one of which is each namespace's; of more, nsenter takes less
_AS_ONE = 200  # steps of one function: bash goes as deep into its stack as a function has commands
_RESTORED = ("-A", "-I", "-N")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+,=-]+|!", re.ASCII)  # what a batch reads as the shell does
_ASKED_OTHERWISE = ("foreign", "router_or", "all_of")
Words = tuple[str, ...]


@dataclass
class _Typed:
    """A line for a batch: its step, the tool, the namespace (empty: the host), the words."""

    number: int
    tool: str
    netns: str
    words: Words


@dataclass
class _Batch:
    """Lines of one process."""

    tool: str
    netns: str
    lines: list[_Typed] = field(default_factory=list)

    def start(self, few: bool) -> str:
        """What starts its tool in its place.  few: namespaces."""
        if self.netns and few:
            return f"{self.tool} -n {self.netns}"
        return f"nsenter --net=/run/netns/{self.netns} {self.tool}" if self.netns else self.tool


def render(compiled: Compiled, typed: str) -> Script:
    """The batch script of a plan.  typed: as for the script style."""
    script = as_script.render(compiled, typed, _WORDS)
    pieces = list(script.pieces)
    for group in _groups(compiled):
        batches = _batches(group)
        if len(batches) < len(group):
            names = []
            for part in (group[at : at + _AS_ONE] for at in range(0, len(group), _AS_ONE)):
                first, last = part[0].number - 1, part[-1].number - 1
                names.append(f"one_by_one_{first + 1}")
                pieces[first] = pieces[first]._replace(body=f"\n{names[-1]}() {{\n{pieces[first].body}")
                pieces[last] = pieces[last]._replace(body=f"{pieces[last].body}\n}}\n")
            done = f"together {' '.join(names)}\n{''.join(_texts(batches))}all_done\n"
            pieces[last] = pieces[last]._replace(body=f"{pieces[last].body}{done}")
    return replace(script, pieces=tuple(pieces))


def _groups(compiled: Compiled) -> Iterator[list[_Typed]]:
    """Neighbouring steps that a batch can do."""
    group: list[_Typed] = []
    for line, after in zip(compiled.lines, (*compiled.lines[1:], None), strict=True):
        typed = _typed(line) if after is None or after.number else None
        if typed:
            group.append(typed)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _typed(line: Line) -> _Typed | None:
    """A step as a line for a batch; None if it has to be done by itself."""
    if line.kind != "step" or line.once or line.possible or line.only_if or line.container is not None:
        return None
    if not all([isinstance(word, str) for word in (*line.unless, *line.undo, *line.run)]):
        return None
    words = tuple(map(str, line.run))
    if (line.unless[:1] and line.unless[0] in _ASKED_OTHERWISE) or not all(map(_PLAIN.fullmatch, words)):
        return None
    match words:
        case ("ip", "-n", netns, what, *rest) if what in _OBJECTS:
            return _Typed(line.number, "ip", netns, (what, *rest))
        case ("ip", "netns", "exec", netns, "ip", what, *rest) if what in _OBJECTS:
            return _Typed(line.number, "ip", netns, (what, *rest))
        case ("ip", what, *rest) if what in _OBJECTS and rest[:1] != ["exec"]:
            return _Typed(line.number, "ip", "", (what, *rest))
        case ("bridge", "link", *rest):
            return _Typed(line.number, "bridge", "", ("link", *rest))
        case ("iptables" | "ip6tables" as tool, *rest):
            rest = rest[1:] if rest[0] == "-w" else rest
            known = rest[2:3] if rest[0] == "-t" else rest[:1]
            return _Typed(line.number, tool, "", tuple(rest)) if known and known[0] in _RESTORED else None
    return None


class _Order:
    """Which batch is the last that a line of `ip` must not be done before."""

    def __init__(self) -> None:
        self._done_in: dict[str, int] = {}
        self._named_in: dict[str, int] = {}

    def after(self, line: _Typed) -> int:
        """The last batch that is done where the line names, or names where the line is done; -1: none."""
        named = max((self._done_in.get(word, -1) for word in line.words), default=-1)
        return max(named, self._named_in.get(line.netns, -1))

    def put(self, line: _Typed, batch: int) -> None:
        """The line is in that batch."""
        if line.netns:
            self._done_in[line.netns] = max(batch, self._done_in.get(line.netns, -1))
        for word in line.words:
            self._named_in[word] = max(batch, self._named_in.get(word, -1))


def _batches(group: list[_Typed]) -> list[_Batch]:
    """The lines by process: each in the latest one of its tool and place, if it may be done as early as that."""
    found: list[_Batch] = []
    last: dict[tuple[str, str], int] = {}
    order = _Order()
    for line in group:
        place = (line.tool, line.netns)
        at = last.get(place, -1)
        if at < 0 or (line.tool == "ip" and order.after(line) > at):
            at = last[place] = len(found)
            found.append(_Batch(line.tool, line.netns))
        found[at].lines.append(line)
        if line.tool == "ip":
            order.put(line, at)
    for batch in found:
        if batch.tool == "ip":
            for number in range(len(batch.lines) - 1, -1, -1):
                _born_there(batch.lines, number, found)
    return [batch for batch in found if batch.lines]


def _born_there(lines: list[_Typed], at: int, batches: list[_Batch]) -> None:
    """Let the peer of a veth pair be born where it would be moved to at once, under the name that it would get."""
    match lines[at].words:
        case ("link", "add", "name", veth, "type", "veth", "peer", "name", peer):
            pass
        case _:
            return
    move = next((each for each in lines[at + 1 :] if peer in each.words), None)
    if move is None or move.words[:4] != ("link", "set", peer, "netns"):
        return
    netns = move.words[4]
    between = lines[at + 1 : lines.index(move)]
    if any(netns in each.words for each in between):
        return
    lines.remove(move)
    for batch in batches:
        if batch.netns == netns and batch.tool == "ip":
            first = next((each for each in batch.lines if peer in each.words), None)
            if first and first.words[:4] == ("link", "set", peer, "name"):
                new = first.words[4]
                if not any(new in each.words for each in batch.lines[: batch.lines.index(first)]):
                    batch.lines.remove(first)
                    peer = new
            break
    lines[at] = replace(
        lines[at], words=("link", "add", "name", veth, "type", "veth", "peer", "name", peer, "netns", netns)
    )


def _texts(batches: list[_Batch]) -> Iterator[str]:
    """The processes in their order.  Those in namespaces do not wait for each other, unless one names another's."""
    namespaces = {batch.netns for batch in batches}
    begun: set[str] = set()
    few = len(namespaces) <= _FEW
    for batch in batches:
        alone = not batch.netns or batch.netns in begun
        if alone or any(word in namespaces for line in batch.lines for word in line.words):
            begun.clear()
            yield _text(batch, "do_all", few)
        else:
            begun.add(batch.netns)
            yield _text(batch, "do_soon", few)


def _text(batch: _Batch, how: str, few: bool) -> str:
    """The process, and its lines.  how: the word of the machinery that starts it.  few: namespaces."""
    if batch.tool not in ("ip", "bridge"):
        parts = (batch.lines[at : at + _AT_ONCE] for at in range(0, len(batch.lines), _AT_ONCE))
        made = ("".join(_restored(part)) for part in parts)
        return "".join(f"{how} {batch.tool}-restore -w --noflush <<'END'\n{part}END\n" for part in made)
    lines = "".join(f"{' '.join(line.words)}   # {line.number}\n" for line in batch.lines)
    return f"{how} {batch.start(few)} -batch - <<'END'\n{lines}END\n"


def _restored(lines: list[_Typed]) -> Iterator[str]:
    tables: dict[str, list[str]] = {}
    for line in lines:
        table, words = (line.words[1], line.words[2:]) if line.words[0] == "-t" else ("filter", line.words)
        tables.setdefault(table, []).append(f"# {line.number}\n{' '.join(words)}\n")
    for table, texts in tables.items():
        yield f"*{table}\n{''.join(texts)}COMMIT\n"
