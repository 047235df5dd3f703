"""A real Docker engine in network, mount and process namespaces of its own; nothing is left of it when it ends."""

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
    "unshare": "util-linux",
}
SECONDS_TO_START, SECONDS_TO_RUN, SECONDS_TO_END = 60, 120, 60
# Debian's own programs before any other docker; then this interpreter, by the name `python`.
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"

# The first process of the engine's namespaces.  It ends the engine when its standard input ends, that is, when the
# test session does, in whatever way.  All that the engine writes is in the tmpfs on /run.  /sys stays as it is: the
# engine needs the cgroups under it.
HOLDER = r"""
set -euo pipefail
say() { printf 'engine: %s\n' "$*" >&2; }
end() {
  code=$?; trap - EXIT; set +e
  docker ps -q --filter status=paused | xargs -r docker unpause   # what is frozen cannot be killed
  docker ps -aq | xargs -r docker rm -f
  if [ -n "${engine:-}" ]; then
    kill "$engine"; timeout 20 tail --pid="$engine" -s 0.02 -f /dev/null || kill -KILL "$engine"
    wait "$engine"
  fi
  for ((i = 0; i < 100; i++)); do
    find /sys/fs/cgroup -depth -type d -path "*/$CGROUP*" -exec rmdir {} + && break
    sleep 0.02
  done
  exit "$code"
} >/dev/null 2>&1
trap end EXIT
trap : INT TERM HUP

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock /run/engine/config
for folder in etc opt; do   # dockerd writes /etc/docker/key.json, containerd makes /opt/containerd
  own=/run/engine/$folder
  mkdir "$own" "$own-work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$own,workdir=$own-work" overlay "/$folder"
done

ip link set lo up
ip netns add outside
ip -n outside link set lo up
ip link add em1 type veth peer name eth0 netns outside
ip addr add 203.0.113.1/24 dev em1
ip link set em1 up
ip -n outside addr add 203.0.113.2/24 dev eth0
ip -n outside link set eth0 up
ip route add default via 203.0.113.2

dockerd --data-root /run/engine/data --exec-root /run/engine/exec --pidfile /run/engine/pid --host "$DOCKER_HOST" \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$CGROUP" </dev/null >/run/engine/log 2>&1 &
engine=$!
until docker version >/dev/null 2>&1; do
  [ "$SECONDS" -lt "$LIMIT" ] || { say "dockerd does not answer"; tail -n 20 /run/engine/log >&2; exit 1; }
  kill -0 "$engine" 2>/dev/null || { say "dockerd ended"; tail -n 20 /run/engine/log >&2; exit 1; }
  sleep 0.05
done

mkdir -p /run/engine/image/bin /run/engine/image/tmp
cp -L "$(command -v busybox)" /run/engine/image/bin/busybox
for applet in sh ping ip route sleep httpd nc wget traceroute cat echo id; do
  ln -s busybox "/run/engine/image/bin/$applet"
done
printf '#!/bin/sh\nexec sh "$@"\n' >/run/engine/image/bin/bash   # busybox has no bash of its own
chmod 755 /run/engine/image/bin/bash
tar -C /run/engine/image -c . | docker import - bb >/dev/null
rm -r /run/engine/image
echo ready
read -r _ || :
"""


@dataclass(frozen=True)
class Engine:
    """A running engine.

    holder: `unshare`, which is in the engine's network and mount namespaces itself.
    cgroup: the cgroup that all its containers are under.
    """

    holder: subprocess.Popen[str]
    cgroup: str

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
            env=environment(self.cgroup) | dict(variables or {}),
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


def environment(cgroup: str) -> dict[str, str]:
    """The environment of everything that runs where the engine is."""
    return os.environ | {
        "PATH": f"{SYSTEM}:{Path(sys.executable).parent}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "DOCKER_HOST": "unix:///run/engine/sock",
        "DOCKER_CONFIG": "/run/engine/config",
        "CGROUP": cgroup,
        "LIMIT": str(SECONDS_TO_START),
    }


@contextmanager
def running_engine() -> Iterator[Engine]:
    """A real engine, in force while in here.  Skips where there is no root; fails where a program is missing."""
    if os.geteuid() != 0:
        pytest.skip("a real Docker engine needs root; run the tests with sudo")
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=SYSTEM)})
    assert not missing, f"the tests of a real engine need: apt-get install {' '.join(missing)} (scripts/test does)"
    cgroup = f"bridgekit-test-{os.getpid()}"
    before = traces(cgroup)
    holder = subprocess.Popen(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", HOLDER],
        env=environment(cgroup),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for pytest, which ends the engine
    )
    try:
        _wait_until_ready(holder)
        inside = os.stat(f"/proc/{holder.pid}/ns/pid_for_children").st_ino
        yield Engine(holder, cgroup)
    finally:
        try:
            holder.communicate(timeout=SECONDS_TO_END)  # closes its input, which is the sign to end
        except subprocess.TimeoutExpired:
            holder.kill()  # takes every process of its namespaces with it
            holder.communicate()
            raise
    assert not processes_in(inside), "the engine left processes behind"
    assert traces(cgroup) == before, "the engine left something behind"


def _wait_until_ready(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    heard, _, _ = select.select([holder.stdout], [], [], SECONDS_TO_START + 10)
    if not heard or holder.stdout.readline() != "ready\n":
        words = "" if holder.poll() is None else holder.communicate()[1]
        raise AssertionError(f"the engine did not start\n{words}")


def traces(cgroup: str) -> dict[str, list[str]]:
    """What an engine could leave on this machine: mounts, named namespaces, cgroups, files of dockerd's own."""
    folders = [Path("/run/netns"), Path("/run/docker"), Path("/run/engine"), Path("/etc/docker"), Path("/opt")]
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
