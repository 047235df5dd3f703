"""Judging rights, programs and the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from bridgekit import sandbox
from bridgekit.doctor.finding import MISSING, NOTE, OK, Finding
from bridgekit.errors import HostError
from bridgekit.facts.features import Feature, user_namespaces
from bridgekit.operations.programs import PACKAGES
from bridgekit.translation import tr

_OWN = {"bash": "bash", "unshare": "util-linux", "nsenter": "util-linux"}
# Every program that a recipe, a lesson, the throw-away host or a command may start, with its Debian package.
PROGRAMS = {**_OWN, **PACKAGES}
_MANAGERS = {"apt-get", "apk", "dnf", "pacman"}
_NEEDED = {"bash", "unshare", "nsenter", "ip", "iptables", "mount", "sysctl"}
_USES = {
    "brctl": "`--dialect document`",
    "ifconfig": "`--dialect document`",
    "route": "`--dialect document`",
    "ip6tables": tr("`outbound` of an IPv6 subnet"),
    "docker": tr("Docker's containers as guests"),
    "podman": tr("podman's containers as guests"),
    "ping": tr("`verify` and the probes of lessons"),
}
_NEEDED_FEATURES = {"bridge", "veth", "nat"}
_FEATURE_USES = {
    "nat IPv6": tr("`outbound` of an IPv6 subnet"),
    "tun": tr("the tap of a virtual machine"),
    "802.1Q VLAN": "VLAN",
    "br_netfilter": tr("iptables rules about packets between the ports of one bridge (Docker's `--icc=false`)"),
}


def rights(made: bool) -> Iterator[Finding]:
    """What this user may do; made: whether a throw-away namespace could be made."""
    root, user = os.geteuid() == 0, user_namespaces()
    able = root or user
    yield Finding(
        tr("rights"),
        "root",
        OK if root else NOTE,
        tr("yes") if root else tr("no"),
        "" if root else tr("recipes run with sudo, or with --sandbox in a throw-away host"),
    )
    yield _user_namespaces(user, able)
    if able:
        advice = tr("this may be a container without rights over its network: run it with --privileged, or on the host")
        found = tr("one was made, and thrown away") if made else tr("none could be made")
        yield Finding(tr("rights"), tr("network namespaces"), OK if made else MISSING, found, "" if made else advice)


def _user_namespaces(user: bool, able: bool) -> Finding:
    if user:
        return Finding(tr("rights"), tr("user namespaces"), OK, tr("yes"))
    advice = tr("only ordinary users need them, for --sandbox")
    try:
        sandbox.command(["true"])
    except HostError as error:
        advice = tr("{0}; {1}", error.message, error.hint)
    return Finding(tr("rights"), tr("user namespaces"), NOTE if able else MISSING, tr("no"), advice)


def programs(versions: Mapping[str, str | None]) -> Iterator[Finding]:
    """The programs, by their versions."""
    for program, package in PROGRAMS.items():
        version = versions[program]
        if version is not None:
            yield Finding(tr("programs"), program, OK, version or tr("there; it does not tell its version"))
            continue
        if program in _MANAGERS:  # its distribution has it; no other wants it
            continue
        sign, way = MISSING if program in _NEEDED else NOTE, tr("apt-get install {0}", package)
        advice = way if program in _NEEDED else _only(_USES.get(program, tr("some recipes")), way)
        yield Finding(tr("programs"), program, sign, tr("not installed"), advice)


def _only(use: str, way: str) -> str:
    return tr("only for {0}: {1}", use, way)


def kernel(found: Sequence[Feature]) -> Iterator[Finding]:
    """What the kernel can do."""
    for each in found:
        if each.works:
            yield Finding(tr("kernel"), each.name, OK, tr("works"))
        elif each.works is None:
            by_hand = each.name == "br_netfilter"
            loaded = tr("Docker, or `modprobe`, loads it") if by_hand else tr("loaded when it is needed")
            yield Finding(tr("kernel"), each.name, OK, tr("{0}: {1}", each.said, loaded))
        else:
            needed = each.name in _NEEDED_FEATURES
            found_ = each.said or tr("not there")
            yield Finding(tr("kernel"), each.name, MISSING if needed else NOTE, found_, _advice(each))


def _advice(each: Feature) -> str:
    way = tr("modprobe {0}; if there is no such module, a kernel that has it", " ".join(each.modules))
    if each.name in _NEEDED_FEATURES:
        return way
    return _only(_FEATURE_USES.get(each.name, tr("{0} links", each.name)), way)
