"""The pure-plan law: a plan is made from its parameters alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from tests.kernel.world import ROOT

# Whatever asks the machine raises.
_DEAF = """
import builtins, io, os, socket, subprocess, sys
sys.platform = {platform!r}
def refuse(*args, **named): raise AssertionError(("the machine was asked", args))
os.system = os.popen = os.fork = os.posix_spawn = os.execvp = os.uname = refuse
subprocess.Popen = subprocess.run = socket.socket = refuse
opened = io.open
def only_own(file, *args, **named):
    if str(file).startswith(("/proc", "/sys", "/run", "/var/run", "/etc/hostname")): refuse(file)
    return opened(file, *args, **named)
io.open = builtins.open = only_own
from bridgekit import lessons, recipes, render
plans = [recipes.bridge("br666", address="10.0.0.1/24"), lessons.docker_by_hand()]
subnets = "10.0.0.0/24", "fd00:10::/64"
plans += [recipes.outbound(subnet, uplink=uplink) for subnet in subnets for uplink in (None, "em1")]
plans += [
    recipes.attach(guest, address, gateway=gateway, handle=handle, mac="02:42:0a:00:00:02", mtu=1400)
    for guest in ("web", "podman:web", "pid:42", "netns:red")
    for address, gateway in (("10.0.0.2/24", "10.0.0.1"), ("fd00:10::2/64", "fd00:10::1"))
    for handle in ("bind", "symlink")
]
for plan in plans:
    for style in render.STYLES:
        for dialect in ("document", "modern"):
            for lang in ("en", "zh"):
                print(render.text(plan, style, dialect, lang))
    print(render.to_json(plan))
"""


def rendered(seed: str, platform: str, uid: int | None = None) -> bytes:
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [sys.executable, "-B", "-c", _DEAF.format(platform=platform)],
            env={"PATH": "", "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "HOME": empty},
            cwd="/",
            user=uid,
            capture_output=True,
        )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_the_same_bytes_on_any_machine() -> None:
    first = rendered("0", "linux")
    assert first.count(b"#!/usr/bin/env bash") > 100
    assert rendered("1", "darwin") == first
    assert rendered("4242", "win32") == first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_same_bytes_as_another_user() -> None:
    try:
        subprocess.run([sys.executable, "-c", ""], user=65534, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this interpreter is not for other users")
    assert rendered("7", "linux", 65534) == rendered("0", "linux")
