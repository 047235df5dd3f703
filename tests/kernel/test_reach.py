"""From inside a throw-away host, as root and as an ordinary user, nothing of the machine can be changed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kernel import reach
from tests.kernel.ordinary import User, readable, user  # fixtures

__all__ = ["readable", "user"]
pytestmark = pytest.mark.kernel


@pytest.fixture(params=["root", "user"])
def who(request: pytest.FixtureRequest, user: User) -> User:
    """An ordinary user, or root, who starts the same copy of bridgekit."""
    if request.param == "user":
        return user
    if os.geteuid() != 0:
        pytest.skip("needs root")
    return replace(user, uid=0)


@pytest.fixture
def folder(user: User) -> Iterator[Path]:
    """A folder of this user's, and of root's."""
    path = Path(tempfile.mkdtemp(dir=user.temporary))
    path.chmod(0o777)
    os.chown(path, user.uid, user.uid)
    yield path
    for each in path.iterdir():
        each.unlink()
    path.rmdir()


def probe(who: User, folder: Path, *environment: str) -> dict[str, object]:
    """What a probe finds in a throw-away host; the machine has no mark of it."""
    places = reach.folders(folder, who.folder)
    with reach.unmarked(places):
        words = ["env", *environment, who.python, "-m", "bridgekit", "sandbox", "--", who.python, "-c", reach.PROBE]
        return reach.answer(who.run(*words, reach.MARK, *places))


def without_overlays(who: User) -> None:
    """Let this copy find a kernel that refuses every overlay."""
    path = who.folder / "bridgekit/templates/sandbox/folders.py"
    path.write_text(path.read_text().replace('"overlay", 0', '"no-overlay", 0'))


# Files


@pytest.mark.parametrize("environment", ["PROBE=", "PROBE=--free"])
def test_nothing_of_the_machine_is_written(who: User, folder: Path, environment: str) -> None:
    found = probe(who, folder, environment)
    own = {"/tmp", "/var/tmp", "/run", "/dev/shm", *([] if who.uid == 0 else [str(folder)])}
    assert own <= set(found["written"]), "in here that can be written"
    assert reach.foreign(found) == []
    assert found["devices"] == []
    assert found["system"] == []
    assert found["groups"] == []


def test_nothing_is_written_where_there_are_no_overlays(who: User, folder: Path) -> None:
    path = who.folder / "bridgekit/templates/sandbox/folders.py"
    text = path.read_text()
    without_overlays(who)
    try:
        found = probe(who, folder)
    finally:
        path.write_text(text)
    assert {"/etc/default", "/run"} <= set(found["written"])
    assert str(folder) not in found["written"], "rather than that it is the machine's"


def in_folder(who: User, folder: Path, *words: str, code: int = 0) -> str:
    """What `bridgekit sandbox` says that is started in a folder."""
    line = f"cd {folder} && exec {shlex.join([who.python, '-m', 'bridgekit', 'sandbox', *words])}"
    return who.run("sh", "-c", line, code=code)


def test_the_working_folder_is_an_overlay_too(who: User, folder: Path) -> None:
    said = in_folder(who, folder, "--", "sh", "-c", "pwd; touch f; ls")
    assert said == f"{folder}\nf\n"
    assert list(folder.iterdir()) == []


def test_here_the_working_folder_is_the_machines(who: User, folder: Path) -> None:
    said = in_folder(who, folder, "--here", "--", "sh", "-c", f"pwd; touch f; touch ../{reach.MARK}; true")
    assert said == f"{folder}\n"
    assert [path.name for path in folder.iterdir()] == ["f"]
    assert not (folder.parent / reach.MARK).exists()


@pytest.mark.parametrize("place", ["/", "/etc", "/etc/default", "/run", "/dev/shm", "/proc/self"])
def test_here_is_refused_where_the_host_is_its_own(who: User, place: str) -> None:
    said = in_folder(who, Path(place), "--here", "--", "true", code=2)
    assert said.startswith("bridgekit: --here: /"), said


def test_a_folder_that_is_not_there_is_told_of(who: User) -> None:
    said = in_folder(who, Path("/run/lock"), "--", "pwd")
    assert said == "bridgekit: /run/lock is not in the throw-away host: its command begins in /\n/\n"


# Processes, and what they share


def test_no_process_outside_hears_a_signal(who: User) -> None:
    outside = subprocess.Popen(who.command("sleep", "1000"))
    try:
        who.run(who.python, "-m", "bridgekit", "sandbox", "--", "sh", "-c", f"kill -KILL {outside.pid} 2>&1; true")
        assert outside.poll() is None
    finally:
        outside.kill()
        outside.wait()


def shared_memory() -> list[str]:
    """What System V's shared memory, queues and semaphores the machine has."""
    return [line.split()[1] for each in ("shm", "msg", "sem") for line in Path("/proc/sysvipc", each).open()]


def test_shared_memory_is_its_own(who: User) -> None:
    before = shared_memory()
    try:
        assert "id" in who.bridgekit("sandbox", "--", "ipcmk", "--shmem", "4096")
        assert shared_memory() == before
    finally:
        for number in set(shared_memory()) - set(before):
            subprocess.run(["ipcrm", "--shmem-id", number], check=False)


def test_no_mount_gets_out(who: User) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    who.bridgekit(
        "sandbox", "--", "sh", "-c", "mount -t tmpfs tmpfs /mnt && mount --make-rshared / && mount -t tmpfs x /"
    )
    assert Path("/proc/self/mountinfo").read_text() == before


def test_descriptors_end_at_the_border(who: User) -> None:
    line = f"exec 5</run 7</ 23</etc/passwd; exec {who.python} -m bridgekit sandbox -- ls /proc/self/fd"
    assert who.run("bash", "-c", line).split() == ["0", "1", "2", "3"], "the last is by which ls reads the folder"


def test_signals_are_as_they_usually_are(who: User) -> None:
    said = who.bridgekit("sandbox", "--", "grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status")
    masks = {name: int(mask, 16) for name, mask in (line.split(":") for line in said.splitlines())}
    ours = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1
    assert (masks["SigIgn"] & ours, masks["SigBlk"]) == (0, 0)


def test_what_nobody_reads_ends(who: User) -> None:
    line = f"timeout 20 {who.python} -m bridgekit sandbox -- sh -c yes | head -1; echo ${{PIPESTATUS[0]}}"
    assert who.run("bash", "-c", line) == f"y\n{128 + signal.SIGPIPE}\n"


# What can be done all the same


def test_sudo_needs_no_leave(who: User) -> None:
    assert (
        who.bridgekit("sandbox", "--", "bash", "-c", "sudo id -u; sudo -E -- id -u; sudo A=b env | grep ^A=")
        == "0\n0\nA=b\n"
    )
    assert "root is root here" in who.bridgekit("sandbox", "--", "sudo", "-u", "nobody", "id", code=1)


def test_the_devices_are_those_of_its_own_network(who: User) -> None:
    said = who.bridgekit(
        "sandbox", "--", "sh", "-c", "cd /sys/class/net; echo *; ip netns exec outside ls /sys/class/net"
    )
    assert said.split() == ["em1", "lo", "eth0", "lo"]


def test_a_throw_away_host_in_one(who: User) -> None:
    inner = "ip netns exec outside ping -c 1 -q 203.0.113.1 >/dev/null && sysctl -w net.ipv4.ip_forward=1"
    said = who.bridgekit("sandbox", "--", "sh", "-c", f"bridgekit sandbox -- sh -c '{inner}'")
    assert said == "net.ipv4.ip_forward = 1\n"
