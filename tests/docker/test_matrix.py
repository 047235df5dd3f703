"""Who reaches whom in a network of ours, and in the same of a real engine's: one answer in every cell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.docker.engine import Engine
from tests.docker.fresh import World, both

pytestmark = pytest.mark.engine

# A server tells who it is, and whom it sees.
_WHO = r"""mkdir -p who/cgi-bin; cd who
printf '%s\n' '#!/bin/sh' 'seen=${REMOTE_ADDR#"[::ffff:"}; echo; echo "$(hostname), seen: ${seen%]}"' >cgi-bin/who
chmod +x cgi-bin/who"""
_SERVE = f"cd /tmp; {_WHO}; httpd -p 80; httpd -p 81; exec sleep 1000"
# The other end of the uplink is in a network of its own, which knows the way to all that is behind the host.
_OUTSIDE = r"""
unshare --net --uts bash -c 'hostname outside; cd /run/who; ip link set lo up; exec busybox httpd -f -p 80' &
outside=$!
until [ "$(nsenter --uts="/proc/$outside/ns/uts" hostname 2>/dev/null)" = outside ]; do sleep 0.02; done
ip link set far netns "$outside"
nsenter --net="/proc/$outside/ns/net" bash -euc '
  ip addr add 203.0.113.2/24 dev far; ip link set far up; ip route add default via 203.0.113.1'
"""
_NAMED = "--opt com.docker.network.bridge.name"
WORLD = World(
    networks={
        "blue": f"{_NAMED}=blue0 --subnet=10.20.0.0/16",
        "red": f"{_NAMED}=red0 --subnet=10.30.0.0/16",
        "inner": f"{_NAMED}=inner0 --subnet=10.21.0.0/16 --internal",
    },
    containers={
        "c1": "-p 8080:80 -p 127.0.0.1:8081:81",
        "c2": "",
        "c3": "--link c1:web",
        "b1": "--network blue -p 8082:80",
        "b2": "--network blue",
        "r1": "--network red",
        "i1": ("--network inner -p 8083:80", "--network inner"),
        "i2": "--network inner",
    },
    before=_OUTSIDE,
    command=f"sh -c {shlex.quote(_SERVE)}",
)
C1, C2, C3, B1, B2, R1, I1, I2 = (
    *("172.17.0.2", "172.17.0.3", "172.17.0.4"),
    *("10.20.0.2", "10.20.0.3", "10.30.0.2", "10.21.0.2", "10.21.0.3"),
)
HOST, OUTSIDE, LOCAL = "203.0.113.1", "203.0.113.2", "127.0.0.1"
GATEWAYS = ("172.17.0.1", "10.20.0.1", "10.21.0.1")
TARGETS = (
    *(C1, C2, C3, B1, B2, R1, I1, I2, HOST, OUTSIDE, *GATEWAYS),  # ping
    *(f"{address}:80" for address in (C1, C2, C3, B1, B2, R1, I1, I2, OUTSIDE)),
    f"{C1}:81",
    *(f"{address}:{port}" for address in (HOST, LOCAL) for port in (8080, 8081, 8082, 8083)),
    *(f"{address}:8080" for address in GATEWAYS),
    f"{GATEWAYS[0]}:8082",
)
_ASK = f"""
look
for name in $names; do
  until net "${{pid[$name]}}" busybox wget -q -O /dev/null http://127.0.0.1/cgi-bin/who; do sleep 0.02; done
done
ask() {{ nsenter --net="/proc/$2/ns/net" python -I -S tests/docker/ask.py "$1" {" ".join(TARGETS)} & asking+=($!); }}
{{
  asking=()
  ask host "$$"
  ask outside "$outside"
  for name in $names; do ask "$name" "${{pid[$name]}}"; done
  wait "${{asking[@]}}"
}} | named | sort
"""
# A few cells of each world, as it is known to be: so the rest does not agree in silence alone.
KNOWN = {
    "": {
        f"outside -> {HOST}:8080: OK c1, seen: {OUTSIDE}",
        f"host -> {LOCAL}:8080: OK c1, seen: 172.17.0.1",
        f"c2 -> {HOST}:8080: OK c1, seen: 172.17.0.1",
        f"outside -> {HOST}:8081: refused",
        f"outside -> {C2}:80: timed out",
        f"c2 -> {C1}:80: OK c1, seen: {C2}",
        f"b1 -> {C2}:80: timed out",
        f"i1 -> {OUTSIDE}: timed out",
    },
    "--userland-proxy=false": {
        f"host -> {LOCAL}:8080: OK c1, seen: 172.17.0.1",
        f"c1 -> {HOST}:8080: OK c1, seen: 172.17.0.1",
        f"b2 -> {HOST}:8080: timed out",
    },
    "--icc=false": {
        f"c3 -> {C1}:80: OK c1, seen: {C3}",
        f"c1 -> {C3}:80: timed out",
        f"c2 -> {C1}:80: timed out",
        f"c2 -> {HOST}:8080: OK c1, seen: 172.17.0.1",
    },
}


@pytest.fixture
def _served(engine: Engine) -> Iterator[None]:
    engine.sh(f"cd /run; {_WHO}")
    yield
    engine.sh("rm -r /run/who")


@pytest.mark.parametrize("daemon", KNOWN)
@pytest.mark.usefixtures("_served")
def test_one_answer_in_every_cell(engine: Engine, daemon: str) -> None:
    theirs, ours = both(engine, replace(WORLD, daemon=daemon), _ASK)
    cells = theirs.splitlines()
    assert len(cells) == len(TARGETS) * (2 + len(WORLD.containers))
    assert set(cells) >= KNOWN[daemon]
    assert ours.splitlines() == cells
