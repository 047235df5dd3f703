"""The distributions that are known: their package managers, and what they call what is needed."""

from __future__ import annotations

from dataclasses import dataclass

TOOLS, DOCKER = ("iproute2", "bridge-utils", "iptables"), ("docker-ce", "docker-ce-cli", "containerd.io")


@dataclass(frozen=True)
class Distro:
    """A distribution: its package manager, and what it calls the programs and the engine."""

    manager: str
    tools: tuple[str, ...]
    docker: tuple[str, ...]


DISTROS = {
    "debian": Distro("apt", TOOLS, DOCKER),
    "ubuntu": Distro("apt", TOOLS, DOCKER),
    "alpine": Distro("apk", TOOLS, ("docker",)),
    "fedora": Distro("dnf", ("iproute", "bridge-utils", "iptables-nft"), DOCKER),
    "arch": Distro("pacman", TOOLS, ("docker",)),
}
