"""The labs that are up: their runs in the journal, and the nodes that one can go into."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from bridgekit import journal
from bridgekit.errors import HostError, InputError
from bridgekit.journal import NAMES, Run
from bridgekit.lab.building import run_of
from bridgekit.lab.loading import Loaded, from_content, load
from bridgekit.lab.machines import of_machine
from bridgekit.lab.reading import shipped
from bridgekit.lab.resolving import resolved
from bridgekit.lab.topology import NAMESPACES, Node, Topology
from bridgekit.translation import tr

_ALOUD = '"$@" | unshare --user --map-user=1000 --map-group=1000 tcpdump -n -l -r -'  # as nobody special


@dataclass(frozen=True)
class Up:
    """A lab that is up."""

    run: Run

    @property
    def name(self) -> str:
        """The lab's."""
        return self.run.name.removeprefix(run_of(""))

    @cached_property
    def loaded(self) -> Loaded:
        """What its file said.  Raises InputError if it is of another version."""
        return from_content(self.run.plan[1])

    @cached_property
    def topology(self) -> Topology:
        """The same, resolved; of a lab on many machines the part of this one."""
        return of_machine(resolved(self.loaded), *(self.run.plan[2:] or ("",)))


def labs() -> list[Up]:
    """The labs that are up, oldest first.  Raises HostError if the journal may not be read."""
    return [Up(run) for run in journal.runs() if run.plan[:1] == ("lab",) and len(run.plan) in (2, 3)]


def up(name: str) -> Up:
    """A lab that is up: by its name, or by its file's.  Raises HostError if it is not."""
    found = {each.name: each for each in labs()}
    wanted = name if name in found or not _is_file(name) else load(name).lab.name
    if wanted not in found:
        raise HostError(tr("no lab of that name is up: {0!r}", wanted), _instead(name, list(found)))
    return found[wanted]


def _instead(name: str, known: list[str]) -> str:
    """What may have been meant by the name of a lab that is not up: one that is."""
    near = get_close_matches(name, known, 1)
    if near and not _is_file(name):
        return tr("did you mean {0}?", near[0])
    if known:
        return tr("these are up: {0}", ", ".join(known))
    return tr("none is; bridgekit lab up {0}", name if _is_file(name) else "FILE")


def _is_file(name: str) -> bool:
    return Path(name).exists() or name.endswith((".yaml", ".yml")) or name in shipped()


def asked(name: str | None, tell: Callable[[Loaded], object]) -> Topology:
    """The topology of a lab, by its name or its file; None: of the only one that is up.  Raises as `up`, InputError.

    tell: hears of a file, when it is resolved.
    """
    if name is None:
        return only().topology
    if any(each.name == name for each in _readable()):
        return up(name).topology
    loaded = load(name)
    topology = resolved(loaded)
    tell(loaded)
    return topology


def _readable() -> Sequence[Up]:
    try:
        return labs()
    except HostError:
        return ()


def only() -> Up:
    """The only lab that is up.  Raises HostError if there is none, or more."""
    found = labs()
    if len(found) != 1:
        what = (
            tr("no lab is up") if not found else tr("several labs are up: {0}", ", ".join(each.name for each in found))
        )
        raise HostError(what, tr("bridgekit lab up FILE") if not found else tr("name one of them"))
    return found[0]


def node(text: str) -> Node:
    """A node of a lab that is up: NODE, or LAB/NODE where several have such a one.  Raises HostError, InputError."""
    lab, slash, name = text.rpartition("/")
    among = [up(lab)] if slash else labs()
    found = [each.topology.nodes[name] for each in among if name in each.topology.nodes]
    if not found:
        known = [each for one in among for each in one.topology.nodes]
        near = get_close_matches(name, known, 1)
        hint = tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(known[:9]))
        hint = hint if known else tr("bridgekit lab up FILE")
        raise HostError(tr("no lab that is up has such a node: {0!r}", name), hint)
    if len(found) > 1:
        several = ", ".join(f"{each.name}/{name}" for each in among if name in each.topology.nodes)
        raise InputError(tr("more than one lab has such a node: {0!r}", name), tr("one of: {0}", several))
    return found[0]


def inside(node: Node, command: Sequence[str], terminal: bool) -> list[str]:
    """The command that runs another in a node.  Raises InputError for one that is no place for commands."""
    if node.kind == "host":
        return list(command)
    if node.kind not in NAMESPACES:
        raise InputError(tr("no command runs in a node of the kind {0}: {1!r}", node.kind, node.name), tr("a guest"))
    if node.guest:
        return [node.guest.kind, "exec", *(("-ti",) if terminal else ()), node.guest.name, *command]
    if not (NAMES / node.netns).exists():
        raise HostError(tr("{0!r} is not there", node.name), tr("bridgekit lab up makes again what is gone"))
    return ["ip", "netns", "exec", node.netns, *command]


def capturing(node: Node, interface: str, to: str | None, own: str = "") -> list[str]:
    """The command that captures what passes a node's interface.

    to: a file; `-`: the output; None: as text.  own: a program that does it where tcpdump cannot, which gives up root.
    """
    ends = {end.name: end.device for end in node.ends}
    if node.kind == "bridge":
        ends[""] = node.device
    elif not interface:
        ends[""] = "any"
    if interface not in ends:
        known = ", ".join(filter(None, ends)) or tr("none")
        raise InputError(tr("{0!r} has no such interface: {1!r}", node.name, interface), tr("one of: {0}", known))
    place = ["nsenter", f"--net=/run/netns/{node.netns}"] if node.netns else []
    if own:
        words = [*place, sys.executable, "-I", "-S", own, ends[interface], *([to] if to and to != "-" else [])]
        return words if to else ["bash", "-c", _ALOUD, "bash", *words]
    # Who reads packets aloud does so as a user without rights; such a one could not write to a file of root's.
    written = ("-Z", "root", "-U", "-w", to) if to else ("-l",)
    return [*place, "tcpdump", "-n", "-i", ends[interface], *written]
