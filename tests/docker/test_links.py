"""Point-to-point links and a mesh among the containers of a real engine."""

from __future__ import annotations

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import DIALECTS, bridgekit, pid_of, ping, start, wait_until

pytestmark = pytest.mark.engine

SERVE = "echo there >/tmp/index.html; httpd -p {address}:80 -h /tmp"
FETCH = r"""exec 3<>/dev/tcp/{address}/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; tail -n 1 <&3"""


def address_of(engine: Engine, name: str) -> str:
    """The address that the engine gave a container."""
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return engine.print(f"docker inspect -f '{form}' {name}").strip()


def serve(engine: Engine, name: str, address: str) -> None:
    """Serve HTTP at one address of a container."""
    engine.sh(f"docker exec {name} sh -c '{SERVE.format(address=address)}'")
    wait_until(engine, fetch(engine, name, address))


def fetch(engine: Engine, name: str, address: str) -> str:
    """The command that fetches from an address, in the network of a container."""
    return f"nsenter --net=/proc/{pid_of(engine, name)}/ns/net timeout 2 bash -c '{FETCH.format(address=address)}'"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_on_docker0_and_a_link_beside_it_both_paths_work(engine: Engine, dialect: str) -> None:
    start(engine, "web", "db", options="")
    before = state(engine)
    bridgekit(engine, f"p2p web 10.1.1.1 db 10.1.1.2 --dialect {dialect} --yes")
    for address in (address_of(engine, "db"), "10.1.1.2"):
        ping(engine, "web", address)
        serve(engine, "db", address)
        assert engine.print(fetch(engine, "web", address)) == "there\n"
    ping(engine, "db", "10.1.1.1")
    bridgekit(engine, "undo --all")
    assert state(engine) == before
    ping(engine, "web", address_of(engine, "db"))


def test_without_a_network_the_link_is_all_there_is(engine: Engine) -> None:
    start(engine, "web", "db", "other")
    bridgekit(engine, "p2p web 10.1.1.1 db 10.1.1.2 --yes")
    bridgekit(engine, "p2p web 10.1.2.1 host 10.1.2.2 --yes")
    ping(engine, "web", "10.1.1.2")
    ping(engine, "db", "10.1.1.1")
    ping(engine, "web", "10.1.2.2")
    ping(engine, "db", "10.1.2.2", works=False)
    ping(engine, "other", "10.1.1.2", works=False)


def test_a_mesh_of_containers(engine: Engine) -> None:
    start(engine, "web", "db", "other")
    bridgekit(engine, "mesh br9 10.9.0.0/24 web db other --yes")
    for name in ("web", "db", "other"):
        for address in ("10.9.0.1", "10.9.0.2", "10.9.0.3"):
            ping(engine, name, address)


def test_cleanup_after_a_container_is_gone(engine: Engine) -> None:
    start(engine, "web")
    bridgekit(engine, "p2p web 10.1.1.1 host 10.1.1.2 --handle symlink --yes")
    engine.sh("docker rm -f web")
    wait_until(engine, "[ ! -e /run/netns/web ] && [ -L /run/netns/web ]")
    bridgekit(engine, "cleanup --yes")
    engine.sh("[ ! -L /run/netns/web ]")
    bridgekit(engine, "undo cleanup")
    engine.sh("[ -L /run/netns/web ]")
    bridgekit(engine, "undo --all")
