"""Judging rights, programs and the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from bridgekit import sandbox
from bridgekit.doctor.finding import MISSING, NOTE, OK, Finding
from bridgekit.errors import HostError
from bridgekit.facts.features import Feature, user_namespaces
from bridgekit.operations.programs import PACKAGES

_OWN = {"bash": "bash", "unshare": "util-linux", "nsenter": "util-linux"}
# Every program that a recipe, a lesson, the throw-away host or a command may start, with its Debian package.
PROGRAMS = {**_OWN, **PACKAGES}
_MANAGERS = {"apt-get", "apk", "dnf", "pacman"}
_NEEDED = {"bash", "unshare", "nsenter", "ip", "iptables", "mount", "sysctl"}
_USES = {
    "brctl": "`--dialect document`",
    "ifconfig": "`--dialect document`",
    "route": "`--dialect document`",
    "ip6tables": "`outbound` of an IPv6 subnet",
    "docker": "Docker's containers as guests",
    "podman": "podman's containers as guests",
    "ping": "`verify` and the probes of lessons",
}
_NEEDED_FEATURES = {"bridge", "veth", "nat"}
_FEATURE_USES = {
    "nat IPv6": "`outbound` of an IPv6 subnet",
    "tun": "the tap of a virtual machine",
    "802.1Q VLAN": "VLANs",
    "br_netfilter": "iptables rules about packets between the ports of one bridge (Docker's `--icc=false`)",
}


def rights(made: bool) -> Iterator[Finding]:
    """What this user may do; made: whether a throw-away namespace could be made."""
    root, user = os.geteuid() == 0, user_namespaces()
    able = root or user
    yield Finding(
        "rights",
        "root",
        OK if root else NOTE,
        "yes" if root else "no",
        "" if root else "recipes run with sudo, or with --sandbox in a throw-away host",
    )
    yield _user_namespaces(user, able)
    if able:
        advice = "this may be a container without rights over its network: run it with --privileged, or on the host"
        found = "one was made, and thrown away" if made else "none could be made"
        yield Finding("rights", "network namespaces", OK if made else MISSING, found, "" if made else advice)


def _user_namespaces(user: bool, able: bool) -> Finding:
    if user:
        return Finding("rights", "user namespaces", OK, "yes")
    advice = "only ordinary users need them, for --sandbox"
    try:
        sandbox.command(["true"])
    except HostError as error:
        advice = f"{error.message}; {error.hint}"
    return Finding("rights", "user namespaces", NOTE if able else MISSING, "no", advice)


def programs(versions: Mapping[str, str | None]) -> Iterator[Finding]:
    """The programs, by their versions."""
    for program, package in PROGRAMS.items():
        version = versions[program]
        if version is not None:
            yield Finding("programs", program, OK, version or "there; it does not tell its version")
            continue
        if program in _MANAGERS:  # its distribution has it; no other wants it
            continue
        needed = program in _NEEDED
        use = "" if needed else f"only for {_USES.get(program, 'some recipes')}: "
        yield Finding(
            "programs", program, MISSING if needed else NOTE, "not installed", f"{use}apt-get install {package}"
        )


def kernel(found: Sequence[Feature]) -> Iterator[Finding]:
    """What the kernel can do."""
    for each in found:
        if each.works:
            yield Finding("kernel", each.name, OK, "works")
        elif each.works is None:
            loaded = "Docker, or `modprobe`, loads it" if each.name == "br_netfilter" else "loaded when it is needed"
            yield Finding("kernel", each.name, OK, f"{each.said}: {loaded}")
        else:
            needed = each.name in _NEEDED_FEATURES
            yield Finding("kernel", each.name, MISSING if needed else NOTE, each.said or "not there", _advice(each))


def _advice(each: Feature) -> str:
    use = "" if each.name in _NEEDED_FEATURES else f"only for {_FEATURE_USES.get(each.name, f'{each.name} links')}: "
    return f"{use}modprobe {' '.join(each.modules)}; if there is no such module, a kernel that has it"
