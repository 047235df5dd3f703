"""Run a test's body inside a throw-away host: a fresh one of its own, or one that others left as they found it."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[2]
Test = TypeVar("Test", bound=Callable[..., None])
_SERVER = [sys.executable, "-m", "tests.kernel.world"]
_hosts: dict[tuple[tuple[str, ...], tuple[str, ...]], subprocess.Popen[str]] = {}


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
            words = [test.__module__, test.__name__, json.dumps(parameters)]
            if again(**parameters):
                _asked((guests, ids), words, seconds)
                return
            writable = [str(Path(parameters["to"]).parent)] if "to" in parameters else []
            done = subprocess.run(
                sandbox.command([*_SERVER, *words], guests, ids, writable=writable),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
            )
            assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"

        return pytest.mark.kernel(outside)  # type: ignore[return-value]  # same signature, by functools.wraps

    return decorate


def _asked(key: tuple[tuple[str, ...], tuple[str, ...]], words: list[str], seconds: int) -> None:
    """Have a host that serves several tests do one; after one that failed nobody gets it again."""
    host = _hosts.pop(key, None) or subprocess.Popen(
        sandbox.command(_SERVER, *key), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert host.stdin is not None
    assert host.stdout is not None
    host.stdin.write(f"{json.dumps(words)}\n")
    host.stdin.flush()
    answers, _, _ = select.select([host.stdout], [], [], seconds)
    answer = json.loads(host.stdout.readline() or '"the host ended"') if answers else f"not done in {seconds} s"
    if answer:
        host.kill()
        host.communicate()
    else:
        _hosts[key] = host
    assert not answer, f"\n{answer}"


def end() -> None:
    """End the hosts that served several tests."""
    while _hosts:
        _hosts.popitem()[1].communicate()  # closes its input, which is the sign to end


def shell(script: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run bash lines in this host."""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done


def _main(module: str, name: str, parameters: str) -> None:
    test = getattr(importlib.import_module(module), name)
    getattr(test, "__wrapped__", test)(**json.loads(parameters))


def _serve() -> None:
    """Do the tests that are asked for, each in a process of its own; answer with the words of one that fails."""
    for line in sys.stdin:
        words = json.loads(line)
        importlib.import_module(words[0])
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if not child:
                _do(words, said.fileno())
            _, status = os.waitpid(child, 0)
            said.seek(0)
            print(json.dumps(said.read() or f"status {status}" if status else ""), flush=True)
        shutil.rmtree("/run/trial", ignore_errors=True)


def _do(words: list[str], said: int) -> None:
    """One test; this process ends with it."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    code = 1
    with contextlib.suppress(BaseException):
        try:
            _main(*words)
            code = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _main(*sys.argv[1:]) if sys.argv[1:] else _serve()
