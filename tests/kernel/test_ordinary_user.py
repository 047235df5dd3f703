"""An ordinary user, without any right on this machine, has a throw-away host and no other."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

import bridgekit
from bridgekit import explain, sandbox
from bridgekit.errors import HostError

NOBODY = 65534
MARK = "BRIDGEKIT_TEST_USER"
DIALECTS = ("document", "modern")
SECONDS_TO_GO = 10


@dataclass(frozen=True)
class User:
    """An ordinary user who can read `folder`, where bridgekit and what it needs are."""

    folder: Path
    python: str
    uid: int

    @property
    def temporary(self) -> Path:
        """This user's own folder for temporary files; other tests, at the same time, may run as the same user."""
        return self.folder / "tmp"

    def command(self, *argv: str) -> list[str]:
        """The command that runs another as this user."""
        # `env`, because what setpriv itself starts is still looked up with root's rights.
        nobody = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "env"]
        return [*(nobody if os.geteuid() == 0 else []), *argv]

    def environment(self) -> dict[str, str]:
        """A user's environment, without sbin in its PATH; nothing of the tests' own."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.folder),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            MARK: str(self.folder),
        }

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Start a command as this user."""
        return subprocess.Popen(
            self.command(*argv),
            env=self.environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def bridgekit(self, *words: str, code: int = 0) -> str:
        """What `bridgekit` says to this user, on both streams."""
        return self.run(self.python, "-m", "bridgekit", *words, code=code)

    def run(self, *argv: str, code: int = 0) -> str:
        """What a command says to this user, on both streams."""
        process = self.start(*argv)
        try:
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == code, f"exit code {process.returncode}, not {code}\n{said}"
        assert "Traceback" not in said, said
        return said

    def traces(self) -> dict[str, list[str]]:
        """What this user could leave behind."""
        return {
            "processes": sorted(self._processes()),
            "links": sorted(path.name for path in Path("/sys/class/net").iterdir()),
            "namespaces": sorted(path.name for path in _entries("/run/netns")),
            "mounts": sorted(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()),
            "files": sorted(path.name for path in self.temporary.iterdir()),
            "state": sorted(path.name for path in _entries("/run/bridgekit")),
        }

    def _processes(self) -> Iterator[str]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"{MARK}={self.folder}\0" in (process / "environ").read_text("utf-8", "replace"):
                    yield (process / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
            except OSError:
                continue  # it is gone, or another user's

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Whether a condition comes true in time."""
        deadline = time.monotonic() + SECONDS_TO_GO
        while not (met := condition()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return met


def _entries(folder: str) -> list[Path]:
    try:
        return list(Path(folder).iterdir())
    except OSError:
        return []


@pytest.fixture(scope="module")
def readable() -> Iterator[User]:
    """A user, with copies of bridgekit and of what it needs where everybody can read them."""
    for path, forbids, _ in sandbox._KNOBS:
        if Path(path).exists() and Path(path).read_text().strip() == forbids:
            pytest.skip(f"this host forbids user namespaces to ordinary users: {path} is {forbids}")
    folder = Path(tempfile.mkdtemp(prefix="bridgekit-user-", dir="/tmp"))
    try:
        _copy(folder)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o777)
        uid = NOBODY if os.geteuid() == 0 else os.geteuid()
        yield User(folder, _python(User(folder, "", uid)), uid)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def user(readable: User) -> Iterator[User]:
    """A user of whom nothing is left behind."""
    before = readable.traces()
    yield readable
    readable.wait_until(lambda: readable.traces() == before)
    assert readable.traces() == before


def _copy(folder: Path) -> None:
    shutil.copytree(Path(bridgekit.__file__).parent, folder / "bridgekit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(explain.TEMPLATES, folder / "bridgekit" / "templates", dirs_exist_ok=True)
    for package in _needed("sh", "typer", "jinja2"):
        for file in package.files or ():
            source = Path(str(package.locate_file(file)))
            if ".." not in file.parts and "__pycache__" not in file.parts and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _needed(*names: str) -> list[metadata.Distribution]:
    """Packages, with all that they need, as far as it is installed."""
    found: dict[str, metadata.Distribution] = {}
    wanted = list(names)
    while wanted:
        name = re.split(r"[^A-Za-z0-9._-]", wanted.pop(), maxsplit=1)[0]
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # it is for another system or Python
        if package.name not in found:
            found[package.name] = package
            wanted += [need for need in package.requires or () if "extra ==" not in need]
    return list(found.values())


def _python(user: User) -> str:
    """An interpreter of this version that the user can start: not every one lies where everybody may look."""
    ask = "import sys; print(*sys.version_info[:2])"
    for python in (os.path.realpath(sys.executable), "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info[1]}"):
        try:
            done = subprocess.run(user.command(python, "-I", "-c", ask), capture_output=True, text=True, cwd="/")
        except OSError:
            continue
        if done.stdout.split() == [str(number) for number in sys.version_info[:2]]:
            return python
    raise AssertionError(f"no Python {sys.version_info[0]}.{sys.version_info[1]} that an ordinary user can start")


# What this user can do


@pytest.mark.kernel
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_lesson(user: User, dialect: str) -> None:
    said = user.bridgekit("learn", "docker-by-hand", "--yes", "--dialect", dialect)
    lines = [line.split() for line in said.splitlines()]
    total = len(lines)
    assert [words[1] for words in lines] == [f"{number}/{total}" for number in range(1, total + 1)], said
    assert {words[0] for words in lines} <= {"ok", "same"}, said
    assert total > 30


@pytest.mark.kernel
def test_the_lesson_step_by_step(user: User) -> None:
    said = user.bridgekit("learn", "docker-by-hand", "--yes", "--step")
    assert "FAILED" not in said, said


@pytest.mark.kernel
def test_a_command_in_a_throw_away_host(user: User) -> None:
    assert user.bridgekit("sandbox", "--", "id", "-u") == "0\n"
    assert user.bridgekit("sandbox", "--", "ip", "-br", "link", "show", "em1").startswith("em1")
    user.bridgekit("sandbox", "--", "ping", "-c", "1", "-w", "2", "203.0.113.2")
    user.bridgekit("sandbox", "--", "bash", "-c", "exit 7", code=7)


@pytest.mark.kernel
@pytest.mark.parametrize("guest", ["web", "podman:web"])
def test_a_guest_of_a_throw_away_host(user: User, guest: str) -> None:
    engine = "podman" if guest.startswith("podman") else "docker"
    words = f"""
    bridgekit attach {guest} 10.0.0.2/24 --gateway 10.0.0.1 --yes && bridgekit outbound 10.0.0.0/24 --yes &&
    {engine} exec web ping -c 1 -w 2 203.0.113.2 && bridgekit undo --all && bridgekit runs
    """
    said = user.bridgekit("sandbox", "--guest", guest, "--", "bash", "-c", words)
    assert "1 received" in said, said


@pytest.mark.kernel
def test_a_recipe_in_a_throw_away_host(user: User) -> None:
    said = user.bridgekit("attach", "web", "10.0.0.2/24", "--yes", "--sandbox")
    assert said.startswith("ok 1/"), said


@pytest.mark.kernel
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_throw_away_host_that_is_killed(user: User, number: signal.Signals) -> None:
    process = user.start(user.python, "-m", "bridgekit", "sandbox", "--", "sleep", "1000")
    try:
        assert user.wait_until(lambda: any(line.startswith("sleep 1000") for line in user.traces()["processes"]))
        if number is signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, number)  # as a terminal does
        process.communicate(timeout=SECONDS_TO_GO)
    finally:
        process.kill()


# What this user cannot do


@pytest.mark.kernel
@pytest.mark.parametrize("words", ["attach web 10.0.0.2/24", "bridge br0", "outbound 10.0.0.0/24"])
def test_this_host_is_not_the_users(user: User, words: str) -> None:
    said = user.bridgekit(*words.split(), "--yes", code=3)
    assert said.startswith("bridgekit: "), said
    assert "sudo" in said
    assert "--sandbox" in said


@pytest.mark.kernel
def test_the_script_alone(user: User) -> None:
    script = user.bridgekit("bridge", "br0", "--dry-run")
    said = user.run("bash", "-c", script, code=3)
    assert "sudo" in said


def _forbid(monkeypatch: pytest.MonkeyPatch, folder: Path, uid: int, forbidden: str) -> None:
    """A host where one knob forbids user namespaces to its ordinary users."""
    knobs = []
    for path, forbids, allows in sandbox._KNOBS:
        knob = folder / Path(path).name
        knob.write_text(f"{forbids if path == forbidden else allows}\n")
        knobs.append((str(knob), forbids, allows))
    monkeypatch.setattr(sandbox, "_KNOBS", tuple(knobs))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(sandbox, "ask", lambda *_: None if forbidden else "")


_PATHS = [path for path, _, _ in sandbox._KNOBS]


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: Path(path).name)
def test_the_knob_that_forbids_it_is_named(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, 1000, path)
    with pytest.raises(HostError) as caught:
        sandbox.command(["true"])
    assert caught.value.exit_code == 3
    assert Path(path).name in caught.value.message
    assert "sudo" in caught.value.hint
    assert Path(path).name in caught.value.hint


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: Path(path).name)
def test_root_can_do_without_user_namespaces(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, 0, path)
    assert "--user" not in sandbox.command(["true"])


@pytest.mark.parametrize("uid", [0, 1000])
def test_user_namespaces_where_no_knob_forbids_them(uid: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, uid, "")
    assert "--user" in sandbox.command(["true"])


def test_a_host_without_any_knob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_KNOBS", ((str(tmp_path / "absent"), "0", "1"),))
    assert "--user" in sandbox.command(["true"])
