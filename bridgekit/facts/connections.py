"""Asking a port for an answer, with no program of the asking guest's: TCP connects, UDP sends.

man 7 tcp, udp, ip, 5 proc.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from bridgekit.facts.pings import NO_ROOM, Echo
from bridgekit.facts.spaces import Space
from bridgekit.names.families import six
from bridgekit.names.ports import Port
from bridgekit.translation import tr

_SECONDS = 1.0  # for an answer
_PAGE = 65536  # octets
# What each name server answers: who serves the root (RFC 1035, section 4); what others get is a line.
_QUESTIONS = {53: struct.pack(">6H", 0x6B69, 0x0100, 1, 0, 0, 0) + b"\0" + struct.pack(">2H", 2, 1)}
_LINE = b"bridgekit\n"
# With these nothing was asked of anybody: not a route, a rule or a host says so, but this process's own limits.
_UNASKED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAFNOSUPPORT, errno.ENOENT}
_NET = Path("/proc/thread-self/net")
_LISTENS = {"tcp": "0A", "udp": "07"}  # states of /proc/net/tcp and udp: TCP_LISTEN, TCP_CLOSE


def connect(space: Space, address: str, port: Port, count: int) -> Echo:
    """Ask a port from a namespace, `count` times: TCP is connected and closed, UDP sent a line and waited for.

    A name server, at 53/udp, gets a question.
    """
    times, sent, why = [], 0, ""
    for _ in range(count):
        try:
            times.append(_asked(space, address, port))
        except TimeoutError:
            why = tr("no answer")
        except OSError as error:
            if error.errno in _UNASKED:
                full = error.errno == errno.ENOBUFS
                return Echo(0, 0, None, NO_ROOM if full else os.strerror(error.errno), False)
            why = os.strerror(error.errno or 0)
        sent += 1
    mean = 1000 * sum(times) / len(times) if times else None
    return Echo(sent, len(times), mean, "" if times else why)


def page(space: Space, address: str, port: int) -> str:
    """What a web server answers to who asks from a namespace, without its head; empty: nothing."""
    family, found = socket.AF_INET6 if six(address) else socket.AF_INET, b""
    with space.within(lambda: socket.socket(family, socket.SOCK_STREAM)) as asking, suppress(OSError):
        asking.settimeout(_SECONDS)
        asking.connect((address, port))
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while len(found) < _PAGE and (part := asking.recv(_PAGE)):
            found += part
    return found.partition(b"\r\n\r\n")[2].decode(errors="replace").strip()


def _asked(space: Space, address: str, port: Port) -> float:
    """How long an answer took, in seconds.  Raises OSError."""
    family = socket.AF_INET6 if six(address) else socket.AF_INET
    kind = socket.SOCK_DGRAM if port.protocol == "udp" else socket.SOCK_STREAM
    with space.within(lambda: socket.socket(family, kind)) as asking:
        asking.settimeout(_SECONDS)
        began = time.monotonic()
        asking.connect((address, port.number))
        if port.protocol == "udp":
            asking.send(_QUESTIONS.get(port.number, _LINE))
            asking.recv(65535)
        return time.monotonic() - began


def listeners(space: Space, port: Port) -> tuple[str, ...] | None:
    """The addresses of a namespace at which something listens on a port; `*` is each; None if that cannot be told."""
    found = listening(space, port.protocol)
    at = [address for address, number in found or () if number == port.number]
    return None if found is None else tuple(dict.fromkeys("*" if each in ("0.0.0.0", "::") else each for each in at))


def listening(space: Space, protocol: str) -> list[tuple[str, int]] | None:
    """Where something listens in a namespace, `tcp` or `udp`: address and port; None if that cannot be told."""
    try:
        said = space.within(lambda: [_table(name) for name in (protocol, f"{protocol}6")])
    except OSError:
        return None
    rows = (line.split() for table in said for line in table.splitlines()[1:])
    locals_ = (row[1].partition(":") for row in rows if row[3] == _LISTENS[protocol])
    return [(_address(address), int(port, 16)) for address, _, port in locals_]


def _table(name: str) -> str:
    """One of /proc/net; empty if this kernel has none: it may speak no IPv6."""
    file = _NET / name
    return file.read_text() if file.exists() else ""


def _address(text: str) -> str:
    """An address of /proc/net/tcp: hex digits, each four bytes in this machine's order."""
    raw = bytes.fromhex(text)
    return str(ip_address(b"".join(raw[place : place + 4][::-1] for place in range(0, len(raw), 4))))
