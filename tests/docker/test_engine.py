"""The recipes and the lesson against a real Docker engine."""

from __future__ import annotations

import itertools
import json
import shlex
import time
from pathlib import Path

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine

pytestmark = pytest.mark.engine

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


# The network that is built


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


# What happens to containers meanwhile


@pytest.mark.parametrize("handle", ["bind", "symlink"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_removed_while_attached(engine: Engine, dialect: str, handle: str) -> None:
    before = state(engine)
    start(engine, "web")
    bridgekit(engine, f"{ATTACH_WEB} --dialect {dialect} --handle {handle} --yes")
    engine.sh("docker rm -f web")
    for name in runs(engine):
        bridgekit(engine, f"undo {name}")
    assert state(engine) == before


@pytest.mark.parametrize("handle", ["bind", "symlink"])
def test_restarted_while_attached(engine: Engine, handle: str) -> None:
    start(engine, "web")
    before = state(engine)
    bridgekit(engine, f"{ATTACH_WEB} --handle {handle} --yes")
    old = pid_of(engine, "web")
    engine.sh("docker restart -t 0 web")
    assert pid_of(engine, "web") != old
    ping(engine, "web", GATEWAY, works=False)
    bridgekit(engine, "undo --all")
    assert state(engine) == before
    bridgekit(engine, f"{ATTACH_WEB} --handle {handle} --yes")
    ping(engine, "web", GATEWAY)
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def test_attached_again_after_a_restart_without_undo(engine: Engine) -> None:
    start(engine, "web")
    before = state(engine)
    bridgekit(engine, f"{ATTACH_WEB} --yes")
    attached = state(engine)
    engine.sh("docker restart -t 0 web")
    said = bridgekit(engine, f"{ATTACH_WEB} --yes", code=3)
    assert "undo" in said, said
    assert "Traceback" not in said
    assert state(engine) == attached
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def test_stopped_while_attached(engine: Engine) -> None:
    start(engine, "web")
    before = state(engine)
    for words in (ATTACH_WEB, OUTBOUND):
        bridgekit(engine, f"{words} --yes")
    engine.sh("docker kill web")
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def test_paused(engine: Engine) -> None:
    start(engine, "web", "db")
    before = state(engine)
    engine.sh("docker pause web")
    for words in (ATTACH_WEB, ATTACH_DB, OUTBOUND):  # br_netfilter: FORWARD, which Docker drops, sees the bridge too
        bridgekit(engine, f"{words} --yes")
    ping(engine, "db", WEB)  # it is the kernel that answers, not the frozen process
    engine.sh("docker unpause web")
    ping(engine, "web", DB)
    engine.sh("docker pause web")
    bridgekit(engine, "undo --all")
    assert state(engine) == before


# What is refused, before anything is touched


def _refused(engine: Engine, words: str, **variables: str) -> str:
    before = state(engine)
    said = bridgekit(engine, f"{words} --yes", code=3, **variables)
    assert "Traceback" not in said, said
    assert said.startswith("bridgekit: ") or "\nFAILED " in said, said  # after the engine's own words
    assert state(engine) == before
    assert runs(engine) == []
    return said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_unknown_container(engine: Engine, dialect: str) -> None:
    assert "nobody" in _refused(engine, f"attach nobody {WEB}/24 --dialect {dialect}")


@pytest.mark.parametrize("options", ["--net=none", ""])
def test_stopped_container(engine: Engine, options: str) -> None:
    start(engine, "web", options=options)
    engine.sh("docker kill web")
    assert "not running" in _refused(engine, ATTACH_WEB)


def test_created_container(engine: Engine) -> None:
    engine.sh("docker create --net=none --name web bb sleep 1000")
    assert "not running" in _refused(engine, ATTACH_WEB)


def test_container_on_the_hosts_network(engine: Engine) -> None:
    start(engine, "web", options="--net=host")
    assert "network" in _refused(engine, ATTACH_WEB)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("words", [ATTACH_WEB, f"attach web {WEB}/24", f"{ATTACH_WEB} --interface eth1"])
def test_container_on_the_default_bridge(engine: Engine, dialect: str, words: str) -> None:
    start(engine, "web", options="")
    ping(engine, "web", OUTSIDE)
    inside = engine.print("docker exec web ip addr; docker exec web ip route")
    _refused(engine, f"{words} --dialect {dialect}")
    assert engine.print("docker exec web ip addr; docker exec web ip route") == inside
    ping(engine, "web", OUTSIDE)


def test_container_in_anothers_network_that_is_attached(engine: Engine) -> None:
    start(engine, "web")
    start(engine, "sidecar", options="--net=container:web")
    before = state(engine)
    bridgekit(engine, f"{ATTACH_WEB} --yes")
    ping(engine, "sidecar", GATEWAY)
    attached = state(engine)
    said = bridgekit(engine, f"attach sidecar {DB}/24 --yes", code=3)
    assert "eth0" in said, said
    assert state(engine) == attached
    bridgekit(engine, "undo --all")
    assert state(engine) == before


def test_no_engine_that_answers(engine: Engine) -> None:
    said = _refused(engine, ATTACH_WEB, DOCKER_HOST="unix:///run/host/engine/nothing")
    assert "/run/host/engine/nothing" in said, "the engine's own words are missing"


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
    said = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes", IMAGE="bb")
    verdicts = _verdicts(said)
    assert len(verdicts) == int(said.splitlines()[-1].split()[1].split("/")[1]), said
    assert set(verdicts) <= {"ok", "same"}, said
    assert engine.print("docker ps --format '{{.Names}} {{.Image}}'") == f"{LESSON_GUEST} bb\n"
    for address in (GATEWAY, OUTSIDE):
        ping(engine, LESSON_GUEST, address)
    again = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes", IMAGE="bb")
    assert set(_verdicts(again)) <= {"ok", "same", "past"}, again
    bridgekit(engine, "undo --all")
    assert engine.print("docker ps -aq") == ""
    assert state(engine) == before


def test_the_lesson_as_the_document_types_it(engine: Engine) -> None:
    guest = engine.print("docker run -d -t -i --net=none bb bash").strip()[:12]
    before = state(engine)
    said = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes --dialect document", GUEST=guest)
    verdicts = _verdicts(said)
    assert verdicts[0] == "same", said
    assert set(verdicts) <= {"ok", "same"}, said
    bridgekit(engine, "undo --all")
    assert engine.print("docker ps -q").split() == [guest], "the container was there before, so it stays"
    assert state(engine) == before


def test_the_lesson_as_the_document_types_it_without_a_container(engine: Engine) -> None:
    before = state(engine)
    said = bridgekit(engine, "learn docker-by-hand --no-sandbox --yes --dialect document", code=1, IMAGE="bb")
    assert "GUEST" in said, "the hint says how to go on"
    assert engine.print("docker ps -aq") == ""
    assert state(engine) == before


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_lesson_taught_step_by_step(engine: Engine, lang: str) -> None:
    before = state(engine)
    said = bridgekit(engine, f"learn docker-by-hand --no-sandbox --step --yes --lang {lang}", IMAGE="bb")
    assert "Traceback" not in said
    bridgekit(engine, "undo --all")
    assert state(engine) == before
