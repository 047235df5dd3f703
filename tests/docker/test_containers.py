"""What happens to a real engine's containers while they are attached, and which are refused."""

from __future__ import annotations

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import (
    ATTACH_DB,
    ATTACH_WEB,
    DB,
    DIALECTS,
    GATEWAY,
    OUTBOUND,
    OUTSIDE,
    WEB,
    bridgekit,
    pid_of,
    ping,
    runs,
    start,
)

pytestmark = pytest.mark.engine


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
