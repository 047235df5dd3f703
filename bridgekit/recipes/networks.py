"""The engine's networks by their options: the one that it makes when it starts, and those beside it.

Whoever joins a network names it by the command that makes it: `docker0 --icc false`, `network blue --internal`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import ports
from bridgekit.recipes.engine import Network
from bridgekit.recipes.reading import from_words
from bridgekit.translation import tr
from bridgekit.words import Text, Var

DEFAULT, DEFAULT_BRIDGE = "bridge", "docker0"  # what the engine calls its own network, and that one's bridge
LAYOUTS = ("classic", "2014")
# The engine of 2014 chose another address.
_ADDRESS = {"classic": "172.17.0.1/16", "2014": "172.17.42.1/16"}


def named(name: str, made_by: str | None) -> Network:
    """A network by its name and the command that makes it; None: the one without options.  Raises InputError."""
    from bridgekit.recipes import RECIPES

    words = _words(usual(name) if made_by is None else made_by)
    if words[: 1 if name == DEFAULT else 2] != usual(name).split():
        raise InputError(
            tr("not the command that makes network {0!r}: {1!r}", name, made_by), f"{usual(name)} OPTION..."
        )
    plan = from_words(RECIPES[words[0]], words[1:])
    return default(plan.parameters) if name == DEFAULT else beside(plan.parameters)


def either(bridge: str, name: str | None, made_by: str | None) -> tuple[Network | None, str, op.Need]:
    """The engine's network of that name, or no network but a bridge of ours; its bridge; that this is there.

    Raises InputError.
    """
    if name is None:
        return None, names.interface(bridge), op.Need("ReadyBridge", name=bridge)
    made = named(name, made_by)
    return made, made.bridge, op.Need("Network", bridge=made.bridge, command=made.command)


def usual(name: str) -> str:
    """The command that makes a network of that name without options.  Raises InputError."""
    return "docker0" if name == DEFAULT else f"network {names.network(name)}"


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(tr("not a command: {0!r}", text), str(error)) from None


def _known(layout: str) -> None:
    if layout not in LAYOUTS:
        raise InputError(tr("not a layout: {0!r}", layout), tr("one of: {0}", ", ".join(LAYOUTS)))


def default(given: Mapping[str, Any]) -> Network:
    """The network of docker0's options.  Raises InputError."""
    bridge, bip, layout = names.interface(given["bridge"]), given["bip"], given["layout"]
    own, filters, icc = bridge == DEFAULT_BRIDGE, names.truth(given["iptables"]), names.truth(given["icc"])
    _known(layout)
    if not own and bip is not None:
        both = tr("--bridge and --bip exclude each other: {0!r}, {1!r}", bridge, bip)
        raise InputError(both, tr("your own has its address"))
    if not filters and not icc:
        raise InputError(tr("--icc false needs --iptables true"), tr("rules are what keeps containers apart"))
    address = names.host_address(bip or _address(_ADDRESS[layout], given["fixed_cidr"]))
    subnet: Text = str(_shared(address.network)) if own else Var("subnet")
    return Network(
        bridge,
        subnet,
        icc,
        names.truth(given["ip_masq"]),
        names.truth(given["userland_proxy"]),
        address=str(address) if own else "",
        filters=filters,
        old=layout == "2014",
        mtu=_mtu(given["mtu"]),
        pool=_pool("--fixed-cidr", given["fixed_cidr"], address.network if own else None),
        gateway=_gateway(given["default_gateway"], address.network if own else None),
        host=ports.host(given["ip"]),
        kept=(given["default_gateway"],) if given["default_gateway"] else (),
    )


def beside(given: Mapping[str, Any]) -> Network:
    """The network of the options of `network`.  Raises InputError."""
    name, gateway = names.network(given["network"]), given["gateway"]
    bridge = names.interface(_bridge(name) if given["bridge_name"] is None else given["bridge_name"])
    subnet = _shared(names.subnet(given["subnet"]))
    router = names.hosts(subnet, 1)[0].ip if gateway is None else names.router(gateway, subnet)
    return Network(
        bridge,
        str(subnet),
        names.truth(given["icc"]),
        names.truth(given["ip_masq"]),
        names.truth(given["userland_proxy"]),
        given["internal"],
        address=f"{router}/{subnet.prefixlen}",
        pool=_pool("--ip-range", given["ip_range"], subnet),
        command=f"network {name}",
    )


def _bridge(name: str) -> str:
    """A name for a network's bridge; an interface's has 15 characters at most."""
    return f"br-{name}" if len(name) <= 12 else f"br-{name[:4]}-{names.number(name)}"


def refuse_inside(internal: bool, name: str) -> None:
    """Nothing is published on an internal network.  Raises InputError."""
    if internal:
        raise InputError(
            tr("network {0!r} is internal", name), tr("nothing outside reaches it, so there is nothing to publish")
        )


def _address(usual: str, fixed: str | None) -> str:
    """The address of docker0 where none is given: the first of the fixed range is its."""
    subnet = names.host_address(usual).network
    pool = _pool("--fixed-cidr", fixed, subnet)
    if not pool:
        return usual
    first = names.subnet(pool)[0]
    return f"{subnet[1] if first == subnet[0] else first}/{subnet.prefixlen}"


def _ipv4(subnet: names.Network) -> names.Network:
    if subnet.version != 4:
        raise InputError(tr("not an IPv4 subnet: '{0}'", subnet), tr("the engine's rules here are IPv4's"))
    return subnet


def _shared(subnet: names.Network) -> names.Network:
    """A subnet with room for a bridge and at least one container."""
    names.hosts(_ipv4(subnet), 2)
    return subnet


def _mtu(value: int | None) -> int:
    return 0 if value is None else names.mtu(value, 4)


def _pool(option: str, text: str | None, subnet: names.Network | None) -> str:
    pool = text and _ipv4(names.subnet(text))
    if pool and subnet and not (subnet[0] <= pool[0] and pool[-1] <= subnet[-1]):  # type: ignore[operator]  # both IPv4
        raise InputError(tr("{0} is not within {1}: {2!r}", option, subnet, text), tr("a part of {0}", subnet))
    return str(pool or "")


def _gateway(text: str | None, subnet: names.Network | None) -> str:
    if text is None:
        return ""
    return str(names.router(text, subnet) if subnet else names.lone_address(text))
