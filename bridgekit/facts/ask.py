"""One short question to a program."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

from bridgekit.errors import HostError

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


def objects(*argv: str) -> Iterator[dict[str, Any]]:
    """The objects of the JSON list that a program prints; none if it has no answer."""
    # `ip -j` prints an empty object for what a filter of its own left out.
    return (item for item in json.loads(ask(*argv) or "[]") if item)


def require_ip() -> None:
    """Raises HostError if there is no `ip`."""
    if ask("ip", "-V") is None:
        raise HostError("the program `ip` is missing", "apt-get install iproute2")
