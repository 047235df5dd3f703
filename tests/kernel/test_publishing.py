"""What publish, link and wire open, seen from everywhere; and what they leave closed."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess

import pytest

from tests.kernel import measure
from tests.kernel.cases import DIALECTS
from tests.kernel.world import in_throwaway_host, shell

HOST, BRIDGE, WEB, DB = "203.0.113.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"
# A web server in each of two guests, on ports 80 and 81, that says whom it sees.
SERVERS = "for name in web db; do docker run -d --net=none --name $name httpd; done"
ATTACHED = f"{SERVERS}; bridgekit attach web {WEB}/24 --gateway {BRIDGE} --yes; bridgekit attach db {DB}/24 --yes"
UNREACHED = ""
in_a_host = in_throwaway_host("netns:red")


def seen(asker: str, address: str, port: int = 80) -> str:
    """The address that a web server sees when it is asked; empty if it does not answer."""
    place = {"host": "", "outside": "ip netns exec outside "}.get(asker, f"docker exec {asker} ")
    asked = shell(f"{place}timeout 1 wget -q -O - http://{address}:{port}/", check=False)
    return asked.stdout.removeprefix("you come from ").strip()


@in_a_host
def test_a_server_is_there_when_its_container_is() -> None:
    """Also where its program starts slowly."""
    slow = 'printf \'#!/bin/sh\nsleep 1\nexec %s "$@"\n\' "$BRIDGEKIT_PYTHON" >/run/slow; chmod +x /run/slow'
    shell(f"{slow}; BRIDGEKIT_PYTHON=/run/slow docker run -d --net=none --name web httpd")
    assert seen("web", "127.0.0.1") == seen("web", "127.0.0.1", 81) == "127.0.0.1"


@pytest.mark.parametrize("dialect", DIALECTS)
@in_a_host
def test_a_port_published_on_a_bridge_of_ours(dialect: str) -> None:
    """No program stands in: localhost and hairpin work by rules."""
    shell(ATTACHED)
    before = measure.state()
    shell(f"bridgekit publish web 8080:80 127.0.0.1:8081:81 --yes --dialect {dialect}")
    assert seen("outside", HOST, 8080) == "203.0.113.2"
    assert seen("host", HOST, 8080) == seen("host", "127.0.0.1", 8080) == BRIDGE
    assert seen("host", "127.0.0.1", 8081) == BRIDGE
    assert seen("web", BRIDGE, 8080) == BRIDGE  # its own port
    assert seen("db", BRIDGE, 8080) == DB
    assert seen("outside", HOST, 8081) == seen("db", BRIDGE, 8081) == UNREACHED
    assert seen("outside", HOST, 80) == UNREACHED
    assert not shell("pgrep docker-proxy", check=False).stdout
    shell("bridgekit undo publish-web-8080-80-127.0.0.1-8081-81-998c8a7")
    assert seen("outside", HOST, 8080) == seen("host", "127.0.0.1", 8080) == UNREACHED
    for name in ("web", "db"):  # no program holds a port here: the rules alone tell that it is taken
        shell(f"bridgekit publish {name} 80 --yes")
    first = int(shell("cat /proc/sys/net/ipv4/ip_local_port_range").stdout.split()[0])
    assert [seen("host", HOST, first + each) for each in range(3)] == [BRIDGE, BRIDGE, UNREACHED]
    shell("bridgekit undo publish-web-80 publish-db-80")
    measure.same(before, measure.state())


@in_a_host
def test_a_link_opens_one_port_one_way_and_its_answers_return() -> None:
    shell(f"{ATTACHED}; sysctl -qw net.bridge.bridge-nf-call-iptables=1; iptables -A FORWARD -i br666 -o br666 -j DROP")
    assert seen("web", DB) == UNREACHED
    shell("bridgekit link web db --port 80 --yes")
    assert seen("web", DB) == WEB
    assert seen("web", DB, 81) == seen("db", WEB) == seen("db", WEB, 81) == UNREACHED
    assert shell(f"docker exec web ping -c 1 -W 1 {DB}", check=False).returncode != 0
    shell("bridgekit undo link-web-db-80")
    assert seen("web", DB) == UNREACHED


@pytest.mark.parametrize("proxy", ["true", "false"])
@in_a_host
def test_the_way_around_containers_kept_apart(proxy: str) -> None:
    """By a published port one reaches the other all the same where docker-proxy asks for it, as with an engine."""
    shell(f"{SERVERS}; bridgekit docker0 --icc false --userland-proxy {proxy} --yes")
    shell("bridgekit wire web -p 8080:80 --yes; bridgekit wire db --yes")
    assert seen("outside", HOST, 8080) == "203.0.113.2"
    assert seen("db", "172.17.0.2") == UNREACHED
    around = (
        "172.17.0.1"
        if proxy == "true" and shutil.which("docker-proxy", path=f"{os.environ['PATH']}:/usr/sbin")
        else UNREACHED
    )
    assert seen("db", HOST, 8080) == seen("db", "172.17.0.1", 8080) == around


@in_a_host
def test_a_network_is_undone_after_what_stands_on_it() -> None:
    shell(f"{SERVERS}; iptables -L; iptables -t nat -L")
    before = measure.state()
    shell("bridgekit docker0 --yes; bridgekit wire web -p 8080:80 --yes; bridgekit wire db --yes")
    built = measure.state()
    early = shell("bridgekit undo docker0-docker0 2>&1", check=False)
    assert early.returncode == 3
    assert "undo these first: wire-" in early.stdout
    assert {"wire-db-bridge", "wire-web-bridge"} <= set(early.stdout.split())
    measure.same(built, measure.state())
    named = shell("bridgekit undo docker0-docker0 wire-web-bridge wire-db-bridge")
    assert named.stdout == "undone wire-db-bridge\nundone wire-web-bridge\nundone docker0-docker0\n"
    measure.same(before, measure.state())


@in_a_host
def test_without_the_program_the_script_says_what_stays_closed() -> None:
    """On an engine's network a program stands in for rules, if it is there."""
    # A PATH without docker-proxy: every other program, by a link.
    shell(
        f"{SERVERS}; bridgekit docker0 --yes; mkdir /run/few; for folder in /run/host/bin /usr/local/sbin "
        "/usr/local/bin /usr/sbin /usr/bin /sbin /bin; do ln -sn $folder/* /run/few/ 2>/dev/null; done; "
        "rm -f /run/few/docker-proxy"
    )
    script = 'bridgekit wire web -p 8080:80 -n | sed \'s|PATH="[^"]*"|PATH=/run/few|\' | bash'
    heard = [line for line in shell(script).stdout.splitlines() if line.startswith("skip ")]
    assert len(heard) == 2
    assert "(docker-proxy is not installed: 127.0.0.1:8080 on this host stays closed," in heard[0]
    assert seen("outside", HOST, 8080) == "203.0.113.2"
    assert seen("host", HOST, 8080) == HOST
    assert seen("host", "127.0.0.1", 8080) == seen("web", HOST, 8080) == UNREACHED
    shell("bridgekit wire db --yes")
    assert seen("db", "172.17.0.2") != UNREACHED
    assert seen("db", HOST, 8080) == UNREACHED


@in_a_host
def test_the_lowest_free_address_and_the_lowest_free_port() -> None:
    shell(f"{SERVERS}; bridgekit docker0 --bip 10.9.0.2/29 --yes; ip netns add late")
    for guest, address in (("web", "10.9.0.1"), ("db", "10.9.0.3"), ("netns:red", "10.9.0.4")):
        shell(f"bridgekit wire {guest} -p 80 --yes")
        netns = guest.rpartition(":")[2]
        (eth0,) = json.loads(shell(f"ip -j -n {netns} -4 addr show dev eth0").stdout)
        assert eth0["addr_info"][0]["local"] == address
        last = int(address.rpartition(".")[2])
        assert f"02:42:0a:09:00:{last:02x}" in shell(f"ip -n {netns} link show dev eth0").stdout
    first = int(shell("cat /proc/sys/net/ipv4/ip_local_port_range").stdout.split()[0])
    rules = shell("iptables -t nat -S DOCKER").stdout
    assert [f"--dport {first + each} " in rules for each in range(4)] == [True, True, True, False]
    shell("bridgekit undo wire-db-bridge; bridgekit wire netns:late -p 80 --yes")  # what was freed is given again
    rules = shell("iptables -t nat -S DOCKER").stdout
    assert f"--dport {first + 1} -j DNAT --to-destination 10.9.0.3:80" in rules
    assert shell("ip netns exec late ip route").stdout.startswith("default via 10.9.0.2 ")


@in_a_host
def test_a_second_network_and_the_names_of_both() -> None:
    """The second run knows by the journal how the network was made, and which ports the other offers."""
    shell(f"{SERVERS}; bridgekit network blue --icc false --yes; bridgekit wire web --network blue --expose 81 --yes")
    shell("bridgekit wire db --network blue --link web:shop --hostname db.example.test --yes")
    assert seen("db", "shop", 81) == "172.18.0.3"
    assert seen("db", "shop", 80) == UNREACHED
    assert shell("docker exec db hostname").stdout == "db.example.test\n"
    assert shell("docker exec db cat /etc/hosts").stdout.splitlines()[-1] == "172.18.0.3\tdb.example.test db"
    made = shell("bridgekit runs --json").stdout
    assert "--link web:shop:81/tcp --hostname db.example.test --made-by 'network blue --icc false'" in made


@in_a_host
def test_two_free_ports_of_one_guests_port() -> None:
    """Each is found before anything is touched, and again when it is done twice."""
    shell(f"{SERVERS}; bridgekit docker0 --yes")
    before = measure.state()
    shell("sysctl -qw net.ipv4.ip_local_port_range='40000 40002'")
    rules = []
    for _ in range(2):
        shell("bridgekit wire web -p 40000:80 -p 80 -p 127.0.0.1::80 --yes")
        rules.append(shell("iptables -t nat -S DOCKER").stdout)
    assert rules[0] == rules[1]
    assert [f"--dport {40000 + each} " in rules[0] for each in range(4)] == [True, True, True, False]
    full = shell("bridgekit wire db -p 81 --yes", check=False)
    assert full.returncode == 3
    assert "no free port of the host is left" in full.stderr
    shell("bridgekit undo wire-web-bridge; sysctl -qw net.ipv4.ip_local_port_range='32768 60999'")
    measure.same(before, measure.state())


@in_a_host
def test_a_port_that_a_program_has_at_another_address() -> None:
    """The guest's own, too: docker-proxy could not listen at both; refused before anything is touched."""
    if not shutil.which("docker-proxy", path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip("docker-proxy is not installed")
    shell(f"{SERVERS}; bridgekit docker0 --yes; bridgekit wire web -p 127.0.0.1:8080:80 -p 8090:80 --yes")
    before = measure.state()
    for spec in ("8080:80", "127.0.0.1:8090:80"):
        refused = shell(f"bridgekit publish web {spec} --network bridge --yes", check=False)
        assert refused.returncode == 3
        assert "a program listens there" in refused.stderr
    measure.same(before, measure.state())
    shell("bridgekit publish web 8090:80 127.0.0.1:8080:80 --network bridge --yes")  # as they are


CLIENT = """
import socket, sys, time
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asks.bind(("", 4444))
asks.settimeout(0.2)
while True:
    try:
        asks.sendto(b"?", (sys.argv[1], 5353))
        print(asks.recv(99).decode(), flush=True)
        time.sleep(0.1)
    except OSError:
        print("nobody", flush=True)
"""
SERVER = """
import socket, sys
answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
answers.bind(("", 53))
while True:
    answers.sendto(sys.argv[1].encode(), answers.recvfrom(99)[1])
"""


@in_throwaway_host("netns:red", "netns:blue")
def test_udp_clients_that_asked_before_it_was_published() -> None:
    """The kernel holds theirs for one old connection, which leads nowhere, or to whom had the port before."""
    for number, guest in enumerate(("red", "blue"), 2):
        shell(f"bridgekit attach netns:{guest} 10.0.0.{number}/24 --gateway {BRIDGE} --yes")
    shell("bridgekit outbound 10.0.0.0/24 --yes")  # since then the kernel follows connections
    before = measure.state()
    inside = {name: ("ip", "netns", "exec", name, "python3", "-c") for name in ("red", "blue", "outside")}
    servers = [subprocess.Popen([*inside[name], SERVER, name]) for name in ("red", "blue")]
    asking = [
        subprocess.Popen([*words, CLIENT, HOST], stdout=subprocess.PIPE, text=True)
        for words in (inside["outside"], ("python3", "-c"))
    ]
    try:
        heard = [map(str.strip, client.stdout or ()) for client in asking]
        assert [next(each) for each in heard] == ["nobody", "nobody"]
        for guest in ("red", "blue"):
            shell(f"bridgekit publish netns:{guest} 5353:53/udp --yes")
            assert [guest in itertools.islice(each, 40) for each in heard] == [True, True]
            shell(f"bridgekit undo publish-netns-{guest}-5353-53-udp")
        measure.same(before, measure.state())
    finally:
        for each in (*asking, *servers):
            each.kill()
            each.communicate()
