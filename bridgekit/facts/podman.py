"""Whether podman was used since this host began: else it runs nothing, and a question makes its files and mounts.

At its first command it leaves a file `alive` in its folder for what lasts from one boot to the next, and takes it,
where that is missing, that no container runs.  man 5 containers.conf (tmp_dir), man 1 podman (CONTAINER_HOST).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from glob import glob
from pathlib import Path

from bridgekit import environment

_ROOTS = Path("/run/libpod")
_CONFIGURED = re.compile(r"""^[ \t]*tmp_dir[ \t]*=[ \t]*(["'])(.+?)\1""", re.MULTILINE)
_CONFIGURATION = Path("/etc/containers/containers.conf")
_REMOTE = ("CONTAINER_HOST", "CONTAINER_CONNECTION")  # a service is asked, which runs already
_STARTS_IT = re.compile(rb"^#!.*\n(?s:.*)^[ \t]*exec \S*podman\b", re.MULTILINE)
_BEGINNING = 4096  # bytes, of a script


def would_begin(program: str, *words: str) -> bool:
    """Whether this command would be podman's first, where it is podman's, and so make what it needs.

    program: `podman`, or what podman may be installed by the name of.
    """
    if os.geteuid() == 0 and words == ("--version",):
        return False  # an ordinary user's makes its folders even then
    if not _is_podman(program) or any(map(os.environ.get, _REMOTE)):
        return False
    return not any(os.path.exists(folder / "alive") for folder in _folders())  # also where he may not look


def _is_podman(program: str) -> bool:
    """`docker` may be a script that starts it."""
    if program != "docker":
        return program == "podman"
    found = environment.find(program)
    if found is None:
        return False
    if Path(found).resolve().name == "podman":
        return True
    with suppress(OSError), open(found, "rb") as file:
        return _STARTS_IT.match(file.read(_BEGINNING)) is not None
    return False


def _folders() -> Iterator[Path]:
    """Where its `alive` may be: where it is told, else root's, or an ordinary user's as podman 4 and 5 choose them."""
    user = os.geteuid()
    if told := _told(user):
        yield Path(told)
    elif user == 0:
        yield _ROOTS
    else:
        runs = (os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user}", f"/tmp/podman-run-{user}")
        yield from (Path(run, "libpod/tmp") for run in (*runs, f"{tempfile.gettempdir()}/storage-run-{user}"))


def _told(user: int) -> str | None:
    own = os.environ.get("CONTAINERS_CONF")
    home = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "containers/containers.conf")
    of_all = (*sorted(map(Path, glob(f"{_CONFIGURATION}.d/*.conf")), reverse=True), _CONFIGURATION)
    for file in (Path(own),) if own else (*((home,) if user else ()), *of_all):
        with suppress(OSError, UnicodeDecodeError):
            if found := _CONFIGURED.search(file.read_text("utf-8")):
                return found[2]
    return None
