"""The files that name a guest and tell it the names of others: hostname, hosts, resolv.conf."""

from __future__ import annotations

from bridgekit.operations.base import NetnsPath, Operation, operation
from bridgekit.operations.guests import Capture
from bridgekit.operations.needs import Need
from bridgekit.words import Text


@operation
class CaptureFile(Capture):
    """Learn where an engine keeps one of a container's files.

    key: what the engine calls it: `HostsPath`, `ResolvConfPath` or `HostnamePath`.
    """

    runtime: str
    guest: Text
    key: str


@operation
class CaptureAddress(Capture):
    """Learn a guest's address: the first that others can reach, or nothing."""

    path: NetnsPath


@operation
class DirectoryAdd(Operation):
    """Make a directory."""

    path: str


@operation
class DirectoryDelete(Operation):
    """Remove a directory that is empty."""

    path: str


@operation
class FileCopy(Operation):
    """Make a file, as a copy of another."""

    source: str
    path: str


@operation
class FileDelete(Operation):
    """Remove a file."""

    path: str


@operation
class HostsAdd(Operation):
    """Put a line with a name and its address into a hosts file; without an address there is none to put."""

    path: Text
    address: Text
    name: str


@operation
class HostsRemove(Operation):
    """Take such a line out again."""

    path: Text
    address: Text
    name: Text | tuple[Text, ...]


@operation
class LineWrite(Operation):
    """Make a line the whole of a file that is there."""

    path: Text
    line: str


@operation
class FileRestore(Operation):
    """Give a file back the bytes it had."""

    path: Text


@operation
class LinesSet(Operation):
    """Put lines in place of those that begin with one of these words (`search|domain`); the other lines stay."""

    path: Text
    words: str
    lines: tuple[str, ...]


@operation
class LinesRestore(Operation):
    """Bring back the lines that LinesSet took away; what was changed beside them stays."""

    path: Text
    words: str


@operation
class HostnameSet(Operation):
    """Set the host name of a process's UTS namespace."""

    pid: Text
    name: Text


@operation
class HostnameRestore(Operation):
    """Set it back to what it was."""

    pid: Text


@operation
class HostnameShow(Operation):
    """Show the host name."""


@operation
class MountsShow(Operation):
    """Show what is mounted where."""


@operation
class FilesCompare(Operation):
    """Compare two files, byte by byte."""

    path: str
    other: Text


@operation
class Lookup(Operation):
    """Look up the address of a name, for so many seconds."""

    name: str
    seconds: int = 2


@operation
class NeedFile(Need):
    """The file is there."""

    path: Text


@operation
class NeedOwnHostname(Need):
    """The process has a UTS namespace, and so a host name, of its own."""

    pid: Text


@operation
class NeedProgram(Need):
    """The program is installed."""

    program: str
    package: str
