"""Recipe own-bridge against a real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bridgekit.facts import changes
from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.docker.hands import DIALECTS, bridgekit, ping, start

pytestmark = pytest.mark.engine

OWN = "own-bridge bridge0 192.168.5.1/24 --yes"
DAEMON, DEFAULTS = "/etc/docker/daemon.json", "/etc/default/docker"
ODD = '{ "debug":false,\n\t"log-opts": {"max-size":"1m"}}'  # no newline at its end
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture(autouse=True)
def _files(engine: Engine) -> Iterator[None]:
    """The engine runs with its files as they were, and a docker0 that it makes of them."""
    kept = engine.print(f"cat {DEFAULTS}")
    yield
    engine.sh("[ ! -e /run/bridgekit ] || python -m bridgekit undo --all")
    files = f'rm -f {DAEMON}; printf "%s\\n" "$KEPT" >{DEFAULTS}'
    engine.sh(
        f"service docker stop; ip link del docker0; {files}; service docker start", variables={"KEPT": kept.strip()}
    )


def write(engine: Engine, text: str) -> None:
    """Give the engine a daemon.json, and let it read it."""
    engine.sh(f'printf %s "$TEXT" >{DAEMON}; chmod 640 {DAEMON}; service docker restart', variables={"TEXT": text})


def everything(engine: Engine) -> str:
    """The host, and the engine's files with their modes."""
    files = f"stat -c '%n %a' /etc/docker/* {DEFAULTS}; cat {DAEMON} {DEFAULTS} 2>&1 || :"
    return state(engine) + engine.print(f"{files}; service docker status")


def same(before: str, after: str) -> None:
    """Assert that nothing changed; say what did."""
    assert not changes(before.splitlines(), after.splitlines())


def route_of(engine: Engine, name: str) -> list[str]:
    """A container's routes."""
    return engine.print(f"docker exec {name} ip route").splitlines()


@every_dialect
def test_a_new_container_is_on_the_bridge_and_undo_brings_docker0_back(engine: Engine, dialect: str) -> None:
    write(engine, ODD)
    before = everything(engine)
    bridgekit(engine, f"{OWN} --dialect {dialect}")
    start(engine, "web", options="")
    default, subnet = route_of(engine, "web")
    assert default.split()[:3] == ["default", "via", "192.168.5.1"]
    assert "192.168.5.0/24" in subnet
    assert "master bridge0" in engine.print("ip -o link show type veth | grep bridge0")
    for address in ("192.168.5.1", "203.0.113.2"):
        ping(engine, "web", address)
    engine.sh("ip link show dev docker0", code=1)
    config = json.loads(engine.print(f"cat {DAEMON}"))
    assert config == json.loads(ODD) | ({"bridge": "bridge0"} if dialect == "modern" else {})
    assert engine.print(f"tail -n 1 {DEFAULTS}").startswith("DOCKER_OPTS") == (dialect == "document")
    up, answer = everything(engine), engine.print("docker inspect -f '{{.State.StartedAt}}' web")
    again = bridgekit(engine, f"{OWN} --dialect {dialect}")
    assert {line.split()[0] for line in again.splitlines()} == {"same"}, again
    assert (everything(engine), engine.print("docker inspect -f '{{.State.StartedAt}}' web")) == (up, answer)
    engine.sh("docker rm -f web")
    bridgekit(engine, "undo own-bridge-bridge0")
    same(before, everything(engine))
    start(engine, "web", options="")
    assert route_of(engine, "web")[0].split()[2] == "172.17.0.1"


@every_dialect
def test_both_end_in_the_same_network_with_no_file_before(engine: Engine, dialect: str) -> None:
    before = everything(engine)
    assert "No such file" in before
    bridgekit(engine, f"{OWN} --dialect {dialect}")
    found = engine.print("python -c 'from bridgekit import facts; print(*facts.snapshot(), sep=\"\\n\")'")
    bridgekit(engine, "undo --all")
    same(before, everything(engine))
    NETWORKS.setdefault("first", found)
    assert found == NETWORKS["first"]


NETWORKS: dict[str, str] = {}


@every_dialect
def test_an_engine_that_does_not_start_is_rolled_back(engine: Engine, dialect: str) -> None:
    """`bridge` and `bip` exclude each other, and the recipe only sees to that where it writes itself."""
    if dialect == "modern":
        engine.sh(f"echo 'DOCKER_OPTS=\"--bip=172.17.0.1/16\"' >>{DEFAULTS}; service docker restart")
    else:
        write(engine, '{"bip": "172.17.0.1/16"}')
    before = everything(engine)
    said = bridgekit(engine, f"{OWN} --dialect {dialect}", 1)
    assert "FAILED 10/12" in said, said
    assert "rolled back" in said, said
    assert "could not" not in said, said
    same(before, everything(engine))


@every_dialect
def test_an_engine_that_does_not_read_the_setting_is_rolled_back(engine: Engine, dialect: str) -> None:
    """As where DOCKER_OPTS is not read: the setting is in its file already, and something hides it."""
    engine.sh(f"printf 'DOCKER_OPTS=\"-b=bridge0\"\\nDOCKER_OPTS=\\n' >>{DEFAULTS}")
    before = everything(engine)
    said = bridgekit(engine, f"{OWN} --dialect {dialect}", 1)
    assert "FAILED 11/12" in said, said
    assert "docker0" in said, said
    same(before, everything(engine))


def test_bip_makes_way_and_comes_back(engine: Engine) -> None:
    write(engine, '{"bip": "172.17.0.1/16"}')
    before = everything(engine)
    bridgekit(engine, OWN)
    assert json.loads(engine.print(f"cat {DAEMON}")) == {"bridge": "bridge0"}
    bridgekit(engine, "undo --all")
    same(before, everything(engine))


def test_what_others_wrote_meanwhile_stays(engine: Engine) -> None:
    write(engine, '{"bip": "172.17.0.1/16"}')
    bridgekit(engine, OWN)
    engine.sh(f"""jq '. + {{"debug": false, "bip": "x"}}' {DAEMON} >/run/new; cp /run/new {DAEMON}; rm /run/new""")
    bridgekit(engine, "undo --all")
    assert json.loads(engine.print(f"cat {DAEMON}")) == {"debug": False, "bip": "172.17.0.1/16"}
    bridgekit(engine, f"{OWN} --dialect document --name second", 1)  # bip and -b exclude each other
    engine.sh(f"echo '{{}}' >{DAEMON}; service docker restart")
    bridgekit(engine, f"{OWN} --dialect document")
    engine.sh(f"echo '# mine' >>{DEFAULTS}")
    bridgekit(engine, "undo --all")
    assert engine.print(f"cat {DEFAULTS}").splitlines()[1:] == ["# mine"]


def test_rules_of_others_about_the_bridge_stay(engine: Engine) -> None:
    engine.sh("ip link add bridge0 type bridge; iptables -A FORWARD -i bridge0 -o em1 -j ACCEPT")
    before = everything(engine)
    bridgekit(engine, OWN)
    bridgekit(engine, "undo --all")
    same(before, everything(engine))
    engine.sh("iptables -D FORWARD -i bridge0 -o em1 -j ACCEPT; ip link del bridge0")


def test_running_containers_are_stopped_and_can_be_started_again(engine: Engine) -> None:
    start(engine, "old", options="")
    bridgekit(engine, OWN)
    assert engine.print("docker inspect -f '{{.State.Running}}' old") == "false\n"
    engine.sh("docker start old")
    assert route_of(engine, "old")[0].split()[2] == "192.168.5.1"
    bridgekit(engine, "undo --all")
    engine.sh("docker start old")
    assert route_of(engine, "old")[0].split()[2] == "172.17.0.1"


REFUSED = {
    "an engine that is stopped": ("service docker stop", "does not run", "service docker start"),
    "a route in the way": ("ip route add 192.168.5.128/25 dev em1", "overlaps", "ip route del 192.168.5.128/25"),
    "a route around it": ("ip route add 192.168.0.0/16 dev em1", "overlaps", "ip route del 192.168.0.0/16"),
    "another address on the bridge": (
        "ip link add bridge0 type bridge; ip addr add 10.9.9.1/24 dev bridge0",
        "another IPv4 address",
        "ip link del bridge0",
    ),
    "no bridge": (
        "ip link add bridge0 type dummy || ip link add bridge0 type veth",
        "not a bridge",
        "ip link del bridge0",
    ),
    "live-restore": (f"echo '{{\"live-restore\": true}}' >{DAEMON}; service docker restart", "live-restore", ":"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_before_the_engine_is_stopped(engine: Engine, reason: str) -> None:
    preparation, word, tidy = REFUSED[reason]
    engine.sh(preparation)
    before = engine.print("cat /proc/net/route; service docker status || :")
    assert word in bridgekit(engine, OWN, 3)
    assert engine.print("cat /proc/net/route; service docker status || :") == before
    engine.sh(tidy)
