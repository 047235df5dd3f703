"""Guests on a bridge reach the outside: forwarding, FORWARD rules, masquerade."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.operations import CaptureUplink, NeedValue, Rule, RuleAppend, SysctlSet
from bridgekit.plan import Steps, because
from bridgekit.recipes.registry import recipe
from bridgekit.words import Text, Var

FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}


@recipe("outbound-{subnet}")
def outbound(
    subnet: Annotated[str, "the guests' subnet, CIDR: 10.0.0.0/24"],
    *,
    bridge: Annotated[str, "the bridge they are on"] = "br666",
    uplink: Annotated[str | None, "the interface that leads out; default: that of the default route"] = None,
) -> Steps:
    """Let the guests of a subnet reach the outside.

    Raises InputError.  Source: sequence 000.outbound; man 8 iptables-extensions, MASQUERADE.
    """
    network, name = names.subnet(subnet), names.interface(bridge)
    if uplink is None:
        way: Text = Var("uplink")
        yield CaptureUplink(Var("uplink"), network.version)
        yield NeedValue(Var("uplink"))
    else:
        way = Var("UPLINK", names.interface(uplink))
    yield from masquerade(str(network), way)
    yield from forward(name, network.version, way)


def masquerade(network: str, uplink: Text) -> Steps:
    """Packets of a network leave by the uplink with the host's address."""
    version = 6 if ":" in network else 4
    rule = Rule("POSTROUTING", "MASQUERADE", table="nat", version=version, source=network, out_interface=uplink)
    yield because("masquerade", RuleAppend(rule), subnet=network, uplink=uplink)


def forward(bridge: str, version: int, uplink: Text) -> Steps:
    """The host forwards, and lets through what comes from or goes to the bridge."""
    if version == 6:
        yield because("keep-ra", SysctlSet(("net/ipv6/conf/", uplink, "/accept_ra"), "2"), uplink=uplink)
    yield because("forwarding", SysctlSet(FORWARDING[version], "1"))
    for note, inside, outside in (
        ("forward-among", bridge, bridge),
        ("forward-out", bridge, f"!{bridge}"),
        ("forward-in", f"!{bridge}", bridge),
    ):
        rule = Rule("FORWARD", "ACCEPT", version=version, in_interface=inside, out_interface=outside)
        yield because(note, RuleAppend(rule), bridge=bridge)
