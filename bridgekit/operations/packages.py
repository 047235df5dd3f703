"""Packages of Debian and Ubuntu, Alpine, Fedora, Arch, and where they come from.  man 8 apt-get, apk, dnf, pacman."""

from __future__ import annotations

from typing import NamedTuple

from bridgekit.operations.base import Operation, operation

_UPSTREAM = "https://download.docker.com/linux"
_KEY, _SOURCE = "/etc/apt/keyrings/docker.asc", "/etc/apt/sources.list.d/bridgekit-docker.list"


class Manager(NamedTuple):
    """What a package manager is told to do."""

    refresh: str
    add: str
    upgrade: str


MANAGERS = {
    "apt": Manager("apt-get update", "apt-get install -y", "apt-get upgrade -y"),
    "apk": Manager("apk update", "apk add", "apk upgrade"),
    "dnf": Manager("dnf makecache", "dnf install -y", "dnf upgrade -y"),
    "pacman": Manager("pacman -Sy", "pacman -S --needed --noconfirm", "pacman -Su --noconfirm"),
}


@operation
class PackagesRefresh(Operation):
    """Fetch the lists of packages anew; newer lists hurt no one.

    manager: a key of MANAGERS.  packages: where these are installed already, it is not needed.
    """

    manager: str
    packages: tuple[str, ...]
    unless = "all_of {manager} {packages...}"

    @property
    def line(self) -> str:
        return MANAGERS[self.manager].refresh


@operation
class PackagesUpgrade(Operation):
    """Upgrade every package that is installed; no package manager goes back."""

    manager: str

    @property
    def line(self) -> str:
        return MANAGERS[self.manager].upgrade


@operation
class PackagesAdd(Operation):
    """Install packages; those that were missing are removed again, unless something else needs them by then."""

    manager: str
    packages: tuple[str, ...]
    unless = "all_of {manager} {packages...}"
    undo = "drop {manager} $(missing {manager} {packages...})"

    @property
    def line(self) -> str:
        return MANAGERS[self.manager].add + " {packages...}"


@operation
class RepositoryTrust(Operation):
    """Trust the key that a repository of Docker's signs its packages with.

    distro: `debian` or `ubuntu`.
    """

    distro: str
    line = f"curl -fsSL {_UPSTREAM}/{{distro}}/gpg -o {_KEY}"
    unless = f"trusted {_KEY}"
    undo = f"distrust {_KEY}"


@operation
class RepositoryAdd(Operation):
    """Add Docker's repository to apt's sources.

    What a derivative says of the release that it is made of comes before the name of its own.
    distro: `debian` or `ubuntu`.
    """

    distro: str
    line = (
        f"echo deb '[arch='$(dpkg --print-architecture)' signed-by={_KEY}]' {_UPSTREAM}/{{distro}}"
        f" $(sort /etc/os-release | sed -n '/_CODENAME=/{{s/.*=//p;q}}') stable > {_SOURCE}"
    )
    unless = f"has '' sources_of {_UPSTREAM}/{{distro}}"
    undo = f"forget_source {_SOURCE} {_UPSTREAM}/{{distro}}"


@operation
class ServiceStart(Operation):
    """Start a service of the host.

    systemd: by systemd's own command; `service` is not on every host that has it.
    """

    name: str
    systemd: bool = False

    @property
    def line(self) -> str:
        return "systemctl start {name}" if self.systemd else "service {name} start"

    @property
    def unless(self) -> str:
        return "systemctl -q is-active {name}" if self.systemd else "service {name} status"

    @property
    def undo(self) -> str:
        return "systemctl stop {name}" if self.systemd else "service {name} stop"
