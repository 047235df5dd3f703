"""The networks that are built beside a real Docker engine, by recipe, by script and by lesson."""

from __future__ import annotations

import itertools
import shlex
from pathlib import Path

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import (
    ATTACH_DB,
    ATTACH_WEB,
    DB,
    DIALECTS,
    GATEWAY,
    LESSON_GUEST,
    OUTBOUND,
    OUTSIDE,
    WEB,
    bridgekit,
    is_subsequence,
    pid_of,
    ping,
    runs,
    start,
    wait_until,
)

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("dialect", DIALECTS)
def test_guests_reach_each_other_and_the_outside(engine: Engine, dialect: str) -> None:
    start(engine, "web", "db")
    before = state(engine)
    bridgekit(engine, f"{ATTACH_WEB} --dialect {dialect} --yes")
    bridgekit(engine, f"{ATTACH_DB} --dialect {dialect} --yes")
    ping(engine, "web", OUTSIDE, works=False)
    bridgekit(engine, f"{OUTBOUND} --dialect {dialect} --yes")
    for name, other in (("web", DB), ("db", WEB)):
        for address in (GATEWAY, other, OUTSIDE):
            ping(engine, name, address)
    assert is_subsequence(_rules(before), _rules(state(engine)))
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def _rules(seen: str) -> list[str]:
    """What iptables-save said in a state, without the snapshot before it."""
    lines = seen.splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith("*")) :]


def test_both_dialects_end_in_the_same_network(engine: Engine) -> None:
    seen = []
    for dialect in DIALECTS:
        start(engine, "web")
        for words in (ATTACH_WEB, OUTBOUND):
            bridgekit(engine, f"{words} --dialect {dialect} --yes")
        seen.append(state(engine))
        bridgekit(engine, "undo --all")
        engine.sh("docker rm -f web")
    assert seen[0] == seen[1]


def test_undo_in_each_order(engine: Engine, tmp_path: Path) -> None:
    start(engine, "web", "db")
    before = state(engine)
    files = [str(tmp_path / name) for name in ("web.sh", "db.sh", "outbound.sh")]
    for file, words in zip(files, (ATTACH_WEB, ATTACH_DB, OUTBOUND), strict=True):
        bridgekit(engine, f"{words} -o {file}")
    for order in itertools.permutations(range(3)):
        engine.sh(f"for file in {' '.join(files)}; do bash $file || exit; done")
        names = runs(engine)
        bridgekit(engine, f"undo {' '.join(names[number] for number in order)}")
        assert state(engine) == before, [names[number] for number in order]


def test_twice_is_once(engine: Engine) -> None:
    start(engine, "web")
    before = state(engine)
    for words in (ATTACH_WEB, OUTBOUND):
        bridgekit(engine, f"{words} --yes")
    once = state(engine)
    for words in (ATTACH_WEB, OUTBOUND):
        said = bridgekit(engine, f"{words} --yes")
        # Only what asks, and so changes nothing, is done again.
        done = [line for line in said.splitlines() if line.startswith("ok") and "process id" not in line]
        assert all("uplink" in line for line in done), said
    assert state(engine) == once
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def test_the_engines_own_network_is_left_alone(engine: Engine) -> None:
    serve = shlex.quote("echo hello >/tmp/index.html; exec httpd -f -h /tmp")
    engine.sh(f"docker run -d -p 8080:80 --name bystander bb sh -c {serve}")
    get = shlex.quote("exec 3<>/dev/tcp/203.0.113.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3")
    ask = f"nsenter --net=/run/netns/outside timeout 2 bash -c {get} | grep hello"
    wait_until(engine, ask)
    start(engine, "web")
    before = state(engine)
    assert "--dport 80" in before
    for words in (ATTACH_WEB, OUTBOUND):
        bridgekit(engine, f"{words} --yes")
    assert engine.print(ask) == "hello\n"
    ping(engine, "web", OUTSIDE)
    ping(engine, "bystander", OUTSIDE)
    assert is_subsequence(_rules(before), _rules(state(engine)))
    bridgekit(engine, "undo --all")
    assert engine.print(ask) == "hello\n"
    assert state(engine) == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ipv6(engine: Engine, dialect: str) -> None:
    start(engine, "web")
    key = "net/ipv6/conf/all/disable_ipv6"
    assert engine.print(f"nsenter --net=/proc/{pid_of(engine, 'web')}/ns/net sysctl -n {key}") == "1\n"
    before = state(engine)
    bridgekit(engine, f"attach web fd00:10::2/64 --gateway fd00:10::1 --dialect {dialect} --yes")
    ping(engine, "web", "fd00:10::1")
    assert engine.sh("ping -c 1 -w 2 fd00:10::2").returncode == 0
    bridgekit(engine, "undo --all")
    assert state(engine) == before
    assert engine.print(f"nsenter --net=/proc/{pid_of(engine, 'web')}/ns/net sysctl -n {key}") == "1\n"


def test_a_second_interface_beside_the_engines(engine: Engine) -> None:
    start(engine, "web", options="")
    before = state(engine)
    inside = engine.print("docker exec web ip addr")
    bridgekit(engine, f"attach web {WEB}/24 --interface eth1 --yes")
    assert engine.sh(f"ping -c 1 -w 1 {WEB}", code=None).returncode != 0, "the host has no address on the bridge"
    ping(engine, "web", OUTSIDE)
    ping(engine, "web", WEB)
    bridgekit(engine, "undo --all")
    assert state(engine) == before
    assert engine.print("docker exec web ip addr") == inside


def test_the_network_inside_is_restored(engine: Engine) -> None:
    start(engine, "web")
    look = "docker exec web ip addr; docker exec web ip route"
    before = engine.print(look)
    bridgekit(engine, f"{ATTACH_WEB} --yes")
    assert "eth0" in engine.print(look)
    bridgekit(engine, "undo --all")
    assert engine.print(look) == before


# The script without bridgekit


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_script_alone(engine: Engine, dialect: str, tmp_path: Path) -> None:
    plans = {"attach.sh": ATTACH_WEB, "outbound.sh": OUTBOUND}
    for file, words in plans.items():
        bridgekit(engine, f"{words} --dialect {dialect} -o {tmp_path / file}")
    start(engine, "web")
    before = state(engine)
    for words in plans.values():
        bridgekit(engine, f"{words} --dialect {dialect} --yes")
    wanted = state(engine)
    bridgekit(engine, "undo --all")

    def alone(file: str, mode: str, code: int = 0) -> str:
        bare = "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DOCKER_HOST=$DOCKER_HOST"
        engine.sh(f"cd {tmp_path}; {bare} python3 -c 'import bridgekit'", code=1)
        return engine.sh(f"cd {tmp_path}; {bare} bash {file} {mode} 2>&1", code=code).stdout

    for file in plans:
        alone(file, "check", code=1)
        alone(file, "")
        alone(file, "check")
    for address in (GATEWAY, OUTSIDE):
        ping(engine, "web", address)
    assert state(engine) == wanted
    for file in plans:
        alone(file, "down")
    assert state(engine) == before


def test_a_script_for_another_container(engine: Engine, tmp_path: Path) -> None:
    script = tmp_path / "attach.sh"
    bridgekit(engine, f"{ATTACH_WEB} -o {script}")
    start(engine, "other")
    before = state(engine)
    engine.sh(f"GUEST=other bash {script}")
    ping(engine, "other", GATEWAY)
    engine.sh(f"bash {script} down")
    assert state(engine) == before


# The lesson


def _verdicts(said: str) -> list[str]:
    """The first word of each numbered line of a run."""
    lines = [line.split() for line in said.splitlines()]
    return [words[0] for words in lines if len(words) > 1 and "/" in words[1]]


def test_the_lesson_modern(engine: Engine) -> None:
    before = state(engine)
    said = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes")
    verdicts = _verdicts(said)
    assert len(verdicts) == int(said.splitlines()[-1].split()[1].split("/")[1]), said
    assert set(verdicts) <= {"ok", "same"}, said
    assert engine.print("docker ps --format '{{.Names}} {{.Image}}'") == f"{LESSON_GUEST} ubuntu:14.04\n"
    for address in (GATEWAY, OUTSIDE):
        ping(engine, LESSON_GUEST, address)
    again = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes")
    assert set(_verdicts(again)) <= {"ok", "same", "past"}, again
    bridgekit(engine, "undo --all")
    assert engine.print("docker ps -aq") == ""
    assert state(engine) == before


def test_the_lesson_as_the_document_types_it(engine: Engine) -> None:
    guest = engine.print("docker run -d -t -i --net=none bb bash").strip()[:12]
    before = state(engine)
    bridgekit(engine, "learn docker-by-hand --dialect document -o /run/lesson.sh")
    said = engine.print(f"GUEST={guest} bash /run/lesson.sh")
    verdicts = _verdicts(said)
    assert verdicts[0] == "same", said
    assert set(verdicts) <= {"ok", "same"}, said
    bridgekit(engine, "undo --all")
    assert engine.print("docker ps -q").split() == [guest], "the container was there before, so it stays"
    assert state(engine) == before


def test_the_lesson_as_the_document_types_it_without_a_container(engine: Engine) -> None:
    before = state(engine)
    said = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes --dialect document", code=1)
    assert "GUEST=ID bash FILE" in said, "the hint says how to go on"
    assert engine.print("docker ps -aq") == ""
    assert state(engine) == before


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_lesson_taught_step_by_step(engine: Engine, lang: str) -> None:
    before = state(engine)
    said = bridgekit(engine, f"learn docker-by-hand --no-sandbox --step --yes --lang {lang}")
    assert "Traceback" not in said
    bridgekit(engine, "undo --all")
    assert state(engine) == before
