"""What the tests of a real engine do and ask again and again."""

from __future__ import annotations

import json
import time

from tests.docker.engine import Engine

OUTSIDE, GATEWAY, WEB, DB = "203.0.113.2", "10.0.0.1", "10.0.0.2", "10.0.0.3"
ATTACH_WEB, ATTACH_DB = f"attach web {WEB}/24 --gateway {GATEWAY}", f"attach db {DB}/24 --gateway {GATEWAY}"
OUTBOUND = "outbound 10.0.0.0/24"
DIALECTS = ("document", "modern")
LESSON_GUEST = "6414d7278905"


def start(engine: Engine, *names: str, options: str = "--net=none") -> None:
    """Start containers that wait."""
    for name in names:
        engine.sh(f"docker run -d {options} --name {name} bb sleep 1000")


def bridgekit(engine: Engine, words: str, code: int = 0, **variables: str) -> str:
    """Run bridgekit where the engine is; what it says, on both streams."""
    return engine.sh(f"python -m bridgekit {words} 2>&1", code, variables).stdout


def ping(engine: Engine, name: str, address: str, works: bool = True) -> None:
    """Ask for one answer, from inside a container."""
    seconds = 2 if works else 1
    done = engine.sh(f"docker exec {name} ping -c 1 -w {seconds} -W {seconds} {address}", code=None)
    assert (done.returncode == 0) == works, f"{name} to {address}\n{done.stdout}\n{done.stderr}"


def wait_until(engine: Engine, script: str, seconds: float = 10) -> None:
    """Wait until bash lines succeed."""
    deadline = time.monotonic() + seconds
    while engine.sh(script, code=None).returncode != 0:
        assert time.monotonic() < deadline, f"not within {seconds} s: {script}"
        time.sleep(0.02)


def runs(engine: Engine) -> list[str]:
    """The names of the runs in force."""
    return [run["name"] for run in json.loads(engine.print("python -m bridgekit runs --json"))]


def pid_of(engine: Engine, name: str) -> str:
    """The id of a container's first process, as the engine's host sees it."""
    return engine.print(f"docker inspect -f '{{{{.State.Pid}}}}' {name}").strip()


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    """Whether all of `part` is in `whole`, in its order."""
    rest = iter(whole)
    return all(line in rest for line in part)
