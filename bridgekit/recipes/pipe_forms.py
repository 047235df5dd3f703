"""Which recipe does what a pipework command line asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes.pipe_words import AND, IPVLAN_MODES, KINDS, VERBS, Words, client, parts, read
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


def told(words: Sequence[str]) -> Mapping[str, object]:
    """Whom a command line is about: the guest, and its interface or what is done in it.  Raises InputError."""
    if verb(words):
        return {"guest": words[1], "interface": " ".join((words[0], *words[2:]))}
    all_said = several(words)
    return {"guest": all_said[0].guest, "interface": AND.join(said.interface for said in all_said)}


def several(words: Sequence[str]) -> list[Words]:
    """The interfaces of one guest that a command line is about.  Raises InputError."""
    found = [read(part) for part in parts(words)]
    if len(guests := {said.guest for said in found}) > 1:
        raise InputError(
            tr("several guests in one call: {0}", ", ".join(sorted(guests))), tr("a call for each of them")
        )
    if len({said.interface for said in found}) < len(found):
        raise InputError(
            tr("one name for two interfaces: {0!r}", AND.join(said.interface for said in found)),
            tr("choose other names"),
        )
    routers = [names.version(router) for said in found for router in said.routers]
    if len(set(routers)) < len(routers) and len(found) > 1:
        raise InputError(tr("two default routes of one family: {0}", " ".join(words)), tr("one for IPv4, one for IPv6"))
    return found


def verb(words: Sequence[str]) -> str:
    """`route`, `rule` or `tc`, where it is one of these inside a guest; else empty.  Raises InputError."""
    if not words or words[0] not in VERBS:
        return ""
    if len(words) < 3:
        raise InputError(
            tr("pipework wants GUEST and arguments behind {0!r}", words[0]), f"bridgekit pipework {words[0]} GUEST ..."
        )
    return words[0]


def calls(words: Sequence[str]) -> list[Call]:
    """The recipes that do it, in their order.  Raises InputError."""
    if name := verb(words):
        return [Call(name, {"guest": words[1], "arguments": list(words[2:])})]
    return [each for said in several(words) for each in _of_one(said)]


def _of_one(said: Words) -> list[Call]:
    """The recipe, and that of a lease."""
    if not said.client:
        return [call(said)]
    program, options = client(said.client)
    own: dict[str, object] = {
        "guest": said.guest,
        "interface": said.interface,
        "client": program,
        "timeout": said.timeout,
        "option": list(options) or None,
    }
    return [call(said), Call("dhcp", own)]


def call(said: Words) -> Call:
    """The recipe that does it.  Raises InputError for what does not go together."""
    _refuse(said)
    recipe, own = _FORMS[said.kind or "nic"](said)
    return Call(recipe, _common(said) | own)


def _refuse(said: Words) -> None:
    """What a form does not have is refused rather than left out."""
    kind, hint = said.kind or "nic", tr("leave it out, or say what it is: --type {0}", "|".join(KINDS))
    others = {
        "-l": (said.hostside is not None, ("bridge", "ovs")),
        "--direct-phys": (said.direct, ("nic",)),
        "--host-route": (said.host_route, ("nic",)),
        "--mode": (said.mode is not None, ("nic",)),
        "--no-forward": (not said.forward, ("bridge",)),
        "@VLAN": (bool(said.vlan), ("bridge", "nic", "ovs", "ipoib")),
        "MAC": (said.mac is not None, ("bridge", "nic", "ovs", "dummy")),
    }
    for word, (given, kinds) in others.items():
        if given and kind not in kinds:
            raise InputError(tr("{0} is not for a HOSTIF of this kind: {1!r}", word, f"{kind} {said.link}"), hint)
    for word in ("--host-route", "--mode", "@VLAN"):
        if said.direct and others[word][0]:
            raise InputError(
                tr("--direct-phys moves the card itself, so it has no {0}", word), tr("leave one of them out")
            )
    if said.timeout is not None and not said.client:
        raise InputError(tr("a time to wait, and no DHCP client: {0!r}", said.timeout), tr("leave --timeout out"))
    if said.uplink and not said.vlan:
        raise InputError(
            tr("a bridge on an uplink without its VLAN: {0!r}", said.link), f"{said.link}@{said.uplink} ... @VLAN"
        )


def _common(said: Words) -> dict[str, object]:
    first, *more = said.addresses
    return {
        "guest": said.guest,
        "address": first,
        "interface": said.interface,
        "add_address": more or None,
        "via": list(said.routers) or None,
        "route": list(said.routes) or None,
        "mtu": said.mtu,
    }


def _bridge(said: Words) -> tuple[str, dict[str, object]]:
    return "attach", {
        "bridge": said.link,
        "vlan": f"{said.vlan}@{said.uplink}" if said.uplink else said.vlan or None,
        "veth": said.hostside,
        "mac": said.mac,
        "inherit_mtu": said.mtu is None,
        "forward": said.forward,
        "keep_replies": _replies(said),
        "notify": True,
    }


def _nic(said: Words) -> tuple[str, dict[str, object]]:
    if said.direct:
        return "move", {"nic": said.link, "mac": said.mac, "notify": True, "keep_replies": _replies(said)}
    own: dict[str, object] = {"parent": said.link, "vlan": _number(said), "notify": True}
    if said.mode in IPVLAN_MODES:
        return "ipvlan", own | {"mode": said.mode}
    return "macvlan", own | {
        "mode": said.mode,
        "mac": said.mac,
        "host_route": said.host_route,
        "keep_replies": _replies(said),
    }


def _ovs(said: Words) -> tuple[str, dict[str, object]]:
    vlan = _number(said)
    return "ovs", {"bridge": said.link, "vlan": vlan, "veth": said.hostside, "mac": said.mac, "notify": True}


def _ipoib(said: Words) -> tuple[str, dict[str, object]]:
    return "ipoib", {"parent": said.link, "pkey": said.vlan or None, "notify": True}


def _dummy(said: Words) -> tuple[str, dict[str, object]]:
    return "dummy", {"mac": said.mac}


def _replies(said: Words) -> bool:
    return bool(said.routers) and said.replies


def _number(said: Words) -> int | None:
    return names.vlan(said.vlan) if said.vlan else None


_FORMS: dict[str, Callable[[Words], tuple[str, dict[str, object]]]] = {
    "bridge": _bridge,
    "nic": _nic,
    "ovs": _ovs,
    "ipoib": _ipoib,
    "dummy": _dummy,
}
