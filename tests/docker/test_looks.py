"""`show peers`, `show networks`, `verify` and `trace` against containers that Docker itself wired."""

from __future__ import annotations

import json
import re

import pytest

from tests.docker.engine import Engine
from tests.docker.hands import bridgekit, start, wait_until
from tests.docker.test_links import address_of

WAYS = ("there", "back")
ACCEPT = "--dport 80 -j ACCEPT"
pytestmark = pytest.mark.engine


def test_peers_of_containers_that_docker_wired(engine: Engine) -> None:
    start(engine, "busybox1", "busybox2", options="")
    start(engine, "alone")
    found = {wire["guest"]: wire for wire in json.loads(bridgekit(engine, "show peers --json"))}
    assert set(found) == {"busybox1", "busybox2", "outside"}
    for name in ("busybox1", "busybox2"):
        wire = found[name]
        inside = engine.print(f"docker exec {name} ip addr show eth0").split()[:2]
        assert inside == [f"{wire['index']}:", f"eth0@if{wire['peer_index']}:"]
        outside = engine.print(f"ip -o link show {wire['peer']}").split()[:2]
        assert outside == [f"{wire['peer_index']}:", f"{wire['peer']}@if{wire['index']}:"]
        assert wire["peer"] in engine.print("brctl show docker0")
        assert wire["bridge"] == "docker0"


def test_networks_as_docker_and_ip_tell_them(engine: Engine) -> None:
    before = bridgekit(engine, "show networks").splitlines()
    assert before[:2] == [
        "networks of Docker",
        "├─ bridge  driver bridge  172.17.0.0/16  gateway 172.17.0.1",
    ]
    # Without IPv6 addresses: the kernel brings the link-local ones, and Docker may set others.
    assert re.match(r"│  └─ bridge docker0  (down|no carrier)  172\.17\.0\.1/16", before[2])
    assert before[3:] == ["├─ host  driver host", "└─ none  driver null", "other bridges", "└─ none"]

    start(engine, "busybox1", "busybox2", options="")
    start(engine, "sidecar", options="--net=container:busybox1")
    start(engine, "alone")
    bridgekit(engine, "attach alone 10.0.0.2/24 --gateway 10.0.0.1 --yes")
    found = json.loads(bridgekit(engine, "show networks --json"))
    network = found["networks"][0]
    assert (network["bridge"]["name"], network["bridge"]["state"]) == ("docker0", "up")
    assert [(each["name"], each["addresses"], each["mac"]) for each in network["members"]] == [
        ("busybox1", ["172.17.0.2/16"], "02:42:ac:11:00:02"),
        ("busybox2", ["172.17.0.3/16"], "02:42:ac:11:00:03"),
    ]
    for member in network["members"]:
        index = engine.print(f"docker exec {member['name']} cat /sys/class/net/eth0/iflink").strip()
        assert engine.print(f"ip -o link show {member['port']}").startswith(f"{index}: ")
    assert [each["name"] for each in found["bridges"]] == ["br666"]
    assert [each["name"] for each in found["networks"][2]["members"]] == ["alone"], "the network none"
    lines = bridgekit(engine, "show networks").splitlines()
    assert "├─ bridge  driver bridge  172.17.0.0/16  gateway 172.17.0.1" in lines
    port = network["members"][0]["port"]
    assert f"│  ├─ busybox1  172.17.0.2/16  MAC 02:42:ac:11:00:02  port {port}" in lines


def test_a_network_of_ones_own(engine: Engine) -> None:
    engine.sh("docker network create --subnet 10.9.0.0/24 --gateway 10.9.0.254 own >/dev/null")
    try:
        start(engine, "both", options="")
        engine.sh("docker network connect own both")
        found = {each["name"]: each for each in json.loads(bridgekit(engine, "show networks --json"))["networks"]}
        own = found["own"]
        assert (own["subnets"], own["gateways"]) == (["10.9.0.0/24"], ["10.9.0.254"])
        assert own["bridge"]["name"].startswith("br-")
        assert own["bridge"]["addresses"] == ["10.9.0.254/24"]
        (one,), (other,) = own["members"], found["bridge"]["members"]
        assert one["addresses"] == ["10.9.0.1/24"]
        assert one["port"] in engine.print(f"brctl show {own['bridge']['name']}")
        assert other["port"] in engine.print("brctl show docker0")
        assert one["port"] != other["port"]
    finally:
        engine.sh("docker rm -f both >/dev/null; docker network rm own")


def test_the_ping_matrix_of_the_default_bridge(engine: Engine) -> None:
    start(engine, "busybox1", "busybox2", options="")
    start(engine, "alone")
    engine.sh("docker exec busybox2 busybox rm /bin/ping")  # it is the host's ping that asks
    found = json.loads(bridgekit(engine, "verify busybox1 busybox2 --to 203.0.113.2 --json"))
    assert {(each["from"], each["address"]) for each in found} == {
        ("host", "172.17.0.2"),
        ("host", "172.17.0.3"),
        ("host", "203.0.113.2"),
        ("busybox1", "172.17.0.1"),
        ("busybox1", "172.17.0.3"),
        ("busybox1", "203.0.113.2"),
        ("busybox2", "172.17.0.1"),
        ("busybox2", "172.17.0.2"),
        ("busybox2", "203.0.113.2"),
    }
    assert {(each["sent"], each["received"]) for each in found} == {(3, 3)}


def test_networks_that_docker_keeps_apart(engine: Engine) -> None:
    engine.sh("docker network create --subnet 10.9.0.0/24 own >/dev/null")
    try:
        start(engine, "web", options="")
        start(engine, "db", options="--net=own")
        engine.sh("printf 'web -> db: fails\\ndb -> web: fails\\n' >/run/expect")
        said = bridgekit(engine, "verify web db --count 1 --expect /run/expect")
        assert said.splitlines()[-1] == "all 6 are as expected"
        bridgekit(engine, "verify web db --count 1", code=1)
    finally:
        engine.sh("docker rm -f web db >/dev/null; docker network rm own")


def test_the_engine_gives_a_container_the_address_of_a_guest(engine: Engine) -> None:
    start(engine, "n1")
    bridgekit(engine, "attach n1 172.17.0.2/16 --bridge docker0 --mac 02:42:ac:11:00:02 --yes")
    start(engine, "n2", options="")
    assert engine.print("docker inspect -f '{{.NetworkSettings.IPAddress}}' n2").strip() == "172.17.0.2"
    found = json.loads(bridgekit(engine, "verify n1 n2 --count 1 --no-why --json", code=1))
    same = {(each["from"], each["to"]): each["why"] for each in found if not each["ok"]}
    assert same["n1", "n2"] == "n1 has this address itself, and would answer itself"
    assert same["n2", "n1"] == "n2 has this address itself, and would answer itself"
    notes = {each["name"]: each["found"] for each in json.loads(bridgekit(engine, "doctor --json"))}
    assert "belongs to n1, n2" in notes["docker0"]


def test_the_way_to_a_port_that_docker_published(engine: Engine) -> None:
    """Docker's own rules, in the order in which a packet from outside meets them, there and back."""
    engine.sh("docker run -d -p 8080:80 --name web bb sh -c 'mkdir /w; httpd -f -p 80 -h /w'")
    try:
        wait_until(engine, "nsenter --net=/run/netns/outside bash -c ': </dev/tcp/203.0.113.1/8080'")
        told = json.loads(bridgekit(engine, "trace outside 203.0.113.1:8080 --sport 45000 --json"))
        link = engine.print("ip -o link show master docker0").split()[1].partition("@")[0]
        address = address_of(engine, "web")
        saved = {table: engine.print(f"iptables-save -t {table}").splitlines() for table in ("nat", "filter")}
    finally:
        engine.sh("docker rm -f web")
    assert (told["answered"], told["notes"]) == (True, [])
    way = [(hop["way"], hop["place"], hop["link"], hop["what"]) for hop in told["hops"] if hop["link"]]
    assert way == [
        ("there", "outside", "eth0", "out"),
        ("there", "host", "em1", "in"),
        ("there", "host", "docker0", "out"),
        ("there", "host", link, "out"),
        ("there", "web", "eth0", "in"),
        ("back", "web", "eth0", "out"),
        ("back", "host", link, "in"),
        ("back", "host", "docker0", "in"),
        ("back", "host", "em1", "out"),
        ("back", "outside", "eth0", "in"),
    ]
    rules = {way: [hop["text"] for hop in told["hops"] if (hop["way"], hop["what"]) == (way, "rule")] for way in WAYS}
    for _, table, rule in (each.split(" ", 2) for way in WAYS for each in rules[way]):
        assert rule in saved[table]
    assert rules["there"][:3] == [
        "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        f"-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination {address}:80",
        "-t filter -A FORWARD -j DOCKER-USER",
    ]
    assert rules["there"][-1] == f"-t filter -A DOCKER -d {address}/32 ! -i docker0 -o docker0 -p tcp -m tcp {ACCEPT}"
    assert rules["back"][0] == "-t filter -A FORWARD -j DOCKER-USER"
    assert rules["back"][-1].endswith(" -j ACCEPT")
    changed = [hop["text"] for hop in told["hops"] if hop["what"] == "now"]
    assert changed == [f"203.0.113.2:45000 > {address}:80", "203.0.113.1:8080 > 203.0.113.2:45000"]


def test_a_container_that_docker_restarted_leaves_a_stale_guest(engine: Engine) -> None:
    """What was attached answers still, from the namespace that the name keeps; the command that show names frees it."""
    start(engine, "web")
    bridgekit(engine, "attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes")
    engine.sh("docker restart -t 0 web >/dev/null; ping -c 1 10.0.0.2 >/dev/null")
    (stale,) = [each for each in json.loads(bridgekit(engine, "show --json"))["guests"] if each["stale"]]
    assert (stale["name"], stale["stale"]["mend"]) == ("netns:web", "bridgekit repair --anew attach-web-eth0")
    assert "web: eth0  10.0.0.2/24  stale" in bridgekit(engine, "show")
    engine.sh(stale["stale"]["mend"])
    assert "stale" not in bridgekit(engine, "show")
    assert "── web: eth0  10.0.0.2/24" in bridgekit(engine, "show")


def test_containers_that_share_a_namespace_and_a_published_port(engine: Engine) -> None:
    engine.sh("docker run -d -p 8080:80 --name web bb sleep infinity")
    engine.sh("docker run -d --net=container:web --name side bb sleep infinity")
    try:
        told = json.loads(bridgekit(engine, "show --json"))
        drawing = bridgekit(engine, "show --format mermaid")
        address = address_of(engine, "web")
    finally:
        engine.sh("docker rm -f side web")
    assert [each["containers"] for each in told["guests"] if each["containers"]] == [["side", "web"]]
    assert f"8080/tcp → {address}:80" in drawing
    assert "masquerade 172.17.0.0/16" in drawing
