"""The one-line functions that a rendered script defines for what no program does in one command."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Answer, Argv, Text, answer

PROGRAMS: dict[str, str] = {}
EXPORTED = ("forwarding", "restore")  # also for a bash inside a namespace


def build(operation: op.Operation) -> Argv | None:
    """The function call of an operation."""
    match operation:
        case op.LinkFetch(name, netns):
            return ("fetch", name, netns)
        case op.NetnsRelink():
            return ("relink", answer("dangling"))
        case op.HostsAdd(path, address, name):
            return ("add_host", path, address, name)
        case op.HostsRemove(path, address, name):
            return ("drop_host", path, address, name)
        case op.LineWrite(path, line):
            return ("put_line", path, line)
        case op.FileRestore(path):
            return ("put", path, _bytes(path))
        case op.LinesSet(path, words, lines):
            return ("set_lines", path, words, *lines)
        case op.LinesRestore(path, words):
            return ("put_lines_back", path, words, _bytes(path))
    return None


def _bytes(path: Text) -> Answer:
    """A file as it is now, in letters."""
    return answer("base64", "-w", "0", path)
