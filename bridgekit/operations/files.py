"""Files; those that name a guest and tell it the names of others: hostname, hosts, resolv.conf."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text


@operation
class DirectoryAdd(Operation):
    """Make a directory."""

    path: str
    line = "mkdir {path}"
    unless = "test -d {path}"
    undo = "rmdir --ignore-fail-on-non-empty {path}"


@operation
class FileCopy(Operation):
    """Make a file, as a copy of another."""

    source: str
    path: str
    line = "cp {source} {path}"
    unless = "test -e {path}"
    undo = "rm {path}"


@operation
class FileFetch(Operation):
    """Fetch a file from a web server."""

    url: str
    path: str
    line = "curl -fsSL {url} -o {path}"
    unless = "test -s {path}"
    undo = "rm {path}"


@operation
class HostsAdd(Operation):
    """Put a line with a name and its address into a hosts file; without an address there is none to put."""

    path: Text
    address: Text
    name: str
    line = "add_host {path} {address} {name}"
    unless = "has_host {path} {address} {name}"
    undo = "drop_host {path} {address} {name}"


@operation
class HostsAppend(Operation):
    """Put a line with an address and its names at the end of a hosts file."""

    path: Text
    address: Text
    names: Text | tuple[Text, ...]
    line = "append_host {path} {address} {names}"
    unless = "has_host {path} {address} {names}"
    undo = "drop_host {path} {address} {names}"


@operation
class LineWrite(Operation):
    """Make a line the whole of a file that is there; on the way back it has the bytes that it had."""

    path: Text
    text: str
    line = "put_line {path} {text}"
    unless = "is {text} cat {path}"
    sets = "{path}"
    undo = "put {path} $(base64 -w 0 {path})"


@operation
class LinesSet(Operation):
    """Put lines in place of those that begin with one of these words (`search|domain`); the other lines stay."""

    path: Text
    words: str
    lines: tuple[str, ...]
    line = "set_lines {path} {words} {lines...}"
    unless = "lines_are {path} {words} {lines...}"
    sets = "{words} in {path}"
    undo = "put_lines_back {path} {words} $(base64 -w 0 {path})"


@operation
class HostnameSet(Operation):
    """Set the host name of a process's UTS namespace.  man 1 nsenter; man 7 uts_namespaces."""

    pid: Text
    name: Text
    line = "nsenter --target {pid} --uts hostname {name}"
    unless = "is {name} nsenter --target {pid} --uts hostname"
    sets = "hostname of {pid}"
    undo = "nsenter --target {pid} --uts hostname -- $(nsenter --target {pid} --uts hostname)"
