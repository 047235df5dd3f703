"""What to call a namespace: its container's name, its own, or a process in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bridgekit.facts.ask import ask, present
from bridgekit.facts.spaces import Space, comm, inode_of, named
from bridgekit.names import Guest
from bridgekit.translation import tr

# How bridgekit's own commands write a guest of each engine.
_ENGINES = {"docker": "", "podman": "podman:"}
# What podman calls a container's namespace: it says nothing.
_PODMANS_OWN = re.compile(r"(netns|cni)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXPOSED = {
    "docker": "{{range $port, $_ := .Config.ExposedPorts}}{{$port}} {{end}}",
    "podman": "{{range $port, $_ := .NetworkSettings.Ports}}{{$port}} {{end}}",
}


def containers() -> dict[int, str]:
    """The names of running containers, by the inode of their namespace; none without an engine that answers."""
    return {inode: names[0] for inode, names in together().items()}


def together() -> dict[int, tuple[str, ...]]:
    """The same, where containers share a namespace all their names."""
    return {inode: tuple(sorted(name for name, _ in found)) for inode, found in _containers().items()}


def existing() -> set[str]:
    """The names of all containers, also of those that do not run."""
    answers = ((prefix, ask(engine, "ps", "-a", "--format", "{{.Names}}")) for engine, prefix in _ENGINES.items())
    return {f"{prefix}{name}" for prefix, answer in answers for name in (answer or "").split()}


def everyone() -> dict[Space, str]:
    """The guests of this host, each as the command line names it: containers, and namespaces with a name.

    Not the namespaces of other processes: many programs put themselves in one, and are nobody's guests.
    """
    own, *others = named()
    found = {space.inode: space for space in others}
    running = _containers()
    for number, ((_, pid), *_) in running.items():
        if number != own.inode:
            found.setdefault(number, Space(number, f"/proc/{pid}/ns/net", pid=pid))
    known = {number: name for number, ((name, _), *_) in running.items()}
    return {space: spelling(space, known) for space in found.values()}


def space_of(guest: Guest) -> Space | None:
    """The namespace of a running guest; None if there is no such guest, or it is not ours to see."""
    if guest.kind == "netns":
        return next((space for space in named() if guest.name in space.names), None)
    pid = guest.name
    if guest.kind != "pid":
        lxc = ("lxc-info", "-n", guest.name, "-p", "-H")
        words = lxc if guest.kind == "lxc" else (guest.kind, "inspect", "-f", "{{.State.Pid}}", guest.name)
        pid = (ask(*words) or "").strip()
    number = inode_of(int(pid)) if pid.isdecimal() and int(pid) else None
    if number is None:
        return None
    return next((each for each in named() if each.inode == number), Space(number, f"/proc/{pid}/ns/net", pid=int(pid)))


def inode(guest: Guest) -> int | None:
    """The kernel's identity of a running guest's namespace; None as for `space_of`."""
    space = space_of(guest)
    return None if space is None else space.inode


def exposed(guest: Guest) -> list[str]:
    """The ports that a container's image or its `docker run` declared, such as `80/tcp`; none without an engine."""
    if guest.kind not in _ENGINES:
        return []
    return (ask(guest.kind, "inspect", "-f", _EXPOSED[guest.kind], guest.name) or "").split()


def way_to(guest: Guest) -> str:
    """What to do about a guest that is not there: start it, or call it by another name; empty if nothing is near."""
    known = guest.kind in _ENGINES
    running = known and ask(guest.kind, "inspect", "-f", "{{.State.Running}}", guest.name)
    if running and running.strip() == "false":
        return f"{guest.kind} start {guest.name}"
    here = [*containers().values(), *(f"netns:{name}" for space in named() for name in space.names)]
    bare = {each.rpartition(":")[2]: each for each in reversed(here)}
    near = [guest.name] if guest.name in bare else get_close_matches(guest.name, bare, 1)
    if near:
        return tr("did you mean {0}?", bare[near[0]])
    return tr("{0} ps lists the containers; others are podman:NAME, netns:NAME, pid:N", guest.kind) if known else ""


def spelling(space: Space, known: Mapping[int, str]) -> str:
    """How to name a namespace's guest on the command line, `known` being the containers."""
    if space.inode in known:
        return known[space.inode]
    return f"netns:{space.names[0]}" if space.names else f"pid:{space.pid}"


def label(space: Space, known: Mapping[int, str]) -> str:
    """What to call a namespace, `known` being the containers."""
    if space.is_host:
        return tr("this host")
    container = known.get(space.inode)
    own = ", ".join(name for name in space.names if not (container and _PODMANS_OWN.fullmatch(name)))
    if container and own and container != own:
        return f"{container} (netns {own})"
    if own and not container and own in known.values():
        return f"netns:{own}"  # a container that is elsewhere has that name, too
    return container or own or f"pid {space.pid} ({comm(space.pid)})"


def _containers() -> dict[int, list[tuple[str, int]]]:
    """The names and first processes of running containers, by the inode of their namespace."""
    found: dict[int, list[tuple[str, int]]] = {}
    for engine, prefix in _ENGINES.items():
        for pid, name in _running(engine):
            number = inode_of(pid)
            if number is not None:
                found.setdefault(number, []).append((f"{prefix}{name}", pid))
    return found


def _running(engine: str) -> Iterable[tuple[int, str]]:
    if not present(engine):
        return
    ids = (ask(engine, "ps", "-q") or "").split()
    answer = ask(engine, "inspect", "-f", "{{.State.Pid}} {{.Name}}", *ids) if ids else None
    for line in (answer or "").splitlines():
        pid, _, name = line.partition(" ")
        if pid.isdecimal():
            yield int(pid), name.removeprefix("/")
