"""What the models refuse, in words: where it stands, what was wrong, the value, what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from bridgekit.errors import InputError
from bridgekit.lab import models
from bridgekit.lab.reading import FileError, Source, Where
from bridgekit.lab.values import ALIKE, PATTERNS
from bridgekit.translation import joined, tr

_LIST = tr("a list: [A, B], or each on a line of its own after `- `")
_KEYS = tr("keys with values: {{KEY: VALUE}}, or each on a line of its own, indented")
# By pydantic's name for it: what it should be, and how that is written.
_WANTED = {
    "string_type": (tr("a text"), tr("a text")),
    "int_type": (tr("a whole number"), tr("a whole number")),
    "bool_type": (tr("true or false"), tr("true or false")),
    "list_type": (tr("a list"), _LIST),
    "dict_type": (tr("keys with values"), _KEYS),
    "model_type": (tr("keys with values"), _KEYS),
    "model_attributes_type": (tr("keys with values"), _KEYS),
}
_SIZES = {
    "endpoints": tr("two of them, each NODE:INTERFACE"),
    "nameservers": tr("resolvers ask three at most"),
    "nodes": tr("a node at least: `a: {{}}`"),
}
# How what is a list, or has keys, is written.
_EXAMPLES = {
    "nodes": "a: {}",
    "links": 'endpoints: ["a:eth0", "lan:a"]',
    "endpoints": '["a:eth0", "lan:a"]',
    "interfaces": "eth0: {addresses: [10.0.0.2/24]}",
    "addresses": "[10.0.0.2/24]",
    "routes": "- {to: default, via: 10.0.0.1}",
    "dns": "{nameservers: [10.0.0.53]}",
    "nameservers": "[10.0.0.53]",
    "extra_hosts": "{www.example.test: 10.0.0.80}",
    "sysctls": "{net.ipv4.ip_forward: 1}",
    "ports": '["8080:80"]',
    "services": "web: {server: web}",
    "command": "[sleep, infinity]",
    "listens": '["80", "53/udp"]',
    "probes": "- {from: a, to: b, port: 80}",
    "subnets": "lan: 10.0.0.0/24",
}
# What others call it.
_GATEWAY, _IP = "routes: [{to: default, via: 10.0.0.1}]", "interfaces: {eth0: {addresses: [10.0.0.2/24]}}"
_OTHERWISE = {
    **dict.fromkeys(("gateway", "gateway4", "gateway6"), _GATEWAY),
    **dict.fromkeys(("ip", "ipv4", "ipv6", "cidr"), _IP),
    **dict.fromkeys(("dhcp", "dhcp4", "dhcp6"), tr("addresses are written, or handed out from `subnets:`")),
    **dict.fromkeys(("network", "networks"), tr("`links:` joins it to a bridge")),
    **dict.fromkeys(("mac", "hwaddr"), "macaddress"),
    "hosts": "extra_hosts",
    "nat": "kind: nat, masquerade: [eth0]",
    "volumes": tr("a namespace sees this host's files; `services: files:` for those of a service"),
    "environment": tr("`services: env:` for those of a service"),
}
_KINDS = {
    **dict.fromkeys(("switch", "ovs-bridge"), "bridge"),
    **dict.fromkeys(("firewall", "gateway"), "router"),
    **dict.fromkeys(("docker", "podman", "container"), tr("guest, with `image:`")),
}
# Where a key that is unknown in one place belongs.
_PLACES = {
    models.Lab: tr("the top of the file"),
    models.Topology: "`topology:`",
    models.Node: tr("a node"),
    models.Interface: "`interfaces:`",
    models.Link: "`links:`",
    models.Dns: "`dns:`",
    models.Service: "`services:`",
    models.Probe: "`probes:`",
}


def told(source: Source, error: ValidationError) -> list[FileError]:
    """Its errors, of one value one; what is missing may be there under a wrong name, and is not told then."""
    errors = error.errors(include_url=False)
    unknown = {each["loc"][:-1] for each in errors if each["type"] == "extra_forbidden"}
    found: dict[tuple[int, int], FileError] = {}
    for each in errors:
        if each["type"] == "missing" and each["loc"][:-1] in unknown:
            continue
        wrong = source.error(*_one(source, each))
        first = found.setdefault(wrong.at, wrong)
        if first is not wrong and first.where[:-1] == wrong.where[:-1]:  # of a choice each branch complains
            first.hint = tr("{0}; or {1}", first.hint, wrong.hint)
    return list(found.values())


def _one(source: Source, error: Mapping[str, Any]) -> tuple[Where, str, str]:
    """Where it stands, what was wrong, and what would be right."""
    where, place = _within(source.data, error["loc"]), error["loc"]
    kind, shown = error["type"], repr(error.get("input"))[:60]
    match kind:
        case "extra_forbidden":
            return where, tr("an unknown key: {0!r}", place[-1]), _key(str(place[-1]), _known(place[:-1]))
        case "missing":
            return where, tr("the key {0!r} is missing", place[-1]), tr("it has to be said")
        case "refused":
            refusal: InputError = error["ctx"]["error"]
            return where, refusal.message, refusal.hint
        case "literal_error":
            return where, tr("a value that is not known here: {0}", shown), _choice(error)
        case "string_pattern_mismatch" if error["ctx"]["pattern"] in PATTERNS:
            return where, tr("not a value for this: {0}", shown), PATTERNS[error["ctx"]["pattern"]]
    if kind in _WANTED:
        what, hint = _WANTED[kind]
        example = next((_EXAMPLES[step] for step in where[:-3:-1] if step in _EXAMPLES), "")
        written = kind.startswith(("list", "dict", "model")) and example
        return where, tr("not {0}: {1}", what, shown), tr("such as {0}", example) if written else hint
    return where, *(_bounded(error, shown) or (tr("not a value for this: {0}", shown), str(error["msg"])))


def _bounded(error: Mapping[str, Any], shown: str) -> tuple[str, str] | None:
    """Of a limit that is passed: which one, and the value."""
    bounds = error.get("ctx", {})
    size = _SIZES.get(str(error["loc"][-1]), shown)
    match error["type"]:
        case "too_short":
            return tr("too few: {0}, and it is at least {1}", bounds["actual_length"], bounds["min_length"]), size
        case "too_long" if not isinstance(error["input"], str):
            return tr("too many: {0}, and it is at most {1}", bounds["actual_length"], bounds["max_length"]), size
        case "too_long" | "string_too_long":
            return tr("too long: {0}", shown), tr("at most {0} characters", bounds["max_length"])
        case "greater_than_equal" | "less_than_equal":
            least, most = bounds.get("ge"), bounds.get("le")
            hint = tr("at most {0}", most) if least is None else tr("at least {0}", least)
            return tr("out of bounds: {0}", shown), hint
    return None


def _key(name: str, known: list[str]) -> str:
    """What is right in the place of an unknown key."""
    if known == _names(models.Link):
        return tr("such as {0}", _EXAMPLES["links"])
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    homes = [place for model, place in _PLACES.items() if name in _names(model)]
    if homes:
        return tr("it is a key of {0}", joined(homes))
    near = get_close_matches(name, known, 1, 0.7)
    return tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(known))


def _choice(error: Mapping[str, Any]) -> str:
    """What is right in the place of an unknown word."""
    known = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    if "guest" in known:
        known += ALIKE
        if isinstance(error["input"], str) and error["input"] in _KINDS:
            return tr("did you mean {0}?", _KINDS[error["input"]])
    near = get_close_matches(str(error.get("input")), known, 1)
    return tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(known))


def _within(data: Any, place: tuple[str | int, ...]) -> Where:
    """The path as the file has it: pydantic names the branch of a choice, and a key that is wrong itself, too."""
    found: list[str | int] = []
    for step in place:
        if step == "[key]":
            break
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and step in range(len(data))):
            data = data[step]  # type: ignore[index]  # of a list it is a number
        elif step != place[-1]:
            continue
        found.append(step)
    return tuple(found)


def _known(place: tuple[str | int, ...]) -> list[str]:
    """The keys that are known there."""
    kind: Any = models.Lab
    for step in place:
        fields = {each.alias or name: each for name, each in kind.model_fields.items()}
        if step in fields:
            kind = _model(fields[str(step)].annotation)
    return _names(kind)


def _names(kind: Any) -> list[str]:
    return [field.alias or name for name, field in kind.model_fields.items()]


def _model(hint: Any) -> Any:
    """The model within a field's type."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    found = (_model(each) for each in getattr(hint, "__args__", ()))
    return next((each for each in found if each is not None), None)
