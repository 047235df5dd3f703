"""Commands that are kept running in a namespace.  man 7 pid_namespaces; man 1 unshare."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation


@operation
class FolderAdd(Operation):
    """Make a folder that is root's alone; it goes with all that is in it."""

    path: str
    line = "mkdir -m 700 {path}"
    unless = "test -d {path}"
    undo = "rm -r {path}"
    makes = ("folder path",)


@operation
class FileWrite(Operation):
    """Make a file of a text, with the folders below the given one that it is in."""

    folder: str
    name: str
    text: str
    line = "write_file {folder} {name} {text}"
    unless = "file_is {folder}/{name} {text}"
    undo = "rm {folder}/{name}"
    part_of = ("folder folder",)


@operation
class ProcessStart(Operation):
    """Start a command in a namespace, which goes on; it and all that it starts end together.

    folder: its own, in which it is started.  env: NAME=VALUE.  It sees the namespace's files in the place of /etc's.
    """

    folder: str
    netns: str
    command: tuple[str, ...]
    env: tuple[str, ...] = ()
    line = "start_service {folder} {netns} {env...} -- {command...}"
    unless = "serves {folder} {netns}"
    remains = "service_left {folder} {netns}"
    undo = "end_service {folder}"


@operation
class GuestStart(Operation):
    """Start a container again that has ended."""

    runtime: str
    guest: str
    unless = "is true {runtime} inspect -f '{{.State.Running}}' {guest}"

    @property
    def line(self) -> str:
        return "{runtime} start {guest}"  # of other programs' lines, `start` is a service's
