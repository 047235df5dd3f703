"""Which programs this host has, and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from bridgekit.facts.ask import ask, present

_FLAG = {"ip": "-V", "ping": "-V"}
_LONGEST = 60


def versions(programs: Iterable[str]) -> dict[str, str | None]:
    """The first line of what each program says of its version; None: it is missing, empty: it does not say."""
    wanted = list(programs)
    with ThreadPoolExecutor() as pool:
        return dict(zip(wanted, pool.map(_version, wanted), strict=True))


def _version(program: str) -> str | None:
    if not present(program):
        return None
    lines = (ask(program, _FLAG.get(program, "--version")) or "").strip().splitlines()
    if not lines or len(lines[0]) <= _LONGEST:
        return "".join(lines[:1])
    return f"{lines[0][: _LONGEST - 3].rpartition(' ')[0]} ..."
