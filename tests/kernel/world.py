"""Run a test's body inside a fresh throw-away host of its own."""

from __future__ import annotations

import functools
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[2]
Test = TypeVar("Test", bound=Callable[..., None])


def in_throwaway_host(*guests: str, ids: tuple[str, ...] = (), seconds: int = 300) -> Callable[[Test], Test]:
    """Mark a test to run in a throw-away host with these guests; its parameters must be plain data.

    The folder of a file that a parameter `to` names is the machine's own in there.
    """

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def outside(**parameters: Any) -> None:
            writable = [str(Path(parameters["to"]).parent)] if "to" in parameters else []
            words = [sys.executable, "-m", "tests.kernel.world", test.__module__, test.__name__, json.dumps(parameters)]
            done = subprocess.run(
                sandbox.command(words, guests, ids, writable=writable),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
            )
            assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"

        return pytest.mark.kernel(outside)  # type: ignore[return-value]  # same signature, by functools.wraps

    return decorate


def shell(script: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run bash lines in this host."""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done


def _main() -> None:
    module, name, parameters = sys.argv[1:]
    test = getattr(importlib.import_module(module), name)
    getattr(test, "__wrapped__", test)(**json.loads(parameters))


if __name__ == "__main__":
    _main()
