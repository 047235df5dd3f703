"""What the programs that we start get of the caller's environment: what they need, and nothing that is code to them."""

from __future__ import annotations

import os
import shutil

_KEPT = {
    *("HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
    # who asked, and how: sudo, the bus of a desktop, an agent for an engine that is reached by ssh
    *("SUDO_USER", "SUDO_UID", "SUDO_GID", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK"),
    # which engine
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"),
    *("DOCKER_API_VERSION", "CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY"),
    *("CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"),
    # how packages are fetched
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
}
_KEPT_KINDS = ("LC_", "XDG_", "BRIDGEKIT_")
_SBIN = ("/usr/sbin", "/sbin")  # the programs are there, which a user's PATH may lack


def path() -> str:
    """The folders of programs: the caller's, but for those that depend on where he is, and the system's own."""
    own = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    return os.pathsep.join((*own, *(folder for folder in _SBIN if folder not in own)))


def find(program: str) -> str | None:
    """Where a program is; None if it is missing."""
    return shutil.which(program, path=path())


def clean() -> dict[str, str]:
    """The environment for a program."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_KINDS)}
    return kept | {"PATH": path()}
