"""`wire`, `publish` and `link` beside a running engine: on its own docker0, and among rules of the user's own."""

from __future__ import annotations

import pytest

from bridgekit.facts import changes
from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import bridgekit, ping, start

pytestmark = pytest.mark.engine

# Rules of the host's owner, before and behind the engine's; one of them in the chain that is for such rules.
OWN = """
iptables -I FORWARD -s 10.1.0.0/16 -j DROP; iptables -A FORWARD -s 10.2.0.0/16 -j DROP
iptables -I DOCKER-USER -s 10.3.0.0/16 -j DROP
iptables -t nat -I POSTROUTING -s 10.1.0.0/16 -j MASQUERADE; iptables -t nat -A POSTROUTING -s 10.2.0.0/16 -j MASQUERADE
"""
NOT_OWN = OWN.replace(" -I ", " -D ").replace(" -A ", " -D ")
FETCH = "timeout 2 wget -q -O - http://{}/"


@pytest.mark.parametrize("dialect", ["document", "modern"])
def test_on_the_engines_own_bridge(engine: Engine, dialect: str) -> None:
    """Its containers keep their addresses and ports; ours gets the highest, and its rules go as they came.

    The engine knows nothing of ours, and gives the lowest that it takes for free to its own next container.
    """
    start(engine, "theirs", options="-p 8080:80")
    start(engine, "ours")
    try:
        engine.sh(OWN)
        engine.sh("docker exec ours sh -c 'mkdir /tmp/www; echo hello >/tmp/www/index.html; httpd -p 80 -h /tmp/www'")
        before = state(engine)
        said = bridgekit(engine, f"wire ours -p 8081:80 --link theirs --yes --dialect {dialect}")
        assert "Find the highest address that nobody on docker0 has: an engine gives the lowest to its own." in said
        assert "inet 172.17.255.254/16" in engine.print("docker exec ours ip addr show eth0")
        engine.sh("docker run -d --name next bb sleep 1000")
        assert "inet 172.17.0.3/16" in engine.print("docker exec next ip addr show eth0")
        engine.sh("docker rm -f next")
        bridgekit(engine, "undo wire-ours-bridge")
        bridgekit(engine, f"wire ours --ip 172.17.9.9 -p 8081:80 --link theirs --yes --dialect {dialect}")
        assert engine.print("docker exec ours tail -2 /etc/hosts").split()[1] == "theirs"
        for address in ("127.0.0.1:8081", "203.0.113.1:8081", "172.17.9.9:80"):
            assert engine.print(FETCH.format(address)) == "hello\n"
        assert engine.print("ip netns exec outside " + FETCH.format("203.0.113.1:8081")) == "hello\n"
        engine.sh("docker run -d --name later -p 8082:80 bb sleep 1000")  # the engine goes on with its own
        assert "inet 172.17.0.3/16" in engine.print("docker exec later ip addr show eth0")
        engine.sh("docker rm -f later")
        bridgekit(engine, "undo wire-ours-bridge")
        assert changes(before.splitlines(), state(engine).splitlines()) == []
        assert before == state(engine)  # in their order, too
        assert engine.print("pgrep -c docker-proxy") == "2\n"  # the engine's own for 8080
    finally:
        engine.sh(NOT_OWN, code=None)


def test_what_the_engine_has_published_is_refused(engine: Engine) -> None:
    start(engine, "theirs", options="-p 8080:80")
    start(engine, "ours")
    before = state(engine)
    assert "port 8080/tcp of the host is already allocated" in bridgekit(engine, "wire ours -p 8080:80 --yes", 3)
    assert "no free address" in bridgekit(engine, "wire ours --ip 172.17.0.2 --yes", 3)
    assert before == state(engine)


@pytest.mark.parametrize(
    ("recipe", "run"),
    [("publish ours 8081:80", "publish-ours-8081-80"), ("link ours theirs --port 80", "link-ours-theirs-80")],
)
def test_on_a_bridge_of_ours_beside_the_engine(engine: Engine, recipe: str, run: str) -> None:
    start(engine, "theirs", "ours")
    try:
        engine.sh(OWN)
        for name, address in (("ours", "10.0.0.2/24"), ("theirs", "10.0.0.3/24")):
            bridgekit(engine, f"attach {name} {address} --gateway 10.0.0.1 --yes")
        before = state(engine)
        bridgekit(engine, f"{recipe} --yes")
        assert before != state(engine)
        bridgekit(engine, f"undo {run}")
        assert before == state(engine)
        bridgekit(engine, "undo --all")
    finally:
        engine.sh(NOT_OWN, code=None)


def test_the_ports_that_an_image_declares(engine: Engine) -> None:
    """What the other offers, and what -P publishes, the engine knows."""
    start(engine, "offers", options="--net=none --expose 80 --expose 53/udp")
    assert "--link offers:offers:53/udp,80/tcp" in bridgekit(engine, "wire asks --link offers -n")
    assert "--publish-all --expose 53/udp --expose 80/tcp" in bridgekit(engine, "wire offers -P -n")


def test_a_network_that_the_engine_made(engine: Engine) -> None:
    """How it is made the engine tells, and our command then says."""
    apart = "-o com.docker.network.bridge.enable_icc=false"
    engine.sh(f"docker network create --subnet 10.9.0.0/24 --gateway 10.9.0.254 {apart} blue")
    try:
        start(engine, "theirs", options="--net=blue")
        start(engine, "ours")
        engine.sh("docker exec ours sh -c 'mkdir /tmp/www; echo hello >/tmp/www/index.html; httpd -p 80 -h /tmp/www'")
        bridge = f"br-{engine.print('docker network inspect -f {{.Id}} blue')[:12]}"
        before = state(engine)
        bridgekit(engine, "wire ours --network blue -p 8081:80 --yes")
        made = f"network blue --icc false --subnet 10.9.0.0/24 --gateway 10.9.0.254 --bridge-name {bridge}"
        assert f"--network blue --highest --publish 8081:80 --made-by '{made}'" in bridgekit(engine, "runs")
        assert "inet 10.9.0.253/24" in engine.print("docker exec ours ip addr show eth0")
        assert engine.print("ip netns exec outside " + FETCH.format("203.0.113.1:8081")) == "hello\n"
        ping(engine, "ours", "10.9.0.1", works=False)  # as the network keeps its own apart
        bridgekit(engine, "undo wire-ours-blue")
        assert before == state(engine)
    finally:
        engine.sh("docker rm -f theirs >/dev/null; docker network rm blue")
