"""Namespaces that nobody uses any more: what is left of a container that ended, and names that lead nowhere."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from bridgekit.facts.guests import existing
from bridgekit.facts.spaces import Space, inhabited, named, names
from bridgekit.facts.survey import Survey
from bridgekit.translation import tr


@dataclass(frozen=True)
class Stale:
    """why: what became of it.  mend: the command that frees its name, and what is joined to it.

    container: that was in it, and runs elsewhere now; empty if none does.
    """

    why: str
    mend: str
    container: str = ""


def stale(seen: Survey) -> dict[Space, Stale]:
    """The named namespaces that a container of that name was in, and is not any more.

    One with nothing in it may be anybody's own, and keeps nobody from anything.  Only root is told of each process
    where it is, so to others none is stale.
    """
    others = [space for space in seen.links if space.names and space.inode not in seen.sharing and not space.is_host]
    lonely = [space for space in others if any(link.name != "lo" for link in seen.links[space])]
    if not lonely or os.geteuid() != 0:
        return {}
    used, known = inhabited(), existing()
    running = {name for names in seen.sharing.values() for name in names}
    found: dict[Space, Stale] = {}
    for space in lonely:
        for name in space.names if space.inode not in used else ():
            container = next((each for each in (name, f"podman:{name}") if each in known), "")
            if container:
                found[space] = Stale(
                    _why(container, container in running), _unnaming(name), container if container in running else ""
                )
    return found


def _why(container: str, runs: bool) -> str:
    if runs:
        return tr("container {0} was started again, in another namespace", container)
    return tr("container {0} does not run any more", container)


def dead_names() -> dict[str, Stale]:
    """The names under /run/netns that lead to no namespace."""
    living = {name for space in named() for name in space.names}
    return {name: Stale(tr("it leads to no namespace"), _unnaming(name)) for name in names() if name not in living}


def _unnaming(name: str) -> str:
    return f"ip netns del {shlex.quote(name)}"
