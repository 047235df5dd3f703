"""`mount`, `ln`, `rm`, `mkdir`, `find`, `cat`, `cp` ...: the names of namespaces; files.  man 8 mount, ip-netns."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Text, Word

PROGRAMS = {"mount": "mount", "umount": "mount", "find": "findutils", "cmp": "diffutils"}
DIRECTORY = "/var/run/netns"
DANGLING = ("find", "-L", DIRECTORY, "-type", "l")  # -L: a link that leads somewhere is no link


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation."""
    match operation:
        case op.NetnsDirectory():
            return ("mkdir", "-p", DIRECTORY)
        case op.NetnsBind(name, pid):
            return ("mount", "--bind", of_process(pid), named(name))
        case op.NetnsUnbind(name):
            return ("umount", named(name))
        case op.NetnsLink(name, pid):
            return ("ln", "-s", of_process(pid), named(name))
        case op.NetnsUnlink(name):
            return ("rm", named(name))
        case op.NetnsPrune():
            return (*DANGLING, "-delete")
        case op.NetnsCompare(one, other):
            return ("test", path(one), "-ef", path(other))
        case op.FileShow(shown):
            return ("cat", shown)
    return _plain_files(operation)


def _plain_files(operation: op.Operation) -> Argv | None:
    match operation:
        case op.DirectoryAdd(path):
            return ("mkdir", path)
        case op.DirectoryDelete(path):
            return ("rmdir", "--ignore-fail-on-non-empty", path)
        case op.FileCopy(source, path):
            return ("cp", source, path)
        case op.FileDelete(path):
            return ("rm", path)
        case op.FilesCompare(path, other):
            return ("cmp", path, other)
        case op.MountsShow():
            return ("mount",)
    return None


def of_process(pid: Text) -> Word:
    """The network namespace of a process."""
    return ("/proc/", pid, "/ns/net")


def named(name: Text) -> Word:
    """The file that names a network namespace."""
    return f"{DIRECTORY}/{name}" if isinstance(name, str) else (f"{DIRECTORY}/", name)


def path(where: op.NetnsPath) -> Word:
    """Where a namespace can be opened; the host's is that of its first process."""
    return named(where.name) if where.name else of_process(where.pid or "1")
