"""One short question to a program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

_SECONDS = 10


def ask(*argv: str) -> str | None:
    """What a program prints; None if it is absent, refuses or does not answer in time."""
    done = _run(argv, _SECONDS, subprocess.DEVNULL)
    return done.stdout if done is not None and done.returncode == 0 else None


def reply(*argv: str, seconds: float = _SECONDS) -> tuple[int, str] | None:
    """A program's exit code and its words on both streams; None if it is absent or not done in time."""
    done = _run(argv, seconds, subprocess.STDOUT)
    return None if done is None else (done.returncode, done.stdout)


def present(program: str) -> bool:
    """Whether a program can be asked."""
    return shutil.which(program, path=_path()) is not None


def _run(argv: Sequence[str], seconds: float, errors: int) -> subprocess.CompletedProcess[str] | None:
    # Its words must not be translated, and need not be UTF-8.
    environment = os.environ | {"LC_ALL": "C", "PATH": _path()}
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            env=environment,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _path() -> str:
    # The programs are in sbin, which a user's PATH may lack.
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def objects(*argv: str) -> Iterator[dict[str, Any]] | None:
    """The objects of the JSON list that a program prints; None if it has no answer."""
    answer = ask(*argv)
    # `ip -j` prints an empty object for what a filter of its own left out.
    return None if answer is None else (item for item in json.loads(answer or "[]") if item)
