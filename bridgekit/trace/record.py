"""All that was seen and heard while a packet was on its way."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bridgekit.facts.spaces import Space, within
from bridgekit.trace.kernel import legacy
from bridgekit.trace.netlink import Step, events, mark, steps
from bridgekit.trace.packets import ECHO, ICMP, ICMP6, TCP, UDP, Packet
from bridgekit.trace.send import Asked, Attempt, Outcome
from bridgekit.trace.wires import Frame, frames, wire

PATIENCE = 1.2  # seconds: with more, TCP asks a second time
PROTOCOLS = {"icmp": ICMP, "tcp": TCP, "udp": UDP}
GRACE = 0.05  # seconds after which what was said is heard
_COUNTERS = ("netstat", "snmp")
_AT_ONCE = 32
_FIRST, _TAGS = 61000, 4500  # beyond the usual net.ipv4.ip_local_port_range
_OTHERS = 4096  # frames of others, one of which may turn out to be ours by another port


@dataclass
class Record:
    """What was seen.

    patience: how long an answer was waited for, in seconds.
    frames: in the order in which each namespace's socket told.  steps: the same, of the rules.
    unseen: namespaces whose rules cannot be seen, with the reason.
    before, after: what the kernel counted, by namespace.  legacy: what the older iptables had, before.
    """

    asked: Asked
    patience: float = PATIENCE
    frames: list[Frame] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    unseen: dict[Space, str] = field(default_factory=dict)
    before: Mapping[Space, Mapping[str, int]] = field(default_factory=dict)
    after: Mapping[Space, Mapping[str, int]] = field(default_factory=dict)
    legacy: Mapping[Space, Mapping[str, int]] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    @cached_property
    def tags(self) -> set[int]:
        """The source ports, or ids, by which our packet is known: its own, and what a NAT made of it."""
        return {self.asked.tag}

    def way(self, packet: Packet | None) -> str:
        """`there`, `back` or `error`; empty if it is not our packet."""
        if packet is None:
            return ""
        if packet.error:
            return "error" if packet.inner is None or self.way(packet.inner) else ""
        if self.tags.isdisjoint((packet.sport, packet.dport)):
            return ""
        if packet.ping:  # it has but one id
            return "there" if packet.kind in (ECHO[ICMP][0], ECHO[ICMP6][0]) else "back"
        return "there" if packet.sport in self.tags else "back"

    def counted(self, space: Space, what: str) -> int:
        """By how much a counter of a namespace grew."""
        return self.after.get(space, {}).get(what, 0) - self.before.get(space, {}).get(what, 0)


_used: set[int] = set()


def free_tag() -> int:
    """A source port that the kernel gives to nobody by itself, and that no late trace of this process had."""
    if len(_used) > _TAGS // 2:
        _used.clear()
    free = [tag for tag in range(_FIRST, _FIRST + _TAGS) if tag not in _used]
    tag = random.SystemRandom().choice(free)  # not by a seed, which a fork would have too
    _used.add(tag)
    return tag


def observe(asked: Asked, spaces: Iterable[Space], patience: float = PATIENCE) -> Record:
    """Send it, and watch it in these namespaces; patience: how long to wait for an answer, in seconds.

    Raises OSError where a namespace, or what is to be seen in it, is out of reach.
    """
    watched, found = tuple(spaces), Record(asked, patience)
    sensors = _Sensors(found)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found.before = dict(pool.map(sensors.open, watched))
        found.legacy = {space: legacy(space, asked.version) for space in watched}
        attempt = Attempt(asked)
        with attempt.socket:
            sensors.watch(attempt, patience)
        found.after = {space: within(space.path, counters) for space in watched}
    finally:
        sensors.close()
    return found


class _Sensors:
    """The open sockets of all namespaces."""

    def __init__(self, found: Record) -> None:
        self._found = found
        self._sockets: list[tuple[socket.socket, str, Space]] = []
        self._heads: dict[tuple[Space, int], Step] = {}
        self._others: deque[Frame] = deque(maxlen=_OTHERS)
        self._dropped = False

    def open(self, space: Space) -> tuple[Space, Mapping[str, int]]:
        """Open those of a namespace; also what its kernel has counted until now."""
        return space, within(space.path, lambda: self._open(space))

    def _open(self, space: Space) -> Mapping[str, int]:
        asked = self._found.asked
        self._sockets.append((wire((asked.tag, asked.port), PROTOCOLS[asked.protocol]), "wire", space))
        try:
            self._sockets.append((events(), "rule", space))
            self._sockets.append((mark(self._found.asked.tag), "", space))
        except OSError as refused:
            self._found.unseen[space] = refused.strerror or str(refused)
        return counters()

    def close(self) -> None:
        """Close them; the kernel waits a moment for each, so at once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda each: each[0].close(), self._sockets))

    def watch(self, attempt: Attempt, patience: float) -> None:
        """Send, and listen until there is an answer, or no more can come, or patience ends."""
        with selectors.DefaultSelector() as selector:
            for opened, what, space in self._sockets:
                if what:
                    selector.register(opened, selectors.EVENT_READ, (what, space))
            attempt.begin()
            selector.register(attempt.socket, selectors.EVENT_WRITE if attempt.writes else selectors.EVENT_READ)
            self._listen(selector, attempt, time.monotonic() + patience)
        if len(self._found.tags) > 1:
            self._found.frames += filter(self._wanted, self._others)

    def _listen(self, selector: selectors.BaseSelector, attempt: Attempt, until: float) -> None:
        heard = ended = False
        while (left := until - time.monotonic()) > 0:
            if not heard and (outcome := attempt.outcome()):
                heard, self._found.outcome = True, outcome
                selector.unregister(attempt.socket)
                until = min(until, time.monotonic() + GRACE)
                continue
            for key, _ in selector.select(left):
                if key.data:
                    self._take(key.fileobj, *key.data)  # type: ignore[arg-type]  # it is the socket
            if self._dropped and not ended:
                ended, until = True, min(until, time.monotonic() + GRACE)

    def _take(self, opened: socket.socket, what: str, space: Space) -> None:
        if what == "wire":
            for frame in frames(space, opened):
                (self._found.frames if self._wanted(frame) else self._others).append(frame)
            return
        with suppress(BlockingIOError):
            while True:
                for step in steps(space, opened.recv(1 << 18)):
                    self._step(step)

    def _wanted(self, frame: Frame) -> bool:
        return frame.question is not None or bool(self._found.way(frame.packet))

    def _step(self, step: Step) -> None:
        # Of the steps of one chain only the first tells the packet's head.
        known = self._heads.get((step.space, step.number))
        if step.packet is None and known:
            step = replace(step, packet=known.packet, iif=known.iif, oif=known.oif)
        if known and step.packet and not self._found.way(step.packet):  # a NAT gave it another port
            self._found.tags.add(step.packet.sport)
        if self._found.way(step.packet):
            self._heads[step.space, step.number] = step
            self._found.steps.append(step)
            self._dropped |= step.dropped


def counters() -> dict[str, int]:
    """What the kernel has counted in this thread's namespace, such as `TcpExtListenOverflows`."""
    found: dict[str, int] = {}
    for name in _COUNTERS:
        rows = Path(f"/proc/thread-self/net/{name}").read_text().splitlines()
        for keys, values in zip(rows[::2], rows[1::2], strict=False):
            kind, *names = keys.replace(":", "").split()
            found.update((kind + key, int(value)) for key, value in zip(names, values.split()[1:], strict=False))
    return found
