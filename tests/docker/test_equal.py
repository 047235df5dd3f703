"""What our scripts make equals what a real engine makes: the same option, each in a network of its own, compared."""

from __future__ import annotations

import shlex

import pytest

from tests.docker.engine import Engine

pytestmark = pytest.mark.engine

# A fresh network in which either can work: an uplink with the default route, and what the case wants beforehand.
_FRESH = r"""
set -euo pipefail
sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
ip link set lo up
ip link add em1 type veth peer name far
ip addr add 203.0.113.1/24 dev em1
ip link set em1 up; ip link set far up
ip route add default via 203.0.113.2
"""
# All that is compared, as text.  What is random (the bridge's MAC) and counters are left out.
_DUMP = r"""
for program in iptables ip6tables; do
  echo "# $program"
  "$program-save" | sed -E 's/\[[0-9]+:[0-9]+\]//; /^#/d'
done
for bridge in $(ip -o link show type bridge | cut -d: -f2); do
  ip -o link show dev "$bridge" | sed -E 's/^[0-9]+: ([^:]*):.* mtu ([0-9]+) .*/link \1 mtu \2/'
  ip -o link show dev "$bridge" | grep -o '<.*UP.*>' | grep -o '\<UP\>' || echo down
  ip -o -4 addr show dev "$bridge" | sed -E 's/.* inet ([^ ]*) (brd [^ ]*)?.*/address \1 \2/'
  ip -4 route show dev "$bridge" | sed -E 's/ linkdown//; s/ +$//'
done
sysctl -a 2>/dev/null | grep -E '^net\.(ipv[46]\.(conf|ip_forward)|bridge)' | grep -v stable_secret | sort
"""
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


def made(engine: Engine, before: str, make: str) -> str:
    """What is there after `make` in a fresh network."""
    script = f"{_FRESH}\n{before}\n{make}\n{_DUMP}"
    return engine.print(f"unshare --net bash -c {shlex.quote(script)}")


@pytest.mark.parametrize("case", CASES)
def test_at_its_start(engine: Engine, case: str) -> None:
    before, options = CASES[case]
    theirs = made(engine, before, _start(options))
    ours = made(engine, before, f"python -m bridgekit docker0 {options.replace('=', ' ')} --yes >&2")
    engine.sh("rm -rf /run/bridgekit")
    assert ours.splitlines() == theirs.splitlines()


NETWORKS = {
    "plain": "",
    "gateway": "--gateway=10.20.0.254",
    "internal": "--internal",
    "icc": "--opt com.docker.network.bridge.enable_icc=false",
    "ip-masq": "--opt com.docker.network.bridge.enable_ip_masquerade=false",
}
OURS = {"icc": "--icc false", "ip-masq": "--ip-masq false"}


@pytest.mark.parametrize("daemon", ["", "--userland-proxy=false"])
@pytest.mark.parametrize("case", NETWORKS)
def test_networks_beside_it(engine: Engine, case: str, daemon: str) -> None:
    """Two of them: each stands above the older ones, and apart from them."""
    named = "--opt com.docker.network.bridge.name=blue0 --subnet 10.20.0.0/16"
    create = f"docker -H unix:///run/second/sock network create {named} {NETWORKS[case]} blue >/dev/null"
    other = "docker -H unix:///run/second/sock network create --opt com.docker.network.bridge.name=red0 red \\\n"
    theirs = made(engine, "", f"{_start(daemon)}\n{create}\n{other} --subnet 10.30.0.0/16 >/dev/null")
    words, proxy = OURS.get(case, NETWORKS[case].replace("=", " ")), daemon.replace("=", " ")
    ours = made(
        engine,
        "",
        f"""python -m bridgekit docker0 {proxy} --yes >&2
        python -m bridgekit network blue --bridge-name blue0 --subnet 10.20.0.0/16 {words} {proxy} --yes >&2
        python -m bridgekit network red --bridge-name red0 --subnet 10.30.0.0/16 {proxy} --yes >&2""",
    )
    engine.sh("rm -rf /run/bridgekit")
    assert ours.splitlines() == theirs.splitlines()


def _start(options: str) -> str:
    """Start an engine of its own beside the session's, and stop it once all is dumped."""
    return f"""
    dockerd --data-root /run/second/data --exec-root /run/second/exec --pidfile /run/second/pid \\
      --host unix:///run/second/sock {options} </dev/null >/run/second.log 2>&1 &
    trap 'kill $!; wait $!; rm -rf /run/second' EXIT
    second() {{ docker -H unix:///run/second/sock version; }}
    for ((i = 0; i < 1000; i++)); do second >/dev/null 2>&1 && break; sleep 0.02; done
    second >/dev/null || {{ tail -3 /run/second.log >&2; exit 1; }}
    """
