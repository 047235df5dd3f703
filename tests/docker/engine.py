"""A real Docker engine in a throw-away host; nothing is left of it when it ends."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[2]
CGROUPS = Path("/sys/fs/cgroup")
PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "containerd": "containerd",
    "brctl": "bridge-utils",
    "iptables": "iptables",
    "ping": "iputils-ping",
    "ifconfig": "net-tools",
    "busybox": "busybox-static",
    "ip": "iproute2",
    "jq": "jq",
    "unshare": "util-linux",
}
SECONDS_TO_START, SECONDS_TO_RUN, SECONDS_TO_END, SECONDS_TO_GO = 70, 120, 60, 10
# Debian's own programs before any other docker; then this interpreter, by the name `python`.
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"

# The throw-away host's command.  It ends when its standard input ends, that is, when the test session does, in
# whatever way.
HOLDER = "docker tag busybox bb; echo ready; read -r _ || :"


@dataclass(frozen=True)
class Engine:
    """A running engine.

    holder: `unshare`, the parent of the throw-away host's first process.
    """

    holder: subprocess.Popen[str]

    def sh(
        self, script: str, code: int | None = 0, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run bash lines where the engine is, in the repository's folder.

        code: the exit code that must come; None: any.  variables: added to the environment.
        """
        space = f"/proc/{self.holder.pid}/ns"
        entered = ["nsenter", f"--net={space}/net", f"--mount={space}/mnt", f"--pid={space}/pid_for_children"]
        done = subprocess.run(
            [*entered, "bash", "-c", f"cd {ROOT}\n{script}"],
            env=environment() | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_RUN,
        )
        assert code is None or done.returncode == code, (
            f"exit code {done.returncode}, not {code}, of:\n{script}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def print(self, script: str) -> str:
        """What bash lines print, which must succeed."""
        return self.sh(script).stdout


def environment() -> dict[str, str]:
    """The environment of everything that runs where the engine is."""
    return {name: value for name, value in os.environ.items() if name not in ("DOCKER_HOST", "CONTAINERS_CONF")} | {
        "PATH": f"/run/host/bin:{SYSTEM}:{Path(sys.executable).parent}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "DOCKER_CONFIG": "/run/host/engine/config",
    }


@contextmanager
def running_engine() -> Iterator[Engine]:
    """A real engine, in force while in here.  Skips where there is no root; fails where a program is missing."""
    refuse_without(PROGRAMS)
    with running(sandbox.command(["bash", "-c", HOLDER], engine=True)) as engine:
        yield engine


def refuse_without(programs: Mapping[str, str]) -> None:
    """Skip where there is no root; fail where a program, whose package is told, is missing."""
    if os.geteuid() != 0:
        pytest.skip("a real engine needs root; run the tests with sudo")
    missing = sorted({package for program, package in programs.items() if not shutil.which(program, path=SYSTEM)})
    assert not missing, f"the tests of a real engine need: apt-get install {' '.join(missing)} (scripts/test does)"


@contextmanager
def running(command: list[str]) -> Iterator[Engine]:
    """A throw-away host whose command says `ready` once its engine is; it ends, and nothing is left of it."""
    group = cgroup_of(command)
    before = traces(group)
    holder = subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for pytest, which ends the engine
    )
    try:
        _wait_until_ready(holder)
        inside = os.stat(f"/proc/{holder.pid}/ns/pid_for_children").st_ino
        yield Engine(holder)
    finally:
        try:
            holder.communicate(timeout=SECONDS_TO_END)  # closes its input, which is the sign to end
        except subprocess.TimeoutExpired:
            holder.kill()  # takes every process of its namespaces with it
            holder.communicate()
            raise
    assert not processes_in(inside), "the engine left processes behind"
    deadline = time.monotonic() + SECONDS_TO_GO
    while (left := traces(group)) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == before, "the engine left something behind"


def cgroup_of(command: list[str]) -> str:
    """The cgroup of the engine that a command will start."""
    return next(word for word in command if word.startswith("bridgekit-"))


def _wait_until_ready(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    heard, _, _ = select.select([holder.stdout], [], [], SECONDS_TO_START + 10)
    if not heard or holder.stdout.readline() != "ready\n":
        words = "" if holder.poll() is None else holder.communicate()[1]
        raise AssertionError(f"the engine did not start\n{words}")


def traces(cgroup: str) -> dict[str, list[str]]:
    """What an engine could leave on this machine: mounts, named namespaces, cgroups, files of dockerd's own."""
    folders = map(Path, ("/run/netns", "/run/docker", "/run/host", "/etc/docker", "/etc/netns"))
    return {
        "mounts": sorted(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()),
        "files": sorted(str(path) for folder in folders if folder.is_dir() for path in folder.iterdir()),
        "cgroups": sorted(str(path) for path in CGROUPS.rglob(cgroup)),
    }


def processes_in(pid_namespace: int, seconds: float = 5) -> list[str]:
    """The processes still in a process namespace after so many seconds."""
    deadline = time.monotonic() + seconds
    while (found := list(_members(pid_namespace))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _members(pid_namespace: int) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/pid").stat().st_ino == pid_namespace:
                yield (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has just ended
