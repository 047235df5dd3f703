"""`nsenter` of util-linux: into the namespaces of a process.  man 1 nsenter; man 7 uts_namespaces."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.tools import files
from bridgekit.words import Argv, Pipeline, Text, answer, parts

PROGRAMS = {"nsenter": "util-linux"}


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation."""
    match operation:
        case op.HostnameSet(pid, name):
            return (*hostname(pid), name)
        case op.HostnameRestore(pid):
            return (*hostname(pid), "--", answer(*hostname(pid)))
    return None


def question(operation: op.Operation) -> Pipeline | None:
    """The pipeline whose output a capturing operation keeps."""
    match operation:
        case op.CaptureHostname(pid=pid):
            # A guest may say anything; what cannot be in a name is left out, so that it is one line, and no option.
            return (hostname(pid), ("sed", "-n", "1{s/[^A-Za-z0-9._-]//g; s/^-*//p}"))
        case op.CaptureAddress(path=path):
            return (
                ("nsenter", ("--net=", *parts(files.path(path))), "ip", "-o", "addr", "show", "scope", "global"),
                ("awk", '$2 != "lo" && !found++ { sub("/.*", "", $4); print $4 }'),  # it reads on: no broken pipe
            )
    return None


def hostname(pid: Text) -> Argv:
    """The command that prints a guest's host name."""
    return ("nsenter", "--target", pid, "--uts", "hostname")
