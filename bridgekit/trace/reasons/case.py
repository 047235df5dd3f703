"""A packet that was not answered, as the questions see it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property

from bridgekit.facts.guests import spelling
from bridgekit.facts.spaces import Space
from bridgekit.trace.kernel import Kernel
from bridgekit.trace.packets import Packet
from bridgekit.trace.path import BACK, THERE, Path, Walk
from bridgekit.trace.record import Record
from bridgekit.trace.scene import Scene
from bridgekit.trace.wires import Frame


@dataclass(frozen=True)
class Reason:
    """Why, in a sentence; and the command that would mend it, empty if no command can.

    cause: the command that would take away what stops it, where that is not the one that mends it.
    space: where it is so, if that is one place.
    """

    text: str
    mend: str = ""
    cause: str = ""
    space: Space | None = None


@dataclass(frozen=True)
class Case:
    """What the questions are asked about."""

    path: Path

    @property
    def record(self) -> Record:
        """What was seen."""
        return self.path.record

    @property
    def scene(self) -> Scene:
        """Who is there."""
        return self.path.scene

    @property
    def kernel(self) -> Kernel:
        """Whom to ask."""
        return self.path.kernel

    @cached_property
    def way(self) -> str:
        """The way on which it ended."""
        return BACK if self.path.frames[BACK] else THERE

    @cached_property
    def frames(self) -> list[Frame]:
        """The frames of that way, without those that a bridge sent to everybody for want of knowing better."""
        frames = self.path.frames[self.way]
        strays = {(each.space, each.link) for each in frames if self._stray(each)}
        sent = {(end[0], end[1].name) for each in strays if (end := self.scene.peer(*each))}
        return [each for each in frames if (each.space, each.link) not in strays | sent] or frames

    def _stray(self, frame: Frame) -> bool:
        return frame.others and not frame.out and not self.scene.bridge(frame.space, frame.link)

    @property
    def end(self) -> Frame | None:
        """Where it was last seen."""
        return self.frames[-1] if self.frames else None

    @property
    def place(self) -> Space:
        """The namespace in which it was last seen."""
        return self.end.space if self.end else self.record.asked.space

    @cached_property
    def walk(self) -> Walk | None:
        """Its last walk through the rules of that namespace."""
        walks = self.path.walks(self.way, self.place)
        return walks[-1] if walks else None

    @cached_property
    def head(self) -> Packet | None:
        """The packet as it was last seen, its addresses translated."""
        heads = [step.packet for step in self.walk.steps if step.packet] if self.walk else []
        return heads[-1] if heads else self.end.packet if self.end else None

    @property
    def target(self) -> str:
        """The address to which it was on its way."""
        return self.head.target if self.head else self.record.asked.address

    @property
    def taken(self) -> bool:
        """Whether the place's own rules had it: it was for the place, or to be forwarded by it."""
        end = self.end
        return end is not None and not end.out and not (end.others and bool(self.scene.bridge(end.space, end.link)))

    @property
    def link_in(self) -> str:
        """The link by which the place's IP took it in: of a bridge's port, the bridge."""
        assert self.end
        return self.scene.bridge(self.end.space, self.end.link) or self.end.link

    @cached_property
    def places(self) -> set[Space]:
        """The namespaces that had it: who asks for a neighbour in another one does so for a packet of its own."""
        frames = (frame.space for way in self.path.frames.values() for frame in way)
        steps = (step.space for way in self.path.steps.values() for step in way)
        return {self.record.asked.space, *frames, *steps}

    @cached_property
    def addresses(self) -> set[str]:
        """All addresses that our packet had, or was to have."""
        packets = [frame.packet for way in self.path.frames.values() for frame in way]
        packets += [step.packet for steps in self.path.steps.values() for step in steps]
        return {self.record.asked.address} | {each for one in packets if one for each in (one.source, one.target)}

    @cached_property
    def _arrival(self) -> tuple[Space, Packet] | None:
        """Who took it in for itself, and as what it came."""
        for step in self.path.steps[THERE]:
            if step.ours and step.chain.startswith("input") and step.packet:
                return step.space, step.packet
        last = self.path.frames[THERE][-1:]
        for frame in last:  # where the rules cannot be seen, its routes tell
            if frame.space in self.record.unseen and not frame.out and frame.packet:
                link = self.scene.bridge(frame.space, frame.link) or frame.link
                if self.kernel.route(frame.space, frame.packet.target, frame.packet.source, link).local:
                    return frame.space, frame.packet
        return None

    @property
    def arrived(self) -> Space | None:
        """The namespace that took it in for itself; None if none did."""
        return self._arrival[0] if self._arrival else None

    @property
    def arrived_as(self) -> Packet | None:
        """The packet as it was then."""
        return self._arrival[1] if self._arrival else None

    def gateways(self, space: Space) -> set[str]:
        """The next hops by which a namespace would send to any of its addresses."""
        return {self.kernel.route(space, each).via for each in self.addresses} - {""}

    def guest(self, space: Space) -> str:
        """How a command of ours names a guest."""
        return shlex.quote(spelling(space, self.scene.seen.containers))

    def named(self, space: Space) -> str:
        """What to call a namespace."""
        return self.scene.label(space)

    def ip(self, space: Space, words: str) -> str:
        """An `ip` command in a namespace, as it would be typed."""
        return shlex.join(space.ip(*words.split()))

    def inside(self, space: Space, words: str) -> str:
        """Any command in a namespace, as it would be typed."""
        return shlex.join(space.inside(*shlex.split(words)))

    def sysctl(self, space: Space, key: str, value: int) -> str:
        """The command that sets a kernel parameter."""
        return self.inside(space, f"sysctl -w {key}={value}")
