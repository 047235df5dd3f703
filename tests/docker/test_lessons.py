"""The lessons that need an engine, unattended, against a real one."""

from __future__ import annotations

from itertools import cycle

import pytest

from bridgekit.facts import changes
from bridgekit.lessons import LESSONS
from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import DIALECTS, bridgekit

pytestmark = pytest.mark.engine

WALKS = [name for name in LESSONS if LESSONS[name].engine]
FILES = "cat /etc/docker/daemon.json /etc/default/docker 2>&1 || :"


def test_there_are_some() -> None:
    assert {"docker0", "veth-peers", "net-modes", "own-bridge"} <= {*WALKS}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", WALKS)
def test_every_probe_is_as_expected(engine: Engine, name: str, dialect: str) -> None:
    words = f"learn {name} --yes --no-sandbox --dialect {dialect}"
    before, files = state(engine), engine.print(FILES)
    heard = bridgekit(engine, words).splitlines()
    assert {line.split()[0] for line in heard} <= {"ok", "same"}, heard
    if dialect == DIALECTS[WALKS.index(name) % 2]:  # what asks whether it is so is one text in both
        made = state(engine)
        again = bridgekit(engine, words).splitlines()
        assert len(again) == len(heard)
        assert not changes(made.splitlines(), state(engine).splitlines())
    bridgekit(engine, f"undo {name}")
    assert not changes(before.splitlines(), state(engine).splitlines())
    assert engine.print("docker ps -aq") == ""
    assert engine.print(FILES) == files


@pytest.mark.parametrize(("name", "lang"), list(zip(WALKS, cycle(["en", "zh"]))))
def test_a_learner_walks_it(engine: Engine, name: str, lang: str) -> None:
    """One step at a time; in the end all is kept, as with --yes."""
    said = bridgekit(engine, f"learn {name} --yes --step --no-sandbox --lang {lang}")
    assert "FAILED" not in said
    numbers = [line.split()[0] for line in said.splitlines() if line[:1].isdigit()]
    assert numbers[-1].split("/")[0] == numbers[-1].split("/")[1], said
    bridgekit(engine, f"undo {name}")


def test_docker0_shows_what_the_documents_show(engine: Engine) -> None:
    said = bridgekit(engine, "learn docker0 --yes --step --no-sandbox")
    for fact in (
        "address=172.17.0.2",
        "other=172.17.0.3",
        "gateway=172.17.0.1",
        "mac=02:42:ac:11:00:02",
        '"MacAddress": "02:42:ac:11:00:03"',
        "1 packets transmitted",
        "Operation not permitted",
    ):
        assert fact in said, fact
    veth = next(line.partition("veth=")[2] for line in said.splitlines() if "veth=" in line)
    assert f"+ host link {veth} veth up mtu 1500 master docker0" in said


def test_without_an_engine_a_lesson_says_so(engine: Engine) -> None:
    engine.sh("service docker stop")
    for name in WALKS:
        assert "needs a Docker engine" in bridgekit(engine, f"learn {name} --yes --no-sandbox", 3)
    engine.sh("service docker start")


def test_by_default_it_has_a_throw_away_host_with_an_engine_of_its_own(engine: Engine) -> None:
    engine.sh("service docker stop")
    before = engine.print("ip -br link")
    try:
        heard = bridgekit(engine, "learn veth-peers --yes").splitlines()
        assert {line.split()[0] for line in heard} == {"ok"}
        assert engine.print("ip -br link") == before
    finally:
        engine.sh("service docker start")
