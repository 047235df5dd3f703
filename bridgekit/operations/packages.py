"""Packages of a distribution, and the repositories that they come from."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.operations.needs import Need


@operation
class KernelShow(Operation):
    """Show the kernel's release."""


@operation
class PackagesRefresh(Operation):
    """Fetch the lists of packages anew.

    manager: `apt`, `apk`, `dnf` or `pacman`.  packages: where these are installed already, it is not needed.
    """

    manager: str
    packages: tuple[str, ...]


@operation
class PackagesUpgrade(Operation):
    """Upgrade every package that is installed."""

    manager: str


@operation
class PackagesAdd(Operation):
    """Install packages."""

    manager: str
    packages: tuple[str, ...]


@operation
class PackagesDrop(Operation):
    """Remove those of the packages that were missing, unless something else needs them by now."""

    manager: str
    packages: tuple[str, ...]


@operation
class FileFetch(Operation):
    """Fetch a file from a web server."""

    url: str
    path: str


@operation
class RepositoryTrust(Operation):
    """Trust the key that a repository of Docker's signs its packages with.

    distro: `debian` or `ubuntu`.
    """

    distro: str


@operation
class RepositoryDistrust(Operation):
    """Take back what RepositoryTrust did."""


@operation
class RepositoryAdd(Operation):
    """Add Docker's repository to apt's sources.

    distro: `debian` or `ubuntu`.
    """

    distro: str


@operation
class RepositoryDelete(Operation):
    """Take back what RepositoryAdd did."""

    distro: str


@operation
class ServiceStart(Operation):
    """Start a service of the host.

    systemd: by systemd's own command; `service` is not on every host that has it.
    """

    name: str
    systemd: bool = False


@operation
class ServiceStop(Operation):
    """Stop a service of the host; systemd: as ServiceStart."""

    name: str
    systemd: bool = False


@operation
class HelloRun(Operation):
    """Start a container that says hello, and ends."""


@operation
class EngineVersion(Operation):
    """Show the versions of the engine and of its client."""


@operation
class ImageList(Operation):
    """List the images of the engine."""


@operation
class NeedDistro(Need):
    """The host runs this distribution, or one that is like it and like none of the other known ones more."""

    distro: str
    known: tuple[str, ...]
