"""An ordinary user: what runs without root's rights, and all that it could leave behind."""

from __future__ import annotations

import os
import re
import shutil
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
    """A user, with copies of bridgekit and of what it needs, compiled as they are, where everybody can read them."""
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
    shutil.copytree(Path(bridgekit.__file__).parent, folder / "bridgekit")
    shutil.copytree(explain.TEMPLATES, folder / "bridgekit" / "templates", dirs_exist_ok=True)
    for package in _needed("sh", "typer", "jinja2", "pydantic", "ruamel.yaml"):
        for file in package.files or ():
            source = Path(str(package.locate_file(file)))
            if ".." not in file.parts and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
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
