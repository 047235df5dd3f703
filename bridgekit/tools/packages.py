"""The package managers of Debian and Ubuntu, Alpine, Fedora, Arch.  man 8 apt-get, apk, dnf, pacman; man 1 curl."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Answer, Argv, Operator, answer

PROGRAMS = {
    "apt-get": "apt",
    "apk": "apk-tools",
    "dnf": "dnf",
    "pacman": "pacman",
    "curl": "curl",
    "service": "init-system-helpers",
    "systemctl": "systemd",
}
UPSTREAM = "https://download.docker.com/linux"
KEY, SOURCE = "/etc/apt/keyrings/docker.asc", "/etc/apt/sources.list.d/bridgekit-docker.list"
_REFRESH: dict[str, Argv] = {
    "apt": ("apt-get", "update"),
    "apk": ("apk", "update"),
    "dnf": ("dnf", "makecache"),
    "pacman": ("pacman", "-Sy"),
}
_ADD: dict[str, Argv] = {
    "apt": ("apt-get", "install", "-y"),
    "apk": ("apk", "add"),
    "dnf": ("dnf", "install", "-y"),
    "pacman": ("pacman", "-S", "--needed", "--noconfirm"),
}
_UPGRADE: dict[str, Argv] = {
    "apt": ("apt-get", "upgrade", "-y"),
    "apk": ("apk", "upgrade"),
    "dnf": ("dnf", "upgrade", "-y"),
    "pacman": ("pacman", "-Su", "--noconfirm"),
}
MANAGERS = frozenset(_ADD)


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation."""
    match operation:
        case op.KernelShow():
            return ("uname", "-r")
        case op.PackagesRefresh(manager):
            return _REFRESH[manager]
        case op.PackagesAdd(manager, packages):
            return (*_ADD[manager], *packages)
        case op.PackagesUpgrade(manager):
            return _UPGRADE[manager]
        case op.PackagesDrop(manager, packages):
            return ("drop", manager, answer("missing", manager, *packages))
    return _files(operation) or _engine(operation)


def _files(operation: op.Operation) -> Argv | None:
    match operation:
        case op.FileFetch(url, path):
            return ("curl", "-fsSL", url, "-o", path)
        case op.RepositoryTrust(distro):
            return ("curl", "-fsSL", f"{UPSTREAM}/{distro}/gpg", "-o", KEY)
        case op.RepositoryDistrust():
            return ("distrust", KEY)
        case op.RepositoryAdd(distro):
            place: Argv = (("[arch=", answer("dpkg", "--print-architecture"), f" signed-by={KEY}]"),)
            # What a derivative says of the release that it is made of comes before the name of its own.
            release = Answer((("sort", "/etc/os-release"), ("sed", "-n", "/_CODENAME=/{s/.*=//p;q}")))
            return ("echo", "deb", *place, f"{UPSTREAM}/{distro}", release, "stable", Operator(">"), SOURCE)
        case op.RepositoryDelete(distro):
            return ("forget_source", SOURCE, f"{UPSTREAM}/{distro}")
    return None


def _engine(operation: op.Operation) -> Argv | None:
    match operation:
        case op.ServiceStart(name, systemd):
            return ("systemctl", "start", name) if systemd else ("service", name, "start")
        case op.ServiceStop(name, systemd):
            return ("systemctl", "stop", name) if systemd else ("service", name, "stop")
        case op.HelloRun():
            return ("docker", "run", "--rm", "hello-world")
        case op.EngineVersion():
            return ("docker", "version")
        case op.ImageList():
            return ("docker", "images")
    return None


def build_002(operation: op.Operation) -> Argv | None:
    """As document 002 types it, for the releases of its time: apt-key is gone from current ones."""
    match operation:
        case op.PackagesRefresh("apt"):
            return ("apt", "update")
        case op.PackagesUpgrade("apt"):
            return ("apt", "upgrade")
        case op.PackagesAdd("apt", packages):
            return ("apt", "install", *packages)
        case op.RepositoryTrust(distro):
            return ("curl", "-fsSL", f"{UPSTREAM}/{distro}/gpg", Operator("|"), "apt-key", "add", "-")
        case op.RepositoryAdd(distro):
            release = Answer((("lsb_release", "-cs"),))
            return ("add-apt-repository", (f"deb [arch=amd64] {UPSTREAM}/{distro} ", release, " stable"))
        case op.HelloRun():
            return ("docker", "run", "hello-world")
    return None
