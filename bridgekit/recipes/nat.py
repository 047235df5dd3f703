"""The way out, in parts: masquerade and forwarding."""

from __future__ import annotations

from bridgekit import names
from bridgekit.operations import Rule, RuleAppend, SysctlSet, forwarding
from bridgekit.plan import Step, Steps, because
from bridgekit.words import Text


def masquerade(network: str, uplink: Text) -> Steps:
    """Packets of a network leave by the uplink with the host's address."""
    version = names.version(network)
    rule = Rule("POSTROUTING", "MASQUERADE", table="nat", version=version, source=network, out_interface=uplink)
    yield because("masquerade", RuleAppend(rule), subnet=network, uplink=uplink)


def forward(bridge: str, version: int, uplink: Text) -> Steps:
    """The host forwards, and lets through what comes from or goes to the bridge."""
    if version == 6:
        yield because("keep-ra", SysctlSet(("net/ipv6/conf/", uplink, "/accept_ra"), "2"), uplink=uplink)
    yield because("forwarding", forwarding(version))
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
