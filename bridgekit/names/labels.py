"""Names that are one word, and other values that are no addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from string import Formatter

from bridgekit.names.refusal import refuse
from bridgekit.translation import tr

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,254}\Z", re.ASCII)
_PID = re.compile(r"[1-9][0-9]{0,6}\Z", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
LONGEST_NAME = 64  # of a namespace, a file name
_ALPHABET = tr("letters, digits, `_`, `.` and `-`, not starting with `.` or `-`")


def _word(what: str, text: str, longest: int) -> str:
    if not _WORD.match(text) or len(text) > longest:
        raise refuse(tr("not {0}", what), text, tr("1 to {0} characters: {1}", longest, _ALPHABET))
    return text


def interface(text: str) -> str:
    """An interface name: 1 to 15 characters (IFNAMSIZ).  Raises InputError."""
    if text in ("all", "default"):
        raise refuse(tr("not an interface name"), text, tr("to sysctl it means every interface; choose another"))
    return _word(tr("an interface name"), text, 15)


def netns(text: str) -> str:
    """The name of a network namespace, a file name under /run/netns.  Raises InputError."""
    return _word(tr("a namespace name"), text, LONGEST_NAME)


def network(text: str) -> str:
    """The name of an engine's network.  Raises InputError."""
    if text in ("bridge", "none", HOST):
        raise refuse(tr("a name that the engine has taken"), text, tr("another one; `bridge` is docker0's network"))
    return _word("a network's name", text, 64)


def run_name(text: str) -> str:
    """The name of a run, a file name under /run/bridgekit.  Raises InputError."""
    return _word(tr("a run name"), text, 64)


def image(text: str) -> str:
    """A container image's reference.  Raises InputError."""
    if not _IMAGE.match(text):
        raise refuse(tr("not an image"), text, tr("for example: ubuntu:14.04"))
    return text


_WHOLE_ID = re.compile(r"\b[0-9a-f]{64}\b")  # a container's; engines show twelve digits of it


def slug(pattern: str, values: Mapping[str, object]) -> str:
    """A run name: the pattern with its values, where `:` and `/` become `-`; nothing for what is not given.

    Where that could be the name of other values too, it ends in a number made of them.
    """
    used = {name: _told(name, values[name]) for _, name, _, _ in Formatter().parse(pattern) if name}
    whole = pattern.format_map(used)
    short = _WHOLE_ID.sub(lambda found: found[0][:12], whole)
    text = re.sub(r"[^A-Za-z0-9_.-]+", "-", short).strip(".-")
    if len(text) > 64 or short != whole or any(re.search(r"-|[^A-Za-z0-9_.]{2}", value) for value in used.values()):
        text = f"{text[:56]}-{number(*used.values())}"
    return run_name(text)


def _told(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def number(*words: object) -> str:
    """Seven hex digits made of words, to tell names apart that would be too long."""
    return sha256(" ".join(str(word) for word in words).encode()).hexdigest()[:7]


HOST = "host"  # what stands for this host where a guest is named


@dataclass(frozen=True)
class Guest:
    """Who gets a network: a container of a runtime, a process or a named namespace.

    kind: `docker`, `podman`, `lxc`, `pid` or `netns`.
    name: the container's name or id, the process id, or the namespace's name.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == "docker" else f"{self.kind}:{self.name}"


def guest(text: str) -> Guest:
    """A guest: `NAME` (a Docker container), `podman:NAME`, `lxc:NAME`, `pid:N`, `netns:NAME`.  Raises InputError."""
    kind, colon, name = text.partition(":")
    if not colon:
        kind, name = "docker", text
    if kind == "pid":
        if not _PID.match(name):
            raise refuse(tr("not a process id"), text, tr("for example: pid:4242"))
    elif kind in ("docker", "podman", "lxc", "netns"):
        _word("a guest", name, 64)
    else:
        raise refuse(
            tr("not a guest"), text, tr("NAME (a Docker container), podman:NAME, lxc:NAME, pid:N or netns:NAME")
        )
    return Guest(kind, name)


def mac(text: str) -> str:
    """A unicast MAC address, `02:42:0a:00:00:02`.  Raises InputError."""
    lowered = text.lower()
    if not _MAC.match(lowered):
        raise refuse(tr("not a MAC address"), text, tr("six pairs of hex digits: 02:42:0a:00:00:02"))
    if int(lowered[:2], 16) & 1:
        raise refuse(tr("a multicast MAC address"), text, tr("an even first byte: 02{0}", lowered[2:]))
    if lowered == "00:00:00:00:00:00":
        raise refuse(tr("no MAC address"), text, tr("six pairs of hex digits: 02:42:0a:00:00:02"))
    return lowered


def truth(text: str) -> bool:
    """`true` or `false`, as the engine's options write it.  Raises InputError."""
    if text not in ("true", "false"):
        raise refuse(tr("neither true nor false"), text, tr("true or false"))
    return text == "true"


def whole(text: str) -> int:
    """A whole number in the digits 0 to 9; Python's own `int` takes other alphabets', and `1_0`.  Raises InputError."""
    if not _WHOLE.match(text):
        raise refuse(tr("not a whole number"), text[:40], tr("digits 0 to 9, such as 3"))
    return int(text)


def mtu(value: int, version: int) -> int:
    """An MTU in bytes: 68 to 65535, and at least 1280 where IPv6 is spoken.  Raises InputError."""
    least = 68 if version == 4 else 1280
    if not least <= value <= 65535:
        raise refuse(tr("not an MTU"), value, tr("{0} to 65535 bytes; Ethernet's is 1500", least))
    return value


def vlan(text: str) -> int:
    """A VLAN's number: 1 to 4094 (802.1Q).  Raises InputError."""
    number = whole(text)
    if not 1 <= number <= 4094:
        raise refuse(tr("not a VLAN"), text, tr("a number from 1 to 4094"))
    return number


def queue(value: int) -> int:
    """How many packets an interface may have waiting: 1 to 1000000.  Raises InputError."""
    if not 1 <= value <= 1_000_000:
        raise refuse(tr("not a queue's length"), value, tr("1 to 1000000 packets; the kernel's is 1000"))
    return value
