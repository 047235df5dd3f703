"""Run a test's body inside a throw-away host: a fresh one of its own, or one that others left as they found it.

One server a worker has all imported that tests need; each test is a fork of it that goes into the host's namespaces.
"""

from __future__ import annotations

import functools
import importlib
import json
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[2]
Test = TypeVar("Test", bound=Callable[..., None])
_servers: list[subprocess.Popen[str]] = []


def in_throwaway_host(
    *guests: str, ids: tuple[str, ...] = (), seconds: int = 300, again: Callable[..., bool] = lambda **_: False
) -> Callable[[Test], Test]:
    """Mark a test to run in a throw-away host with these guests; its parameters must be plain data.

    again: whether a test with these parameters asserts that it leaves the host as it was: then it may have one that
    others had before it.  The folder of a file that a parameter `to` names is the machine's own in there.
    """

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def outside(**parameters: Any) -> None:
            writable = [str(Path(parameters["to"]).parent)] if "to" in parameters else []
            host = sandbox.command(["sh", "-c", "env -0; echo .; read -r _"], guests, ids, writable=writable)
            _asked([host, [test.__module__, test.__name__, json.dumps(parameters)], again(**parameters)], seconds)

        return pytest.mark.kernel(outside)  # type: ignore[return-value]  # same signature, by functools.wraps

    return decorate


def _asked(question: object, seconds: int) -> None:
    """Have the server do a test."""
    if not _servers:
        _servers.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.kernel.serving"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # who interrupts the tests closes its input
            )
        )
    (server,) = _servers
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{json.dumps(question)}\n")
    server.stdin.flush()
    answers, _, _ = select.select([server.stdout], [], [], seconds)
    answer = json.loads(server.stdout.readline() or '"the server ended"') if answers else f"not done in {seconds} s"
    if not answers or server.poll() is not None:
        server.kill()  # its hosts end with it
        end()
    assert not answer, f"\n{answer}"


def end() -> None:
    """End the server, and the hosts that served several tests."""
    while _servers:
        _servers.pop().communicate()  # closes its input, which is the sign to end


def shell(script: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run bash lines in this host."""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done


def do(module: str, name: str, parameters: str) -> None:
    """A test's body, here."""
    test = getattr(importlib.import_module(module), name)
    getattr(test, "__wrapped__", test)(**json.loads(parameters))


if __name__ == "__main__":
    do(*sys.argv[1:])
