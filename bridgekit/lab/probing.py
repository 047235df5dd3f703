"""The probes of a lab: what must work, what must not, and by which way; of what is not so, why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from bridgekit import names
from bridgekit.errors import BridgekitError, HostError
from bridgekit.facts.ask import ask, reply
from bridgekit.facts.connections import page
from bridgekit.facts.guests import inode, space_of
from bridgekit.facts.spaces import Space, here
from bridgekit.lab.inforce import inside
from bridgekit.lab.models import Probe
from bridgekit.lab.topology import Node, Topology
from bridgekit.names.ports import Port, ports
from bridgekit.translation import tr
from bridgekit.verify import Probe as Question

_AT_ONCE = 8
_OUTSIDE = {4: "203.0.113.2", 6: "2001:db8:113::2"}  # of a throw-away host
_MOST_HOPS, _MOST_SHOWN = 30, 80
_EXCEEDED = re.compile(
    r"^From (\S+?):? icmp_seq=\d+ Time to live exceeded|^From (\S+?):? icmp_seq=\d+ Time exceeded", re.M
)
_PINGED = re.compile(r"PING \S+ \(([0-9a-f.:]+)\)")
_ANSWERED = re.compile(r"^\d+ bytes from (\S+?):", re.M)


@dataclass(frozen=True)
class Result:
    """What became of a probe.  why: of one that is not as it should be.  mend: what would mend it; may be empty.

    lost: the address, and the port if one, that was asked in vain.
    """

    probe: Probe
    ok: bool
    why: str = ""
    mend: str = ""
    hops: tuple[str, ...] = ()
    lost: tuple[str, Port | None] | None = None

    @property
    def sentence(self) -> str:
        """What it asked."""
        at = f" {wanted}" if (wanted := _port(self.probe)) else ""
        works = tr("works") if self.probe.works else tr("fails")
        return tr("{0} -> {1}{2}: {3}", self.probe.source, self.probe.to, at, works)

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        told = self.probe.model_dump(by_alias=True, exclude_none=True)
        return told | {"ok": self.ok, "why": self.why, "mend": self.mend, "hops": list(self.hops)}


def probed(topology: Topology, why: bool = True) -> Iterator[Result]:
    """Each probe with what became of it, in order.  why: whether to look for reasons.  Raises HostError."""
    ended = _ended(topology)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda each: _lost(each, ended) or _probed(topology, each), topology.probes))
    for each in found:  # one after the other, when all were asked: who traces must not see the packets of others
        yield _explained(topology, each) if why and each.lost else each


def _ended(topology: Topology) -> dict[str, Node]:
    """The nodes of probes whose container is not in the lab's network: it has ended, or it has another one since."""
    asked = {name for probe in topology.probes for name in (probe.source, probe.to)}
    return {
        node.name: node
        for node in topology.nodes.values()
        if node.name in asked and node.guest and inode(node.guest) != inode(names.Guest("netns", node.netns))
    }


def _lost(probe: Probe, ended: Mapping[str, Node]) -> Result | None:
    """What becomes of a probe from or to one of those."""
    for node in filter(None, map(ended.get, (probe.source, probe.to))):
        what = tr("the container {0} has ended, or was started again since", str(node.guest))
        return Result(probe, False, f"{what}: {tr('bridgekit lab up makes again what is gone')}")
    return None


def _probed(topology: Topology, probe: Probe) -> Result:
    source = topology.nodes[probe.source]
    space = _space(source)
    address = _address(topology, source, probe.to)
    if address is None:
        return Result(probe, not probe.works, "" if not probe.works else tr("{0} is not known there", probe.to))
    wanted = _port(probe)
    port = ports(wanted)[0] if wanted else None
    works = Question(1, port).ask(space, address).received > 0
    hops = tuple(_hops(space, address)) if probe.trace and probe.works else ()
    if works != probe.works:
        said = tr("no answer") if probe.works else tr("it works")
        return Result(probe, False, said, lost=(address, port) if probe.works else None)
    if works and port and probe.says and probe.says not in (text := page(space, address, port.number)):
        return Result(probe, False, tr("it says {0!r}", text[:_MOST_SHOWN]))
    if list(hops) != probe.trace[: len(probe.trace) if probe.works else 0]:
        return Result(probe, False, tr("it went another way: {0}", ", ".join(hops)), hops=hops)
    return Result(probe, True, hops=hops)


def _port(probe: Probe) -> str | None:
    return probe.port or ("80" if probe.says else None)


def _explained(topology: Topology, result: Result) -> Result:
    from bridgekit.trace import traced

    address, port = result.lost or ("", None)
    number, protocol = (port.number, port.protocol) if port else (None, "tcp")
    try:
        seen = traced(_told(topology.nodes[result.probe.source]), address, number, protocol)
    except BridgekitError as error:
        return replace(result, why=error.message)
    # A neighbour that was made again is known by its new MAC address a moment later.
    return replace(result, ok=seen.answered, why=seen.reason, mend=seen.mend)


def _told(node: Node) -> str:
    return names.HOST if node.kind == "host" else str(names.Guest("netns", node.netns))


def _space(node: Node) -> Space:
    if node.kind == "host":
        return here()
    found = space_of(names.Guest("netns", node.netns))
    if found is None:
        raise HostError(tr("{0!r} is not there", node.name), tr("bridgekit lab up makes again what is gone"))
    return found


def _address(topology: Topology, source: Node, to: str) -> str | None:
    """The address that is asked: a node's, of a family that both speak, or what the source looks up; None: unknown."""
    target = topology.nodes.get(to)
    if target is None:
        return to if re.fullmatch(r"[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*", to) else _looked_up(source, to)
    if target.kind == "outside":
        return _OUTSIDE[source.versions[0]]
    return topology.address(source, target)


def _looked_up(source: Node, name: str) -> str | None:
    said = ask(*inside(source, ["getent", "ahosts", name], terminal=False))
    if said and said.split():
        return said.split()[0]
    answer = reply(*inside(source, ["ping", "-c", "1", "-w", "1", name], terminal=False))  # an image without getent
    found = _PINGED.match(answer[1]) if answer else None
    return found[1] if found else None


def _hops(space: Space, address: str) -> Iterator[str]:
    """The routers on the way to an address, and that: each answers a ping that may take so many steps."""
    for steps in range(1, _MOST_HOPS + 1):
        said = reply(*space.inside("ping", "-n", "-c", "1", "-W", "1", "-t", str(steps), address))
        text = said[1] if said else ""
        if found := _ANSWERED.search(text):
            yield found[1]
            return
        found = _EXCEEDED.search(text)
        yield next(filter(None, found.groups())) if found else "*"
        if not found and steps > 5:
            return
