"""Checked values of a DHCP client: which one, and the words of its own that it is given."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from bridgekit.errors import InputError
from bridgekit.names.refusal import refuse
from bridgekit.translation import tr

ANY = "any"


class Client(NamedTuple):
    """A client: its Debian package, its options that leave it what it is for us; first those that take a value.

    All others are bridgekit's: what it is told to run, where its files are, how long it stays.
    """

    package: str
    valued: tuple[str, ...]
    alone: tuple[str, ...]


CLIENTS = {
    "udhcpc": Client("udhcpc", ("-x", "-O", "-r", "-V", "-F", "-t", "-T", "-A"), ("-o", "-C", "-B", "-a")),
    "dhclient": Client("isc-dhcp-client", ("-s", "-D", "-p", "--decline-wait-time"), ("-v", "-i", "-I")),
    "dhcpcd": Client("dhcpcd-base", ("-I", "-i", "-s", "-r", "-l", "-m", "-o", "-O", "-F", "-u", "-v"), ("-G", "-d")),
}
_STAY = "-f"  # as pipework was told to let a client stay; they all stay
_VALUE = re.compile(r"[A-Za-z0-9_.:,/@+=%-]+\Z", re.ASCII)


def client(text: str) -> str:
    """A DHCP client, or `any`.  Raises InputError."""
    if text not in (ANY, *CLIENTS):
        raise refuse(tr("not a DHCP client"), text, tr("one of: {0}", ", ".join((ANY, *CLIENTS))))
    return text


def timeout(seconds: int) -> int:
    """How long to wait, in seconds: 1 to 3600.  Raises InputError."""
    if not 1 <= seconds <= 3600:
        raise refuse(tr("not a time to wait"), seconds, tr("1 to 3600 seconds"))
    return seconds


def options(of: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a client's own options, each text one or several of them.  Raises InputError."""
    words = [word for text in texts for word in _split(text) if word != _STAY]
    if words and of == ANY:
        raise InputError(tr("options of no client in particular: {0!r}", words[0]), tr("name the client: --client"))
    left = iter(words)
    for word in left:
        known = CLIENTS[of]
        if word in known.valued:
            value = next(left, "")
            if not _VALUE.match(value) or len(value) > 255:
                raise InputError(
                    tr("not a value of {0}: {1!r}", word, value), tr("a word of letters, digits and _.:,/@+=%-")
                )
        elif word not in known.alone:
            raise InputError(
                tr("not an option for {0}: {1!r}", of, word),
                tr("one of: {0}; what else there is bridgekit sets itself", ", ".join(known.valued + known.alone)),
            )
    return tuple(words)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise refuse(tr("a quotation mark without its pair"), text, tr("words, separated by spaces")) from None
