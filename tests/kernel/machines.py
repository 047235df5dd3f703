"""Several machines: a network and mount namespace each, with a /run and an SSH server of its own; a bridge between.

It takes root: in a user namespace an SSH server cannot set the groups of who logs in.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import ndiff
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.kernel.world import ROOT, shell

T = TypeVar("T")
Test = TypeVar("Test", bound=Callable[..., None])
FOLDER = Path("/mnt")  # all machines see it
ANSIBLE = Path(sys.executable).parent / "ansible-playbook"
SECONDS = 20
_OWN = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# root's home is in its /run: what logs in there or works for Ansible leaves its files in it.
_OUTER = """
for each in /run /mnt; do mount -t tmpfs -o mode=755 own $each || exit; done
sed 's|^root:.*|root:x:0:0:root:/run/root:/bin/bash|' /etc/passwd >/mnt/passwd
mount --bind /mnt/passwd /etc/passwd && exec "$@"
"""
_MACHINE = """
for each in /run /var/log; do mount -t tmpfs -o mode=755 own $each || exit; done
mkdir -p /run/netns && mkdir -m 700 /run/root /run/root/.ssh
cp /mnt/key.pub /run/root/.ssh/authorized_keys 2>/dev/null || :
ip link set lo up
until ip link show dev em1 >/dev/null 2>&1; do sleep 0.02; done
ip addr add "192.0.2.$1/24" dev em1
ip addr add "2001:db8:113::$1/64" dev em1 nodad
ip link set em1 up
exec "${@:2}"
"""


def among_machines(test: Test) -> Test:
    """Mark a test to run where it can make machines; its parameters must be plain data."""

    @functools.wraps(test)
    def outside(**parameters: Any) -> None:
        server = [sys.executable, "-m", "tests.kernel.world", test.__module__, test.__name__, json.dumps(parameters)]
        done = subprocess.run(
            ["unshare", *_OWN, "bash", "-c", _OUTER, "bash", *server],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"

    needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="an SSH server logs in as another user")
    return needs_root(pytest.mark.kernel(outside))  # type: ignore[return-value]  # same signature, by functools.wraps


def until(what: str, holds: Callable[[T], object], of: T) -> None:
    """Wait until something holds of a thing.  Raises AssertionError when it does not in time."""
    end = time.monotonic() + SECONDS
    while not holds(of):
        assert time.monotonic() < end, what
        time.sleep(0.02)


@dataclass
class Machine:
    """A machine: its number, and its first process."""

    number: int
    pid: int

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        into = ["nsenter", f"--target={self.pid}", "--net", "--mount", "--pid", f"--wd={ROOT}"]
        return subprocess.run([*into, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def works(self, script: str) -> str:
        """What bash lines say there, which must work."""
        done = self.run("bash", "-c", script)
        assert done.returncode == 0, f"m{self.number}: {script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def state(self) -> str:
        """The network, and what lies in /run and for Ansible."""
        read = self.run(sys.executable, "-c", "from bridgekit import facts; print(*facts.snapshot(), sep='\\n')")
        assert read.returncode == 0, read.stderr
        return read.stdout + self.works(
            "find /run -mindepth 1 ! -path '/run/netns/*' ! -path '/run/root*' ! -name mount | sort"
        )


def states(machines: Sequence[Machine]) -> str:
    """That of all, a fact a line."""
    return "".join(f"m{each.number} {line}\n" for each in machines for line in each.state().splitlines())


def same(before: str, after: str) -> None:
    """Both states are the same.  Raises AssertionError that says what is not."""
    found = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert not found, "\n".join(found)


@contextlib.contextmanager
def machines(count: int, *server: str) -> Iterator[list[Machine]]:
    """So many machines, at 192.0.2.1 and up; this namespace is at 192.0.2.254.

    server: the command that runs in each, with its number in place of `{}`.
    """
    shell("ip link set lo up; ip link add sw0 type bridge; ip addr add 192.0.2.254/24 dev sw0; ip link set sw0 up")
    made, started = [], []
    try:
        for number in range(1, count + 1):
            words = [each.format(number) for each in server or ("sleep", "infinity")]
            init = ["bash", "-c", _MACHINE, "bash", str(number), *words]
            started.append(subprocess.Popen(["unshare", *_OWN, *init], cwd="/"))
            until("unshare has a child", _children, started[-1].pid)
            made.append(Machine(number, int(_children(started[-1].pid))))
            until("the machine has a network of its own", _is_apart, made[-1])
            shell(f"ip link add u{number} type veth peer name em1 netns {made[-1].pid}")
            shell(f"ip link set u{number} master sw0 up")
        for each in made:
            until("the machine is up", _answers, each)
        yield made
    finally:
        for process in started:
            process.kill()
            process.wait()


def _children(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def _is_apart(machine: Machine) -> bool:
    return os.stat(f"/proc/{machine.pid}/ns/net").st_ino != os.stat("/proc/self/ns/net").st_ino


def _answers(machine: Machine) -> bool:
    return shell(f"ping -c 1 -W 1 192.0.2.{machine.number}", check=False).returncode == 0


def _lets_in(machine: Machine) -> bool:
    return bool(machine.run("ss", "-Hltn", "sport = :22").stdout)


@dataclass
class Played:
    """What ansible-playbook did: its exit code, its text, and the numbers of its recap for each machine."""

    code: int
    text: str
    recap: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, what: str) -> list[int]:
        """The same number of all machines: `changed`, `failed`, `rescued`, `unreachable`."""
        return [each[what] for _, each in sorted(self.recap.items())]


@contextlib.contextmanager
def with_ssh(count: int) -> Iterator[list[Machine]]:
    """Such machines, each with an SSH server that lets one key in."""
    shell(f"ssh-keygen -q -t ed25519 -N '' -f {FOLDER}/key && dropbearkey -t ed25519 -f {FOLDER}/host >/dev/null 2>&1")
    server = ("dropbear", "-F", "-s", "-r", f"{FOLDER}/host", "-p", "192.0.2.{}:22")
    with machines(count, *server) as made:
        for each in made:
            until("dropbear listens", _lets_in, each)
        yield made


def play(folder: Path, *options: str) -> Played:
    """Run the playbook of an export."""
    ssh = f"-F none -i {FOLDER}/key -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5"
    own = {
        "HOME": str(FOLDER),
        "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_TRANSFER_METHOD": "piped",  # dropbear has no sftp
        "ANSIBLE_SSH_ARGS": f"{ssh} -o ControlMaster=auto -o ControlPersist=60",
    }
    options = ("-e", "ansible_python_interpreter=/usr/bin/python3", *options)
    command = [str(ANSIBLE), "-i", str(folder / "inventory.yaml"), str(folder / "playbook.yaml"), *options]
    done = subprocess.run(command, env=own, cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL)
    played = Played(done.returncode, done.stdout + done.stderr)
    for name, numbers in re.findall(r"^(\S+) +: (ok=.*)$", done.stdout, re.M):
        played.recap[name] = {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", numbers)}
    return played
