"""What refuses a throw-away host with a real engine, before anything is tried."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridgekit import environment, sandbox
from bridgekit.errors import HostError, InputError

STATIC, DYNAMIC = b"\x7fELF static", b"\x7fELF\0/lib64/ld-linux-x86-64.so.2\0"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root's host with all that an engine needs, and the folder of its programs."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(environment, "_SBIN", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("docker", "dockerd", "containerd", "busybox"):
        (tmp_path / name).write_bytes(STATIC)
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.usefixtures("host")
def test_the_engine_is_roots_own() -> None:
    words = sandbox.command(["true"], ["web"], engine=True)
    assert "--user" not in words
    assert words[-1] == "true"
    assert "BRIDGEKIT_GUESTS=docker:web" in words
    assert words != sandbox.command(["true"], ["web"], engine=True), "each engine has a control group of its own"


@pytest.mark.usefixtures("host")
def test_an_engine_needs_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HostError) as caught:
        sandbox.command(["true"], engine=True)
    assert caught.value.exit_code == 3
    assert "root" in caught.value.message
    assert "sudo" in caught.value.hint
    assert "--no-sandbox" in caught.value.hint


@pytest.mark.parametrize(
    ("missing", "package"),
    [
        ("dockerd", "docker.io"),
        ("docker", "docker.io"),
        ("containerd", "containerd"),
        ("busybox", "busybox-static"),
    ],
)
def test_an_engine_needs_programs(host: Path, missing: str, package: str) -> None:
    (host / missing).unlink()
    with pytest.raises(HostError) as caught:
        sandbox.command(["true"], engine=True)
    assert caught.value.message.endswith(f" {missing}")
    assert caught.value.hint == f"apt-get install {package}"


def test_an_engines_containers_have_no_libraries(host: Path) -> None:
    (host / "busybox").write_bytes(DYNAMIC)
    with pytest.raises(HostError) as caught:
        sandbox.command(["true"], engine=True)
    assert "static" in caught.value.message
    assert caught.value.hint == "apt-get install busybox-static"


@pytest.mark.usefixtures("host")
def test_a_guest_that_cannot_be_there() -> None:
    with pytest.raises(InputError):
        sandbox.command(["true"], ["pid:1"], engine=True)
