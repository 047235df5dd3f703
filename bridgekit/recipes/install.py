"""The programs that recipes call, and a Docker engine, from the packages of a distribution."""

from __future__ import annotations

from typing import Annotated

from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Expect, Steps, because, probe
from bridgekit.recipes.distros import DISTROS, Distro
from bridgekit.recipes.named import OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr

FEDORA = ("https://download.docker.com/linux/fedora/docker-ce.repo", "/etc/yum.repos.d/docker-ce.repo")


@recipe("install-{distro}", document="002")
def install(
    *,
    distro: Annotated[str | None, "default: this host's", OneOf(tuple(DISTROS))] = None,
    docker: Annotated[bool, "a Docker engine as well"] = True,
    upgrade: Annotated[bool, "upgrade what is installed first, as document 002 does"] = False,
) -> Steps:
    """Install iproute2, bridge-utils and iptables, and a Docker engine.

    Raises InputError.  Source: sequences 002.install, 004.prerequisites; man 8 apt-get, apk, dnf, pacman.
    """
    if distro not in DISTROS:
        raise InputError(
            tr("not a distribution that is known here: {0!r}", distro), tr("one of: {0}", ", ".join(DISTROS))
        )
    chosen = DISTROS[distro]
    yield op.Need("Distro", distro=distro, known=tuple(DISTROS))
    yield probe(op.Look("KernelShow"), Expect(True), "kernel")
    yield probe(op.Look("FileShow", path="/etc/os-release"), Expect(True), "os-release")
    if upgrade or chosen.manager != "pacman":  # Arch: a package of new lists needs all others to be new
        yield op.PackagesRefresh(chosen.manager, chosen.tools)
    if upgrade:
        yield op.PackagesUpgrade(chosen.manager)
    yield op.PackagesAdd(chosen.manager, chosen.tools)
    if docker:
        yield from _engine(distro, chosen)


def _engine(distro: str, chosen: Distro) -> Steps:
    if chosen.manager == "apt":
        yield from _from_upstream(distro, chosen)
    if chosen.manager == "dnf":
        yield because("fedora-source", op.FileFetch(*FEDORA), path=FEDORA[1])
    yield op.PackagesAdd(chosen.manager, chosen.docker)
    yield op.ServiceStart("docker", systemd=chosen.manager in ("dnf", "pacman"))
    yield probe(op.Look("HelloRun"), Expect(True, "Hello from Docker"), "hello")
    yield probe(op.Look("EngineVersion"), Expect(True, "Server"), "engine-version")
    yield probe(op.Look("ImageList"), Expect(True), "")


def _from_upstream(distro: str, chosen: Distro) -> Steps:
    yield because("fetching", op.PackagesAdd(chosen.manager, ("ca-certificates", "curl")))
    yield op.DirectoryAdd("/etc/apt/keyrings")
    yield op.RepositoryTrust(distro)
    yield op.RepositoryAdd(distro)
    yield op.PackagesRefresh(chosen.manager, chosen.docker)
