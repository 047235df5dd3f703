"""The playground with real containers, started with --net=none, in the place of some of its namespaces."""

from __future__ import annotations

import re

import pytest

from bridgekit.translation import TEMPLATES
from tests.docker.engine import Engine

pytestmark = pytest.mark.engine

CONTAINERS = ("h1", "h4", "modemA", "backbone", "www")
HOPS = ["192.168.1.1", "10.25.1.1", "10.1.1.1", "10.130.1.1", "10.130.1.4"]


def test_the_playground_of_containers_is_as_it_must_be_observed(engine: Engine) -> None:
    """Sequence 003.playground; the host's own filter drops what it forwards, as an engine has it."""
    text = (TEMPLATES / "labs/playground.yaml").read_text("utf-8")
    for name in CONTAINERS:
        text = text.replace(f"    {name}:\n", f"    {name}:\n      image: bb\n      command: [sleep, infinity]\n", 1)
    engine.sh(f"cat >/run/playground.yaml <<'END'\n{text}END\n")
    engine.sh("python -m bridgekit lab up /run/playground.yaml --yes")
    assert engine.print("docker ps -q | wc -l").strip() == str(len(CONTAINERS))
    modes = engine.print("docker ps -q | xargs docker inspect -f '{{.HostConfig.NetworkMode}}'")
    assert set(modes.split()) == {"none"}
    checked = engine.print("python -m bridgekit lab check")
    assert "FAILED" not in checked
    assert checked.count("\n") == 13
    way = engine.print("docker exec playground-h1 traceroute -n -q 1 www.example.com")
    assert re.findall(r"^ *\d+  ([\d.]+) ", way, re.M) == HOPS
    page = engine.print("docker exec playground-h4 wget -q -O - http://www/")
    assert page == "www.example.com: you come from 10.25.1.66\n"
    engine.sh("docker restart -t 0 playground-h1; docker kill playground-h4")
    assert "the container playground-h1 has ended" in engine.sh("python -m bridgekit lab check", code=1).stdout
    done = engine.print("python -m bridgekit lab up /run/playground.yaml --yes").splitlines()
    made = {line.partition(" ")[2].partition(" ")[2] for line in done if line.startswith("ok ")}
    assert {f"Start container playground-{name} without a network." for name in ("h1", "h4")} <= made
    assert "Start container playground-www without a network." not in made
    assert "FAILED" not in engine.print("python -m bridgekit lab check")
    engine.sh("docker rm -f playground-www; docker run -d --net=none --name playground-www bb sleep 99")
    assert "playground-www" in engine.sh("python -m bridgekit lab up /run/playground.yaml --yes", code=3).stderr
    engine.sh("python -m bridgekit lab down; rm /run/playground.yaml")
    assert engine.print("docker ps --format '{{.Names}}'").split() == ["playground-www"], "which is another's"
