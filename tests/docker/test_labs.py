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
    engine.sh("python -m bridgekit lab down; rm /run/playground.yaml")
