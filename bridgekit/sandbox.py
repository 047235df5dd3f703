"""A throw-away host: user, network, mount, PID, IPC and UTS namespaces of its own, gone when its command ends.

What is written in it stays in it: every folder of the machine is an overlay, see root.py.

It has an uplink `em1` (203.0.113.1/24, 2001:db8:113::1/64) to a namespace `outside` (.2) that answers ping,
TCP and HTTP, and a stand-in for `docker` and `podman` whose containers are processes in namespaces of their own.
With `engine` its `docker` is a real Docker engine, which needs root.  What else it has, see init.sh.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bridgekit import again, environment
from bridgekit.errors import HostError, InputError
from bridgekit.explain import TEMPLATES
from bridgekit.names import guest as checked_guest
from bridgekit.translation import joined, reason, tr

_ROOT = TEMPLATES / "sandbox" / "root.py"
_INIT = TEMPLATES / "sandbox" / "init.sh"
_CONTROL_GROUPS = TEMPLATES / "sandbox" / "control-groups.sh"
_ENGINE = {"dockerd": "docker.io", "docker": "docker.io", "containerd": "containerd", "busybox": "busybox-static"}
_NEW = ("dev", "etc", "proc", "run", "sys")
_KNOBS = (
    ("/proc/sys/user/max_user_namespaces", "0", "1000"),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "1"),
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
)
OUTSIDE = "outside"
_OWN = Path("/run/host/containers")  # which every throw-away host has


def inside() -> bool:
    """Whether this process is in a throw-away host already."""
    return "BRIDGEKIT_SANDBOX" in os.environ and _OWN.is_dir()


def is_outside(netns: Sequence[str]) -> bool:
    """Whether a namespace of these names is the world outside the throw-away host that this process is in."""
    return OUTSIDE in netns and _OWN.is_dir()


def command(
    argv: Sequence[str],
    guests: Sequence[str] = (),
    ids: Sequence[str] = (),
    engine: bool = False,
    writable: Sequence[str] = (),
) -> list[str]:
    """The command that runs another in a throw-away host.

    argv: the command.  guests: guests to start in it, as on the command line (`web`, `podman:web`, `netns:red`), with
    the network that they are started on if it is none of their own (`web,host`, `web,container:db`); or a lab that
    bridgekit brings (`lab:playground`).
    ids: the ids that the first containers of the stand-ins will get.  engine: with a real Docker engine.
    writable: folders that are the machine's own in there.
    Raises InputError for a guest that cannot be there, HostError where namespaces are forbidden or the engine
    cannot be.
    """
    started = _started(guests)
    if engine:
        _check_engine()
    group = f"bridgekit-{os.getpid()}-{time.monotonic_ns()}" if engine else ""
    told = (
        f"BRIDGEKIT_GUESTS={' '.join(started)}",
        f"BRIDGEKIT_IDS={' '.join(ids)}",
        f"BRIDGEKIT_PYTHON={sys.executable}",
        f"BRIDGEKIT_COMMAND={shlex.join(again.command())}",
        f"BRIDGEKIT_CGROUP={group}",
    )
    own_ids = not engine and _own_ids()
    mapped = ("--user", "--map-root-user") if own_ids and os.geteuid() != 0 else ()
    unowned = () if own_ids else ("--net", "--uts", "--ipc")  # those of a user namespace come after its mounts
    unshare = ("unshare", *mapped, *unowned, "--mount", "--pid", "--fork", "--kill-child")
    keeper = ("bash", str(_CONTROL_GROUPS), group) if engine else ()
    options = [
        *(("--engine",) if engine else ()),
        *(("--keep-ids",) if not own_ids else ()),
        *(f"--writable={folder}" for folder in writable),
    ]
    python = (sys.executable, "-E", "-s", "-S", "-B", str(_ROOT))  # it has a neighbour to import
    return ["env", *told, *keeper, *unshare, *python, *options, "bash", str(_INIT), *argv]


def _started(guests: Sequence[str]) -> list[str]:
    started = []
    for text in guests:
        if text.startswith("lab:"):
            started.append(f"lab:{_lab(text.removeprefix('lab:'))}")
            continue
        name, comma, network = text.partition(",")
        guest = checked_guest(name)
        if guest.kind in ("pid", "lxc"):
            raise InputError(
                tr("no such process in a throw-away host: {0!r}", text), tr("name a container or netns:NAME")
            )
        started.append(f"{guest.kind}:{guest.name}{comma}{network}")
    return started


def _lab(name: str) -> str:
    known = sorted(path.stem for path in (TEMPLATES / "labs").glob("*.yaml"))
    if name not in known:
        raise InputError(tr("no lab of that name: {0!r}", name), tr("one of: {0}", ", ".join(known)))
    return name


def _check_engine() -> None:
    """A real engine needs root, and programs that bridgekit otherwise does without."""
    if os.geteuid() != 0:
        raise HostError(
            tr("a Docker engine in a throw-away host needs root"),
            tr("use sudo; or a lesson's --no-sandbox, which uses this host's own engine"),
        )
    missing = [program for program in _ENGINE if not environment.find(program)]
    if not missing and not _is_static(environment.find("busybox") or ""):
        missing = [tr("a static busybox")]
    if missing:
        packages = sorted({_ENGINE[program.split()[-1]] for program in missing})
        raise HostError(
            tr("a Docker engine in a throw-away host needs {0}", joined(missing)),
            f"apt-get install {' '.join(packages)}",
        )


def _is_static(program: str) -> bool:
    """Whether a program needs no libraries: then it names no loader (ld-linux, ld-musl) in its ELF header."""
    with open(program, "rb") as file:
        return b"/ld-" not in file.read(4096)


def _own_ids() -> bool:
    """Whether it has a user namespace of its own, which the kernel may not give; root can do without."""
    from bridgekit.facts.ask import ask  # all of facts comes with it, which a run has no use for

    if ask("unshare", "--user", "--map-root-user", "true") is not None:
        return True
    if os.geteuid() == 0:
        return False
    for path, forbids, allows in _KNOBS:
        knob = Path(path)
        if knob.exists() and knob.read_text().strip() == forbids:
            name = path.removeprefix("/proc/sys/").replace("/", ".")
            raise HostError(
                tr("this host forbids user namespaces to ordinary users: {0} is {1}", name, forbids),
                tr("use sudo, or: sudo sysctl -w {0}={1}", name, allows),
            )
    raise HostError(
        tr("this host gives no user namespaces (a chroot, or a container's seccomp profile?)"), tr("use sudo")
    )


def here() -> str:
    """The working folder, to be the machine's own in there.  Raises InputError where that cannot be."""
    folder = os.getcwd()
    if folder == "/" or folder.split("/")[1] in _NEW:
        raise InputError(
            tr("--here: {0} cannot be the machine's own in a throw-away host", folder),
            tr("go to another folder first: none in {0}", ", ".join(f"/{each}" for each in _NEW)),
        )
    return folder


def enter(
    argv: Sequence[str],
    guests: Sequence[str] = (),
    ids: Sequence[str] = (),
    engine: bool = False,
    writable: Sequence[str] = (),
) -> NoReturn:
    """Become a command in a throw-away host, with a clean environment; its exit code is the process's.

    As `command`, which it raises as.
    """
    words = command(argv, guests, ids, engine, writable)
    sys.stdout.flush()
    try:
        os.execvpe(words[0], words, environment.clean())
    except OSError as error:
        raise HostError(
            tr("cannot start {0}: {1}", words[0], reason(error)), tr("util-linux and coreutils are needed")
        ) from error
