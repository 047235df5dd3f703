"""One short question to a program."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

_SECONDS = 10


def ask(*argv: str) -> str | None:
    """What a program prints; None if it is absent, refuses or does not answer in time."""
    # The programs are in sbin, which a user's PATH may lack; their words must not be translated.
    environment = os.environ | {"LC_ALL": "C", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def objects(*argv: str) -> Iterator[dict[str, Any]] | None:
    """The objects of the JSON list that a program prints; None if it has no answer."""
    answer = ask(*argv)
    # `ip -j` prints an empty object for what a filter of its own left out.
    return None if answer is None else (item for item in json.loads(answer or "[]") if item)
