"""The way out, in parts: masquerade and forwarding."""

from __future__ import annotations

from bridgekit import names, operations as op
from bridgekit.operations import Rule, RuleAppend
from bridgekit.plan import Netns, Step, Steps, because
from bridgekit.words import Text


def masquerade(network: str, uplink: Text) -> Steps:
    """Packets of a network leave by the uplink with the host's address."""
    version = names.version(network)
    rule = Rule("POSTROUTING", "MASQUERADE", table="nat", version=version, source=network, out_interface=uplink)
    yield because("masquerade", RuleAppend(rule), subnet=network, uplink=uplink)


def forwarding(version: int, note: str = "forwarding", netns: Text = "", **facts: Text) -> Steps:
    """Turn forwarding on, for the reason in the note; what routers told this host, or the namespace, is kept."""
    where = Netns(netns) if netns else None
    if version == 6:
        yield Step(op.RoutersKeep(), where)
    yield Step(op.forwarding(version), where, note=note, facts=facts)


def forward(bridge: str, version: int) -> Steps:
    """The host forwards, and lets through what comes from or goes to the bridge."""
    yield from forwarding(version)
    yield among(bridge, version)
    yield accept("forward-out", bridge, version, bridge, f"!{bridge}")
    yield accept("forward-in", bridge, version, f"!{bridge}", bridge)


def among(bridge: str, version: int) -> Step:
    """What goes from port to port of a bridge is let through, even where the host filters that too."""
    return accept("forward-among", bridge, version, bridge, bridge)


def accept(note: str, bridge: str, version: int, come_in: str, go_out: str) -> Step:
    """Packets that come in by one interface and go out by another are let through."""
    rule = Rule("FORWARD", "ACCEPT", version=version, in_interface=come_in, out_interface=go_out)
    return because(note, RuleAppend(rule), bridge=bridge)
