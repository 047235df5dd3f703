"""What `wire` leaves, on the host and in the container, equals what `docker run` leaves."""

from __future__ import annotations

import pytest

from tests.docker.engine import Engine
from tests.docker.fresh import CONTAINERS, HOST, World, both

pytestmark = pytest.mark.engine

NAMED = "--opt com.docker.network.bridge.name"
WORLDS = {
    "files and links": World(
        containers={
            "plain": "",
            "named": "-h web.example.com --add-host db:10.9.8.7 --add-host gw:host-gateway --add-host db:10.9.8.8",
            "asks": "--dns 8.8.8.8 --dns 8.8.4.4 --dns-search example.org --dns-search example.net",
            "searches": "-h web --dns-search example.org --mac-address 02:42:ac:11:00:77",
            "nowhere": "--dns-search .",
            "all": "--add-host db:10.9.8.7 --link plain:alias --add-host gw:host-gateway",
            "same": ("--link named", "--link named:named"),
            "shares": "--network container:named",
            "alone": "--network none -h web.example.com --dns 8.8.8.8 --add-host db:10.9.8.7",
        },
    ),
    "ports": World(
        before="iptables -A FORWARD -s 10.1.0.0/16 -j DROP",
        containers={
            "local": "-p 8080:80 -p 127.0.0.1:8081:81 -p 203.0.113.1:8082:82",
            "again": "-p 8085:80 -p 127.0.0.1:8086:80",
            "kinds": "-p 7000-7002:7000-7002 -p 6000-6001:6000-6001/udp -p 5354:53/udp -p 5354:53/tcp -p 5353:52/udp",
            "first": "-p 7100-7102:80",
            "next": "-p 7100-7102:80 -p 79",
            "many": "-P --expose 80 --expose 81 --expose 53/udp -p 8087:7005",
        },
    ),
    "addresses": World(
        "--bip=10.99.0.1/24",
        before="ip link add docker0 type bridge; ip addr add 10.99.0.1/24 brd + dev docker0",
        containers={"m1": "", "m2": "-p 8080:80", "m3": ""},
        gone=("m2",),
        later={"m4": "-p 8080:80", "m5": ""},
    ),
    "bip, mtu, ip-masq": World(
        "--bip=192.168.1.2/24 --mtu=1400 --ip-masq=false",
        before="sysctl -qw net.ipv4.ip_forward=1",
        containers={"one": "", "two": "-p 8080:80"},
    ),
    "fixed-cidr, default-gateway, ip": World(
        "--bip=192.168.1.5/24 --fixed-cidr=192.168.1.128/25 --default-gateway=192.168.1.99 --ip=127.0.0.1",
        containers={"one": "-p 8080:80 -p 0.0.0.0:8082:81", "two": "-P --expose 80"},
    ),
    "fixed-cidr": World("--fixed-cidr=172.17.0.4/30", containers={"one": ""}),
    "icc": World(
        "--icc=false",
        before="sysctl -qw net.bridge.bridge-nf-call-iptables=0",
        containers={
            "ca": "--expose 53/udp --expose 80 --expose 8000",
            "cb": "-p 8080:80 --link ca:alias",
            "cc": "--link cb:web",
            "cd": "--link cc:nothing",
        },
    ),
    "icc, userland-proxy, several links": World(
        "--icc=false --userland-proxy=false",
        containers={"ca": "-p 8080:80", "cb": "--expose 81", "cc": "--link ca:a --link cb:b --link ca:again"},
    ),
    "userland-proxy": World(
        "--userland-proxy=false",
        networks={"blue": f"{NAMED}=blue0 --subnet=10.20.0.0/16"},
        containers={
            "one": "-p 8080:80 -p 127.0.0.1:8081:81",
            "two": "",
            "three": "--network blue -p 8082:80",
        },
    ),
    "iptables": World("--iptables=false", containers={"one": "-p 8080:80", "two": "--link one:web"}),
    "iptables, userland-proxy": World("--iptables=false --userland-proxy=false", containers={"one": "-p 8080:80"}),
    "bridge, ip-forward": World(
        "--bridge=bridge0 --ip-forward=false",
        before="ip link add bridge0 type bridge; ip addr add 192.168.5.1/24 brd + dev bridge0; ip link set bridge0 up",
        containers={"one": "", "two": "-p 8080:80"},
    ),
    "networks": World(
        networks={
            "blue": f"{NAMED}=blue0 --subnet=10.20.0.0/16 --gateway=10.20.0.254 --ip-range=10.20.5.0/24",
            "red": f"{NAMED}=red0 --subnet=10.30.0.0/16 --opt com.docker.network.bridge.enable_icc=false",
            "inner": f"{NAMED}=inner0 --subnet=10.21.0.0/24 --internal",
            "open": f"{NAMED}=open0 --subnet=10.24.0.0/24 --opt com.docker.network.bridge.enable_ip_masquerade=false",
        },
        containers={
            "b1": "--network blue",
            "b2": (
                "--network blue --ip 10.20.9.9 -p 8080:80 --mac-address 02:42:0a:14:00:77"
                " -h web.example.com --add-host gw:host-gateway"
            ),
            "r1": "--network red -p 8081:80",
            "i1": ("--network inner -p 8082:80", "--network inner"),
            "o1": "--network open -p 8083:80",
            "d1": "-p 8084:80",
        },
    ),
}


# The engine takes several links of one container in any order.
UNORDERED = "several links"
# A user network's containers ask the engine's own server of names, which ours do not have: they ask the host's.
OF_ITS_OWN = ["nameserver 127.0.0.11", "options ndots:0"]


@pytest.mark.parametrize("case", WORLDS)
def test_containers(engine: Engine, case: str) -> None:
    theirs, ours = (text.splitlines() for text in both(engine, WORLDS[case], HOST + CONTAINERS))
    theirs = _with_servers(theirs, engine.print("cat /etc/resolv.conf").splitlines())
    if UNORDERED in case:
        theirs, ours = sorted(theirs), sorted(ours)
    assert ours == theirs


def _with_servers(lines: list[str], servers: list[str]) -> list[str]:
    """The lines with the host's servers in the place of the engine's own."""
    while OF_ITS_OWN[0] in lines:
        place = lines.index(OF_ITS_OWN[0])
        assert lines[place : place + 2] == OF_ITS_OWN
        lines = lines[:place] + servers + lines[place + 2 :]
    return lines
