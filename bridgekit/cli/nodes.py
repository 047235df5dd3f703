"""The nodes of labs that are up, where a command line names one who takes part: `NODE`, or `LAB/NODE`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridgekit import journal, names
from bridgekit.errors import HostError, InputError
from bridgekit.facts.guests import existing, space_of
from bridgekit.names import Guest
from bridgekit.translation import tr

if TYPE_CHECKING:
    from bridgekit.lab.topology import Node

_NODE = re.compile(r"(?:[\w.-]+/)?[\w.-]+", re.ASCII)
_OTHERS = (names.HOST, "outside")


def meant(text: str) -> str:
    """The guest that a word means: as it stands, if it names one; a namespace of that name; the node of a lab.

    Raises InputError where several labs have such a node, or it is none that sends; HostError where LAB/NODE is none.
    """
    if text in _OTHERS or not _NODE.fullmatch(text):
        return text
    if "/" not in text:
        own = Guest("netns", text) if space_of(Guest("netns", text)) else None
        if not (own or _labs()) or space_of(names.guest(text)):  # an engine is asked only if there is a choice
            return text
        if own:
            return text if text in existing() else str(own)  # a container that has ended is still who is meant
    from bridgekit.lab.inforce import node  # which takes its time to come

    try:
        return _guest(node(text))
    except HostError:
        if "/" in text:
            raise
        return text


def _labs() -> bool:
    """Whether any lab is up, as far as this user may know."""
    try:
        return any(run.recipe == "lab" for run in journal.runs())
    except HostError:
        return False


def _guest(node: Node) -> str:
    if node.kind in _OTHERS:
        return node.kind
    if node.guest is None and not node.netns:
        raise InputError(
            tr("a node of the kind {0} sends nothing and is asked nothing: {1!r}", node.kind, node.name), tr("a guest")
        )
    return str(node.guest or Guest("netns", node.netns))
