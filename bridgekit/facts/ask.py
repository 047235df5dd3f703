"""One short question to a program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

from bridgekit import environment
from bridgekit.facts import podman

_SECONDS = 10


def ask(*argv: str, given: str = "") -> str | None:
    """What a program prints; None if it is absent, refuses or does not answer in time, or is a podman not used yet.

    given: what it reads.
    """
    done = _run(argv, _SECONDS, subprocess.DEVNULL, given)
    return done.stdout if done is not None and done.returncode == 0 else None


def reply(*argv: str, seconds: float = _SECONDS, given: str = "") -> tuple[int, str] | None:
    """A program's exit code and its words on both streams; None if it is absent or not done in time, as for `ask`.

    given: what it reads.
    """
    done = _run(argv, seconds, subprocess.STDOUT, given)
    return None if done is None else (done.returncode, done.stdout)


def present(program: str) -> bool:
    """Whether a program can be asked."""
    return environment.find(program) is not None


def _run(argv: Sequence[str], seconds: float, errors: int, given: str = "") -> subprocess.CompletedProcess[str] | None:
    if podman.would_begin(*argv):
        return None  # a question changes nothing
    # Its words must not be translated, and need not be UTF-8.
    reads: dict[str, Any] = {"input": given} if given else {"stdin": subprocess.DEVNULL}
    try:
        return subprocess.run(
            argv,
            **reads,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            env=environment.clean() | {"LC_ALL": "C"},
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def objects(*argv: str) -> Iterator[dict[str, Any]] | None:
    """The objects of the JSON list that a program prints; None if it has no answer."""
    answer = ask(*argv)
    try:
        # A link's name may have control characters, which `ip -j` prints as they are.
        found = None if answer is None else json.loads(answer or "[]", strict=False)
    except ValueError:
        return None
    # It prints an empty object for what a filter of its own left out.
    return None if found is None else (item for item in found if item)
