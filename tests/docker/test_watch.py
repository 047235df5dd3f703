"""`watch` beside a real engine: what its containers had before they restarted, they have again."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import GATEWAY, bridgekit, ping, runs, start, wait_until

pytestmark = pytest.mark.engine

SAID = "/run/host/watch.said"
MILLISECONDS = 2000  # from a container's start to its network
Lines = list[dict[str, Any]]


def said(engine: Engine) -> Lines:
    """What it has said so far, but for a line that is still being written."""
    return [json.loads(line) for line in engine.print(f"cat {SAID}").split("\n")[:-1]]


def wait_for(engine: Engine, holds: Callable[[Lines], bool], seconds: float = 20) -> Lines:
    """What it has said once that holds."""
    deadline = time.monotonic() + seconds
    while not holds(found := said(engine)):
        assert time.monotonic() < deadline, f"not within {seconds} s\n" + "\n".join(map(str, found))
        time.sleep(0.05)
    return found


def begin(engine: Engine, words: str = "") -> str:
    """Start it; its process id.  It follows the engine by now, and has dealt with the containers that were there."""
    script = f"setsid python -m bridgekit watch --json {words} </dev/null >{SAID} 2>&1 & echo $!"
    pid = engine.print(script).strip()
    wait_for(engine, lambda lines: any(each["outcome"] == "answers" and each["engine"] == "docker" for each in lines))
    return pid


def end(engine: Engine, pid: str, signal: str = "TERM") -> None:
    """End it by a signal."""
    engine.sh(f"kill -s {signal} {pid}", code=None)
    wait_until(engine, f"! kill -0 {pid} 2>/dev/null")


@contextmanager
def watching(engine: Engine, words: str = "") -> Iterator[None]:
    """It runs while in here."""
    pid = begin(engine, words)
    try:
        yield
    finally:
        end(engine, pid)


def of_runs(lines: Lines, *outcomes: str) -> list[str]:
    """The runs of which it said so, one for each time."""
    return [each["run"] for each in lines if each["run"] and each["outcome"] in (outcomes or (each["outcome"],))]


def refusals(lines: Lines) -> list[str]:
    """Why it refused."""
    return [each["message"] for each in lines if each["outcome"] == "refused"]


def attached(engine: Engine, count: int) -> list[str]:
    """Containers c1 ... that are attached, and stay; their runs."""
    names = [f"c{number}" for number in range(1, count + 1)]
    start(engine, *names)
    for number, name in enumerate(names, 2):
        bridgekit(engine, f"attach {name} 10.0.0.{number}/24 --gateway 10.0.0.1 --stay --yes")
    return [f"attach-{name}-eth0" for name in names]


# Restart each in its turn; how long after its start it has its address, by a clock of the test's own.
_LOOP = r"""
set -eu
for ((i = 1; i <= $count; i++)); do
  docker restart -t 0 "c$i" >/dev/null
  read -r pid at < <(docker inspect -f '{{.State.Pid}} {{.State.StartedAt}}' "c$i")
  at=$(date -d "$at" +%s%N)
  until nsenter --net="/proc/$pid/ns/net" ip -o addr show dev eth0 2>/dev/null | grep -q "inet 10.0.0.$((i + 1))/24"; do
    [ $((($(date +%s%N) - at) / 1000000)) -lt 10000 ] || { echo "c$i: not within 10 s"; exit 1; }
    sleep 0.01
  done
  echo $((($(date +%s%N) - at) / 1000000))
done
"""


@pytest.mark.parametrize("count", [int(os.environ.get("BRIDGEKIT_WATCH", "5"))])  # 20 take more than a minute
def test_restarted_in_a_loop(engine: Engine, count: int) -> None:
    """Each attached again in time, none twice, none missed."""
    names = attached(engine, count)
    whole = state(engine)
    with watching(engine):
        wait_for(engine, lambda lines: len(of_runs(lines, "same")) == count)
        waited = engine.sh(_LOOP, variables={"count": str(count)}).stdout.split()
        lines = wait_for(engine, lambda lines: len(of_runs(lines, "applied")) >= count)
        told = [each["ms"] for each in lines if each["outcome"] == "applied"]
        assert len(waited) == count
        assert max(map(int, waited)) <= MILLISECONDS, (waited, told)
        # The same without waiting for it.
        engine.sh("for ((i = 1; i <= count; i++)); do docker restart -t 0 c$i; done", variables={"count": str(count)})
        lines = wait_for(engine, lambda lines: len(of_runs(lines, "applied")) >= 2 * count)
    assert Counter(of_runs(said(engine), "applied")) == dict.fromkeys(names, 2)
    assert set(of_runs(said(engine))) == set(names)
    assert not [each for each in lines if each["outcome"] in ("failed", "refused", "gone")], lines
    ping(engine, "c1", GATEWAY)
    assert state(engine) == whole
    assert sorted(runs(engine)) == sorted(names)


def test_fault_37_what_stood_on_a_run_is_there_again_too(engine: Engine) -> None:
    """A restart took the network away, and nothing brought it back."""
    attached(engine, 1)
    bridgekit(engine, "publish c1 8080:80 --yes")
    whole = state(engine)
    with watching(engine):
        engine.sh("docker restart -t 0 c1")
        lines = wait_for(engine, lambda lines: "publish-c1-8080-80" in of_runs(lines))
    assert of_runs(lines, "applied") == ["attach-c1-eth0", "publish-c1-8080-80"]
    assert "holds" in bridgekit(engine, "check attach-c1-eth0 publish-c1-8080-80")
    assert state(engine) == whole


def test_the_engine_stops_and_starts(engine: Engine) -> None:
    """It waits until the engine answers again, and then does what is missing."""
    names = attached(engine, 2)
    engine.sh("docker update --restart always c1 c2")
    try:
        with watching(engine):
            wait_for(engine, lambda lines: len(of_runs(lines, "same")) == 2)
            engine.sh("service docker stop")
            wait_for(engine, lambda lines: any(each["outcome"] == "gone" for each in lines))
            engine.sh("service docker start")
            lines = wait_for(engine, lambda lines: set(of_runs(lines, "applied")) == set(names))
        assert Counter(of_runs(lines, "applied")) == dict.fromkeys(names, 1)
        ping(engine, "c1", GATEWAY)
    finally:
        engine.sh("docker info >/dev/null 2>&1 || service docker start")


def test_killed_and_started_again(engine: Engine) -> None:
    """At whatever point it is killed, the next one does what is missing."""
    names = attached(engine, 2)
    bridgekit(engine, "publish c1 8080:80 --yes")
    whole = state(engine)
    for moment in (0, 2, 4):
        pid = begin(engine)
        wait_for(engine, lambda lines: set(of_runs(lines)) >= set(names))
        engine.sh(f"docker restart -t 0 c1; sleep 0.{moment}; kill -KILL {pid}")
        pid = begin(engine)
        wait_for(engine, lambda lines: set(of_runs(lines)) >= set(names))
        wait_until(engine, "python -m bridgekit check attach-c1-eth0 publish-c1-8080-80 attach-c2-eth0")
        end(engine, pid, "INT")
        assert state(engine) == whole, moment
    assert engine.print("ps -eo args | grep -c '[d]ocker events' || :").strip() == "0", "it left a program behind"
    engine.sh("[ ! -e /run/bridgekit-watch.lock ]")


_HOSTILE = {
    "bridgekit.attach": "10.0.0.2/24; touch /run/hostile",
    "bridgekit.attach.1": "10.0.0.2/24 --bridge $(touch /run/hostile)",
    "bridgekit.attach.2": "`touch /run/hostile`",
    "bridgekit.attach.3": "10.0.0.2/24 --output /run/hostile",
    "bridgekit.attach.4": "10.0.0.2/24 --name ../../hostile",
    "bridgekit.attach.5": "10.0.0.2/24 'open",
    "bridgekit.attach.6": "10.0.0.2/24\ntouch /run/hostile",
    "bridgekit.link": "c2 --port 80",
    "bridgekit.attach.7": "c2 10.0.0.2/24",
    "bridgekit.install": "",
    "bridgekit.forwarding": "",
    "bridgekit.undo": "--all",
    "bridgekit.": "x",
    "bridgekit.attach.x": "10.0.0.2/24",
    "bridgekit.../../run/hostile": "x",
}


def test_hostile_labels_are_refused_and_harm_nothing(engine: Engine) -> None:
    start(engine, "c2")
    before = state(engine)
    quoted = [f'--label {json.dumps(key)}="$L{number}"' for number, key in enumerate(_HOSTILE)]
    with watching(engine):
        values = {f"L{number}": value for number, value in enumerate(_HOSTILE.values())}
        engine.sh(f"docker run -d --net=none --name c1 {' '.join(quoted)} bb sleep 1000", variables=values)
        lines = wait_for(engine, lambda lines: sum(each["container"] == "c1" for each in lines) >= len(_HOSTILE))
    told = {each["source"]: each for each in lines if each["container"] == "c1"}
    assert set(told) == set(_HOSTILE)
    assert {each["outcome"] for each in told.values()} == {"refused"}
    assert all(each["message"] for each in told.values())
    engine.sh("[ ! -e /run/hostile ]")
    assert runs(engine) == []
    engine.sh("docker rm -f c1")
    assert state(engine) == before


def test_labels_and_a_file(engine: Engine) -> None:
    """What they say is there when a container starts the first time, and after each restart."""
    before = state(engine)
    engine.sh("printf '%s\\n' '# the pair' '' 'bridgekit bridge br7' \"attach c2 '10.0.0.3/24'  # db\" >/run/host/runs")
    labels = "--label 'bridgekit.attach=10.0.0.2/24 --gateway 10.0.0.1' --label bridgekit.publish.2=8080:80"
    with watching(engine, "/run/host/runs"):
        start(engine, "c1", options=f"--net=none {labels}")
        start(engine, "c2")
        wait_for(engine, lambda lines: len(of_runs(lines, "applied")) >= 4)
        ping(engine, "c1", GATEWAY)
        engine.sh("docker restart -t 0 c1")
        lines = wait_for(engine, lambda lines: len(of_runs(lines, "applied")) >= 6)
        ping(engine, "c1", GATEWAY)
    told = Counter((each["run"], each["source"]) for each in lines if each["outcome"] == "applied")
    assert told == {
        ("bridge-br7", "runs:3"): 1,
        ("attach-c2-eth0", "runs:4"): 1,
        ("attach-c1-eth0", "bridgekit.attach"): 2,
        ("publish-c1-8080-80", "bridgekit.publish.2"): 1,
        ("publish-c1-8080-80", "attach-c1-eth0"): 1,
    }
    bridgekit(engine, "undo --all")
    engine.sh("docker rm -f c1 c2; rm /run/host/runs")
    assert state(engine) == before


def test_a_container_that_was_made_anew_with_another_label(engine: Engine) -> None:
    with watching(engine):
        start(engine, "c1", options="--net=none --label bridgekit.attach=10.0.0.2/24")
        wait_for(engine, lambda lines: of_runs(lines, "applied") == ["attach-c1-eth0"])
        engine.sh("docker rm -f c1")
        start(engine, "c1", options="--net=none --label bridgekit.attach=10.0.0.9/24")
        wait_for(engine, lambda lines: of_runs(lines, "applied") == ["attach-c1-eth0"] * 2)
    assert "10.0.0.9/24" in engine.print("docker exec c1 ip addr")


def test_a_run_that_cannot_be_done_again_waits(engine: Engine) -> None:
    """It was taken back, and its container has another network now: it is not forgotten, and comes when it can."""
    attached(engine, 1)
    whole, docker = state(engine), "docker stop -t 0 c1; docker network disconnect {} c1; docker network connect {} c1"
    with watching(engine):
        engine.sh(f"{docker.format('none', 'bridge')}; docker start c1")
        wait_for(engine, lambda lines: "eth0 is in use" in " ".join(refusals(lines)))
    assert "waits to be done again" in bridgekit(engine, "runs")
    with watching(engine):
        wait_for(engine, lambda lines: "attach-c1-eth0" in of_runs(lines, "refused"))
        engine.sh(f"{docker.format('bridge', 'none')}; docker start c1")
        wait_for(engine, lambda lines: "attach-c1-eth0" in of_runs(lines, "applied"))
        assert state(engine) == whole
        engine.sh(f"{docker.format('none', 'bridge')}; docker start c1")
        wait_for(engine, lambda lines: sum("eth0 is in use" in each for each in refusals(lines)) == 2)
        bridgekit(engine, "undo attach-c1-eth0")
        assert runs(engine) == []
        engine.sh("docker restart -t 0 c1")
        wait_for(engine, lambda lines: lines[-1]["outcome"] == "skipped")
    engine.sh("[ ! -e /run/bridgekit-watch.lock ]")
