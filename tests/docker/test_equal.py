"""What our scripts make equals what a real engine makes: the same option, each in a network of its own, compared."""

from __future__ import annotations

import pytest

from tests.docker.engine import Engine
from tests.docker.fresh import HOST, World, both

pytestmark = pytest.mark.engine

CASES = {
    "plain": ("", ""),
    "ip_forward is on": ("sysctl -qw net.ipv4.ip_forward=1", ""),
    "bip": ("", "--bip=192.168.1.5/24"),
    "icc": ("", "--icc=false"),
    "iptables": ("", "--iptables=false"),
    "ip-forward": ("", "--ip-forward=false"),
    "ip-forward, on": ("sysctl -qw net.ipv4.ip_forward=1", "--ip-forward=false"),
    "ip-masq": ("", "--ip-masq=false"),
    "userland-proxy": ("", "--userland-proxy=false"),
    "userland-proxy, ip-masq": ("", "--userland-proxy=false --ip-masq=false"),
    "icc, userland-proxy": ("", "--icc=false --userland-proxy=false"),
    "iptables, userland-proxy": ("", "--iptables=false --userland-proxy=false"),
    "bridge": (
        "ip link add bridge0 type bridge; ip addr add 192.168.5.1/24 brd + dev bridge0; ip link set bridge0 up",
        "--bridge=bridge0",
    ),
    "rules of the user's own": (
        "iptables -A FORWARD -s 10.1.0.0/16 -j DROP; iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        "",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_at_its_start(engine: Engine, case: str) -> None:
    before, options = CASES[case]
    theirs, ours = both(engine, World(options, before=before), HOST)
    assert ours.splitlines() == theirs.splitlines()


NETWORKS = {
    "plain": "",
    "gateway": "--gateway=10.20.0.254",
    "internal": "--internal",
    "icc": "--opt com.docker.network.bridge.enable_icc=false",
    "ip-masq": "--opt com.docker.network.bridge.enable_ip_masquerade=false",
}
BLUE = "--opt com.docker.network.bridge.name=blue0 --subnet=10.20.0.0/16"
RED = "--opt com.docker.network.bridge.name=red0 --subnet=10.30.0.0/16"


@pytest.mark.parametrize("daemon", ["", "--userland-proxy=false"])
@pytest.mark.parametrize("case", NETWORKS)
def test_networks_beside_it(engine: Engine, case: str, daemon: str) -> None:
    """Two of them: each stands above the older ones, and apart from them."""
    networks = {"blue": f"{BLUE} {NETWORKS[case]}", "red": RED}
    theirs, ours = both(engine, World(daemon, networks), HOST)
    assert ours.splitlines() == theirs.splitlines()
