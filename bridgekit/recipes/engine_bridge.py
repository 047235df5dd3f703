"""The parts of giving a Docker engine a bridge of the host's own."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Expect, Steps, because, probe
from bridgekit.recipes import wiring
from bridgekit.translation import tr

ENGINES_OWN = "docker0"


def checked(bridge: str, address: str) -> tuple[str, names.Interface]:
    """A bridge's name and its address.  Raises InputError."""
    name, host = names.interface(bridge), names.host_address(address)
    if name == ENGINES_OWN:
        raise InputError(tr("the engine's own bridge: {0!r}", bridge), tr("choose another name, such as bridge0"))
    if host.version != 4:
        raise InputError(
            tr("not an IPv4 address: {0!r}", address), tr("the engine gives containers IPv4: 192.168.5.1/24, say")
        )
    if host.network.prefixlen > 30:
        raise InputError(tr("no room for a container: {0!r}", address), tr("a wider subnet, such as 192.168.5.1/24"))
    return name, host


def needs(bridge: str, host: names.Interface) -> Steps:
    """What must hold before the engine is stopped."""
    yield op.Need("EngineRuns")
    yield op.Need("Bridge", name=bridge)
    yield op.Need("FreeSubnet", subnet=str(host.network), devices=(bridge, "docker0"))  # docker0 goes
    yield op.Need("NoOtherAddress", device=bridge, address=str(host))
    yield op.Need("ContainersStop")


def remove_docker0(bridge: str) -> Steps:
    """Stop the engine and remove the bridge that it made."""
    yield op.EngineStop(bridge)
    yield because("docker0-down", op.LinkSet(ENGINES_OWN, "down"))
    yield op.BridgeDelete(ENGINES_OWN)


def make(bridge: str, host: names.Interface) -> Steps:
    """Make our own."""
    yield from wiring.new_bridge(bridge)
    yield because("engines-gateway", op.AddressAdd(bridge, str(host)), bridge=bridge, address=str(host))
    yield op.LinkSet(bridge, "up")
    yield probe(op.Look("AddressShow", device=bridge), Expect(True, f"inet {host} "), "bridge-ready")


def hand_over(bridge: str) -> Steps:
    """Make the engine use it."""
    yield op.EngineBridgeSet(bridge)
    yield op.EngineStart(bridge)
    yield op.Need("EngineAnswer")
    # Before the sweep: an engine that did not read the setting uses docker0.
    yield probe(op.Look("EngineBridgeShow"), Expect(True, bridge), "engine-on-bridge")
    yield op.BridgeSweep(ENGINES_OWN)
