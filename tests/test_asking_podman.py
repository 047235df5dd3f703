"""A podman that was not used since this host began is not asked: a question would make its files and mounts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridgekit.facts import podman
from bridgekit.facts.ask import ask, reply
from bridgekit.facts.containers import answers

USER = 1000


class Engine:
    """Programs that say how they were asked, first in PATH; where podman leaves its mark."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place, self.said = folder, folder / "libpod", folder / "said"
        for name in ("podman", "docker"):
            self.make(name)

    def make(self, name: str, last: str = "") -> None:
        (self.folder / name).write_text(f'#!/bin/sh\necho "$*" >>{self.said}\nexit\n{last}\n')
        (self.folder / name).chmod(0o755)

    def asked(self, *words: str) -> bool:
        """Whether these words reach a program; None is the answer where they do not."""
        self.said.unlink(missing_ok=True)
        answer = ask(*words)
        assert (answer is not None) == self.said.exists()
        return self.said.exists()

    def use(self, place: Path | None = None) -> None:
        place = place or self.place
        place.mkdir(parents=True, exist_ok=True)
        (place / "alive").touch()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    for name in ("CONTAINERS_CONF", "CONTAINER_HOST", "CONTAINER_CONNECTION", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(podman, "_ROOTS", tmp_path / "libpod")
    monkeypatch.setattr(podman, "_CONFIGURATION", tmp_path / "etc/containers.conf")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Engine(tmp_path)


def test_only_once_it_was_used(engine: Engine) -> None:
    assert not engine.asked("podman", "ps", "-q")
    assert reply("podman", "ps", "-q") is None
    assert not answers("podman")
    assert engine.asked("podman", "--version"), "root's makes nothing then"
    engine.use()
    assert engine.asked("podman", "ps", "-q")
    assert answers("podman")


def test_an_ordinary_users(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own folder, where the system gave it one; a version makes folders, too."""
    monkeypatch.setattr(os, "geteuid", lambda: USER)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(engine.folder / "run"))
    engine.use()  # root's
    assert not engine.asked("podman", "ps", "-q")
    assert not engine.asked("podman", "--version")
    engine.use(engine.folder / "run/libpod/tmp")
    assert engine.asked("podman", "--version")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    folders = [str(each) for each in podman._folders()]
    assert folders[:2] == [f"/run/user/{USER}/libpod/tmp", f"/tmp/podman-run-{USER}/libpod/tmp"]


@pytest.mark.parametrize(
    ("make", "is_podman"),
    [
        (lambda engine: engine.make("docker", 'exec /usr/bin/podman "$@"'), True),
        (lambda engine: ((engine.folder / "docker").unlink(), (engine.folder / "docker").symlink_to("podman")), True),
        (lambda engine: engine.make("docker", 'exec docker "$@"  # no podman'), False),
    ],
    ids=["a script that starts it", "a link to it", "Docker's own"],
)
def test_docker_may_be_podman(engine: Engine, make: Callable[[Engine], object], is_podman: bool) -> None:
    make(engine)
    assert engine.asked("docker", "ps", "-q") is not is_podman
    engine.use()
    assert engine.asked("docker", "ps", "-q")


def test_a_service_is_asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTAINER_HOST", "unix:///run/podman/podman.sock")
    assert engine.asked("podman", "ps", "-q")


@pytest.mark.parametrize("file", ["etc/containers.conf", "etc/containers.conf.d/own.conf", "given", "home"])
def test_its_folder_is_another(engine: Engine, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its configuration tells; of an ordinary user his own, and one that a variable names is the only one."""
    engine.use()
    path = engine.folder / (".config/containers/containers.conf" if file == "home" else file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[engine]\n#tmp_dir = "{engine.place}"\ntmp_dir = "{engine.folder}/other"\n')
    if file == "given":
        monkeypatch.setenv("CONTAINERS_CONF", str(path))
    if file == "home":
        assert engine.asked("podman", "ps", "-q"), "root reads none in his home"
        monkeypatch.setattr(os, "geteuid", lambda: USER)
    assert not engine.asked("podman", "ps", "-q")
    engine.use(engine.folder / "other")
    assert engine.asked("podman", "ps", "-q")
    monkeypatch.setenv("CONTAINERS_CONF", str(engine.folder / "no-such"))
    assert engine.asked("podman", "ps", "-q") is (file != "home"), "then it is the usual one"


def test_where_nobody_may_look(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no traceback, and nothing is asked."""

    def refuse(path: object, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", refuse)
        assert podman.would_begin("podman", "ps", "-q")
    assert not engine.asked("podman", "ps", "-q")
