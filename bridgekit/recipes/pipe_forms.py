"""Which recipe does what a pipework command line asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes.pipe_words import Words
from bridgekit.translation import tr


@dataclass(frozen=True)
class Call:
    """A recipe and its arguments, by name."""

    recipe: str
    arguments: dict[str, object] = field(default_factory=dict)

    def plan(self) -> Plan:
        """The recipe's plan.  Raises InputError."""
        from bridgekit.recipes import RECIPES

        return RECIPES[self.recipe].make(**{name: value for name, value in self.arguments.items() if value is not None})


def call(said: Words) -> Call:
    """The recipe that does it.  Raises InputError for what does not go together."""
    _refuse(said)
    if said.kind == "bridge":
        return Call("attach", _common(said) | _on_bridge(said))
    raise InputError(tr("not a form that is known here: {0!r}", said.link), "bridgekit help recipes")


def _refuse(said: Words) -> None:
    """What the form does not have is refused rather than left out."""
    if said.kind == "bridge" and said.vlan:
        raise InputError(tr("a VLAN on a bridge of Linux: {0}", said.vlan), tr("a NIC, or a bridge on its VLAN"))
    if said.kind == "bridge" and said.direct:
        raise InputError(tr("--direct-phys is for a NIC, and this is a bridge: {0!r}", said.link), tr("leave it out"))
    if said.kind not in ("bridge", "ovs") and said.hostside is not None:
        raise InputError(tr("-l names the host's end of a pair, and there is none: {0!r}", said.hostside), tr("leave it out"))


def _common(said: Words) -> dict[str, object]:
    first, *more = said.addresses
    return {
        "guest": said.guest,
        "address": first,
        "interface": said.interface,
        "add_address": more or None,
        "via": list(said.routers) or None,
        "route": list(said.routes) or None,
        "mac": said.mac,
        "mtu": said.mtu,
        "notify": True,
    }


def _on_bridge(said: Words) -> dict[str, object]:
    return {
        "bridge": said.link,
        "veth": said.hostside,
        "inherit_mtu": said.mtu is None,
        "forward": said.forward,
    }
