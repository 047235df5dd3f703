"""Asking the kernel for a list by netlink.  man 7 netlink; linux/netlink.h."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from struct import pack, unpack_from

DUMP = 0x301  # NLM_F_REQUEST and NLM_F_DUMP
DONE, ERROR = 3, 2
_HEAD = 16  # bytes, of a message
_KIND = 0x3FFF  # of an attribute, without its flags
_SECONDS = 2


def listed(question: int, body: bytes, protocol: int = 0) -> Iterator[bytes]:
    """The bodies of the kernel's answers to a question in this thread's namespace.  Raises OSError.

    question: the kind of the message.  protocol: NETLINK_ROUTE, or another of man 7 netlink.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as kernel:
        kernel.settimeout(_SECONDS)
        kernel.send(pack("=IHHII", _HEAD + len(body), question, DUMP, 0, 0) + body)
        while True:
            answer = kernel.recv(1 << 16)
            while answer:
                length, kind = unpack_from("=IH", answer)
                if kind == DONE:
                    return
                if kind == ERROR:
                    raise OSError(-unpack_from("=i", answer, _HEAD)[0], "netlink")
                yield answer[_HEAD:length]
                answer = answer[length + -length % 4 :]


def attributes(data: bytes) -> dict[int, bytes]:
    """The attributes of a body, by kind; of two of one kind the first."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        length, kind = unpack_from("=HH", data)
        if length < 4:
            break
        found.setdefault(kind & _KIND, data[4:length])
        data = data[length + -length % 4 :]
    return found
