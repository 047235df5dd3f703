"""Asking an address for answers.  man 8 ping."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridgekit.facts.ask import objects, reply
from bridgekit.facts.neighbours import widening
from bridgekit.facts.spaces import Space
from bridgekit.names.families import version
from bridgekit.translation import tr

_BETWEEN, _LAST, _SPARE = 0.2, 1, 10  # seconds: between two questions, for the last answer, for a slow machine
_COUNTS = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
_MEAN = re.compile(r"^(?:rtt|round-trip) min/avg/max\S* = [\d.]+/([\d.]+)/", re.M)
_REFUSED = re.compile(r"^From \S+:? icmp_seq=\d+ (.+)$", re.M)  # by a router, or by the asking side itself
_UNSENT = re.compile(
    r"^ping6?: (?:connect: |sendmsg: |sendto: |local error: )(.+)$", re.M
)  # by the kernel: no route, a rule
_FULL = "No buffer space available"
NO_ROOM = tr(
    "the kernel's neighbour table, one for all namespaces of this machine, is full: {0}",
    f"{widening(4)}; {widening(6)}",
)
HEADERS = {4: 20 + 8, 6: 40 + 8}  # of IP and of ICMP, in bytes


@dataclass(frozen=True)
class Echo:
    """What came back.

    sent, received: packets.  rtt: the mean round-trip time in milliseconds; None without an answer.
    why: why there was no answer, in the words of ping or of a router.
    asked: whether the question could be asked at all; if not, nothing is known.
    clear: whether no other reason is to be looked for than `why`.
    """

    sent: int
    received: int
    rtt: float | None = None
    why: str = ""
    asked: bool = True
    clear: bool = False

    @property
    def loss(self) -> int:
        """The part of the packets without an answer, in percent."""
        return 100 if not self.sent else round(100 * (self.sent - self.received) / self.sent)


def ping(space: Space, address: str, count: int, size: int | None = None) -> Echo:
    """Ask an address from a namespace, `count` times.  It ends by itself, and after a deadline in any case.

    size: of each whole packet in bytes, which then must not be cut; None: small ones.
    """
    full = () if size is None else ("-M", "do", "-s", str(size - HEADERS[version(address)]))
    words = ("ping", "-n", "-c", str(count), "-i", str(_BETWEEN), "-W", str(_LAST), *full, address)
    seconds = count * _BETWEEN + _LAST + _SPARE
    done = reply(*space.inside(*words), seconds=seconds)
    return Echo(0, 0, None, tr("ping did not end within {0:.0f} s", seconds), False) if done is None else echo(done[1])


def echo(said: str) -> Echo:
    """What ping's words mean, be it iputils' or busybox's."""
    counts, mean = _COUNTS.search(said), _MEAN.search(said)
    sent, received = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    if received:
        return Echo(sent, received, float(mean[1]) if mean else None)
    reason = _REFUSED.search(said) or _UNSENT.search(said)
    if reason and reason[1] == _FULL:
        return Echo(0, 0, None, NO_ROOM, False)
    if reason or counts:
        return Echo(sent, 0, None, reason[1] if reason else tr("no answer"))
    words = said.strip().splitlines()
    return Echo(0, 0, None, words[-1] if words else tr("ping said nothing"), False)


def source_towards(space: Space, address: str) -> str | None:
    """The address from which a namespace sends to another address; None if it has no route to it."""
    return _towards(space, address, "prefsrc")


def gateway_towards(space: Space, address: str) -> str | None:
    """The gateway by which a namespace sends to an address; None if that is on a link of its own, or has no route."""
    return _towards(space, address, "gateway")


def _towards(space: Space, address: str, key: str) -> str | None:
    found = objects(*space.ip("-j", "route", "get", address))
    return next((str(route[key]) for route in found or () if key in route), None)
