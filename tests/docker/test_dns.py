"""The files that a real engine keeps for a container, and what the container then finds."""

from __future__ import annotations

import pytest

from tests.docker.engine import Engine
from tests.docker.hands import DIALECTS, bridgekit, start

pytestmark = pytest.mark.engine

FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname")
RESOLVER = "203.0.113.2"
OPTIONS = f"--hostname app --dns {RESOLVER} --search example.test --host db:10.9.9.9 --host six:fd00::3"


def files(engine: Engine) -> dict[str, str]:
    """The three files as the container sees them, and its host name."""
    return {path: engine.print(f"docker exec web cat {path}") for path in FILES} | {
        "name": engine.print("docker exec web hostname")
    }


def finds(engine: Engine, name: str) -> bool:
    """Whether a program in the container gets an address for a name: ping says which, before it sends anything."""
    said = engine.sh(f"docker exec web timeout 3 ping -c 1 -W 1 {name}", code=None).stdout
    return said.startswith(f"PING {name} (")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_container_finds_the_new_names(engine: Engine, dialect: str) -> None:
    start(engine, "web", options=f"--dns {RESOLVER}1 --dns-option timeout:1 --dns-option attempts:1")
    before = files(engine)
    names = ("db", "app", "www.example.test", "www")
    assert [name for name in names if finds(engine, name)] == []
    bridgekit(engine, f"dns web {OPTIONS} --dialect {dialect} --yes")
    assert [name for name in names if finds(engine, name)] == [*names]
    assert RESOLVER in engine.print("docker exec web nslookup www.example.test").partition("www.example.test")[2]
    after = files(engine)
    address = engine.print("docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' web").strip()
    assert after["/etc/hosts"] == f"10.9.9.9\tdb\nfd00::3\tsix\n{address}\tapp\n" + before["/etc/hosts"]
    assert after["/etc/hostname"] == after["name"] == "app\n"
    again = bridgekit(engine, f"dns web {OPTIONS} --dialect {dialect} --yes")
    assert files(engine) == after, again
    bridgekit(engine, "undo --all")
    assert files(engine) == before
    assert [name for name in names if finds(engine, name)] == []


def test_without_a_network_there_is_no_line_of_its_own(engine: Engine) -> None:
    start(engine, "web")
    before = files(engine)
    bridgekit(engine, "dns web --hostname app --yes")
    assert files(engine) == before | {"/etc/hostname": "app\n", "name": "app\n"}
    bridgekit(engine, "undo --all")
    assert files(engine) == before


def test_the_hosts_own_name_is_never_set(engine: Engine) -> None:
    start(engine, "web", options="--net=host --uts=host")
    said = bridgekit(engine, "dns web --hostname app --yes", code=3)
    assert "the guest shares the host's name" in said
    bridgekit(engine, "dns web --host db:10.9.9.9 --yes")
    assert "10.9.9.9\tdb\n" in files(engine)["/etc/hosts"]


def test_a_restart_makes_the_engine_write_them_anew(engine: Engine) -> None:
    """What the README says is not done; undo then finds nothing that it would have to take back."""
    start(engine, "web", options="")
    before = files(engine)
    bridgekit(engine, f"dns web {OPTIONS} --yes")
    engine.sh("docker restart -t 0 web")
    restarted = files(engine)
    assert "\tdb\n" not in restarted["/etc/hosts"]
    assert restarted["name"] == before["name"]
    bridgekit(engine, "undo --all")
    assert files(engine)["/etc/hosts"] == restarted["/etc/hosts"]
