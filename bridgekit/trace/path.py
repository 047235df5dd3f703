"""The packet's way, there and back: which links it passed, by which rules, and what became of its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from bridgekit.facts.spaces import Space
from bridgekit.trace.kernel import Kernel, route_line
from bridgekit.trace.netlink import ACCEPT, DROP, HOOKS, Step
from bridgekit.trace.packets import TCP, Packet
from bridgekit.trace.record import Record
from bridgekit.trace.scene import Scene
from bridgekit.trace.wires import Frame

WAYS = THERE, BACK, ERROR = "there", "back", "error"
_VERDICTS = {DROP: "DROP", ACCEPT: "ACCEPT"}
_FIREWALL = ("filter", "security")


@dataclass(frozen=True)
class Hop:
    """One line of the way.

    way: `there`, `back` or `error`.  place: whose network.
    what: `in` or `out` (by the link that the text names first), `rule`, `policy`, `route`, `now` (its new addresses).
    """

    way: str
    place: str
    what: str
    text: str
    link: str = ""


@dataclass(frozen=True)
class Walk:
    """What the rules of one namespace did with a packet, from its coming to its going."""

    steps: tuple[Step, ...]

    @property
    def leaves(self) -> bool:
        """Whether it began there."""
        return _hook(self.steps[0]) == "output"

    def at(self, hook: str) -> Step | None:
        """The step by which it came to a hook; None if it did not."""
        return next((step for step in self.steps if _hook(step) == hook), None)

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where a packet was sent a second time."""
        return tuple((step.chain, step.handle, step.verdict, step.iif, step.oif, step.packet) for step in self.steps)


class Path:
    """A record in order."""

    def __init__(self, record: Record, scene: Scene, kernel: Kernel) -> None:
        self.record, self.scene, self.kernel = record, scene, kernel

    @cached_property
    def frames(self) -> dict[str, list[Frame]]:
        """The first passing of each link in each direction, by way."""
        found: dict[str, dict[tuple[Space, str, bool], Frame]] = {way: {} for way in WAYS}
        for frame in sorted(self.record.frames, key=lambda frame: frame.time):
            way = self.record.way(frame.packet)
            if frame.packet and way and _opens(frame.packet, way):
                found[way].setdefault((frame.space, frame.link, frame.out), frame)
        return {way: list(self._in_order(list(each.values()))) for way, each in found.items()}

    def _in_order(self, left: list[Frame]) -> Iterator[Frame]:
        """Link after link, as they are joined.

        Their times alone do not tell: two ends of a veth can have them the wrong way round, and on a busy machine the
        kernel's first ones are those of our reading.
        """
        met = {frame.space for frame in left if not frame.out}
        here = next((frame for frame in left if frame.out and frame.space not in met), left[0] if left else None)
        while here:
            yield here
            left.remove(here)
            after = [frame for frame in left if self._follows(here, frame)]
            # A bridge before its ports.
            joined = min(
                after, key=lambda each: (each.out, bool(self.scene.bridge(each.space, each.link))), default=None
            )
            here = joined or (left[0] if left else None)

    def _follows(self, first: Frame, second: Frame) -> bool:
        if not first.out:
            above = self.scene.bridge(first.space, first.link)
            return first.space == second.space and (second.out or second.link == above)
        end = self.scene.peer(first.space, first.link)
        if end is not None:
            return not second.out and (end[0], end[1].name) == (second.space, second.link)
        own = second.out and first.space == second.space
        return own and self.scene.bridge(second.space, second.link) == first.link

    @cached_property
    def questions(self) -> list[Frame]:
        """The questions for neighbours, and their answers, in order."""
        return sorted((frame for frame in self.record.frames if frame.question), key=lambda frame: frame.time)

    @cached_property
    def steps(self) -> dict[str, list[Step]]:
        """What the rules did with the first packet of each way."""
        found: dict[str, list[Step]] = {way: [] for way in WAYS}
        for step in self.record.steps:
            way = self.record.way(step.packet)
            if step.packet and way and _opens(step.packet, way):
                found[way].append(step)
        return found

    def walks(self, way: str, space: Space) -> list[Walk]:
        """How the rules of a namespace were passed, each way through them once."""
        walks: list[list[Step]] = []
        for step in self.steps[way]:
            if step.space == space:
                if not walks or (_begins(step) and walks[-1][-1].chain != step.chain):
                    walks.append([])
                walks[-1].append(step)
        found = [Walk(tuple(steps)) for steps in walks]
        return list({walk.key: walk for walk in found}.values())

    def dropped(self) -> Step | None:
        """The step that ended the way."""
        return next((step for way in WAYS for step in self.steps[way] if step.dropped), None)

    def way_of(self, step: Step) -> str:
        """The way on which a step was taken."""
        return self.record.way(step.packet)

    def hops(self) -> list[Hop]:
        """The whole way, line by line."""
        return [hop for way in WAYS for hop in self._hops(way)]

    def _hops(self, way: str) -> Iterator[Hop]:
        spaces = dict.fromkeys(step.space for step in self.steps[way])
        waiting = {space: self.walks(way, space) for space in spaces}
        before: Space | None = None
        seen: Packet | None = None
        frames = self.frames[way]
        for frame, after in zip_longest(frames, frames[1:]):
            walks = waiting.get(frame.space, [])
            new, before = frame.space != before, frame.space
            if new and walks and walks[0].leaves:
                yield from self._walked(way, walks.pop(0))
            text = "" if frame.packet == seen else str(frame.packet)
            seen = frame.packet
            yield Hop(way, self.scene.label(frame.space), "out" if frame.out else "in", text, frame.link)
            again = after is not None and after.space == frame.space and not after.out  # a port's bridge
            if not frame.out and not again and walks and not walks[0].leaves:
                yield from self._walked(way, walks.pop(0))
        for walks in waiting.values():
            for walk in walks:
                yield from self._walked(way, walk)

    def _walked(self, way: str, walk: Walk) -> Iterator[Hop]:
        place, head, routed = self.scene.label(walk.steps[0].space), walk.steps[0].packet, False
        for step in walk.steps:
            if step.packet and str(step.packet) != str(head):
                yield Hop(way, place, "now", str(step.packet))
            head = step.packet
            if step.ours:
                if not routed and _hook(step) in ("forward", "output") and not self._bridged(step):
                    routed = True
                    yield from (Hop(way, place, "route", line) for line in self._route(step))
            elif step.handle:
                yield Hop(way, place, "rule", self.kernel.rule(step))
            elif step.policy and (step.verdict == DROP or step.table in _FIREWALL):
                verdict = _VERDICTS.get(step.verdict, str(step.verdict))
                yield Hop(way, place, "policy", f"-t {step.table} -P {step.chain} {verdict}")

    def _bridged(self, step: Step) -> bool:
        return bool(step.iif) and step.iif == step.oif and self.scene.is_bridge(step.space, self._name(step))

    def _name(self, step: Step) -> str:
        return self.scene.name(step.space, step.iif)

    def _route(self, step: Step) -> list[str]:
        assert step.packet
        iif = self._name(step) if _hook(step) == "forward" else ""
        line = route_line(step.space, step.packet.target, step.packet.source if iif else "", iif)
        return [line] if line else []


def _opens(packet: Packet, way: str) -> bool:
    """Whether it is the first packet of its way, and not the rest of a connection."""
    if packet.protocol != TCP or way == ERROR:
        return True
    begins = "S" in packet.flags
    return begins and "A" not in packet.flags if way == THERE else begins or "R" in packet.flags


def _begins(step: Step) -> bool:
    """Whether it is the first of all that a walk through the rules meets."""
    return step.ours and step.chain in ("prerouting-450", "output-450")


def _hook(step: Step) -> str:
    """The hook of a step; of the user's chains it is not known, and not asked."""
    hook = step.chain.partition("-")[0].partition("+")[0]
    return hook if step.ours and hook in HOOKS else ""
