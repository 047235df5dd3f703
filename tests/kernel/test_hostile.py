"""What a guest can say of itself never reaches the shell of root, nor another guest's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel import measure
from tests.kernel.world import in_throwaway_host, shell

PID = "$(docker inspect -f '{{.State.Pid}}' web)"
SERVERS = "for name in web db; do docker run -d --net=none --name $name httpd; done; bridgekit docker0 --yes"
MARK = Path("/run/was_here")  # of the throw-away host: its /run is its own


@pytest.mark.parametrize("name", [f"a/e touch {MARK} #", "x\n10.6.6.6 bank", "-F/etc/passwd", "a b", "a[b.*"])
@in_throwaway_host()
def test_a_guests_own_name(name: str) -> None:
    """The kernel takes any bytes for a host name; whoever may set it in a container says them."""
    shell(SERVERS)
    Path("/run/name").write_text(name)
    call = 'import ctypes; b = open("/run/name", "rb").read(); ctypes.CDLL(None).sethostname(b, len(b))'
    shell(f"nsenter --target {PID} --uts $BRIDGEKIT_PYTHON -c '{call}'")
    before = measure.state(), shell("docker exec web cat /etc/hosts; docker exec db cat /etc/hosts").stdout
    shell("bridgekit wire web --yes; bridgekit wire db --link web --yes")
    linked = shell("docker exec db cat /etc/hosts").stdout.splitlines()
    assert [line.split()[0] for line in linked] == ["127.0.0.1", "172.17.0.2", "172.17.0.3"]
    shell("bridgekit undo wire-db-bridge wire-web-bridge")
    assert before[1] == shell("docker exec web cat /etc/hosts; docker exec db cat /etc/hosts").stdout
    measure.same(before[0], measure.state())
    assert not MARK.exists()


@in_throwaway_host()
def test_the_label_of_a_guests_address() -> None:
    """A label may hold blanks, and so look like an address of its own."""
    shell(f"{SERVERS}; bridgekit wire web --yes")
    Path("/run/z").write_text(f"#!/bin/sh\ntouch {MARK}\n")
    label = "x inet q[\\$(z)] "
    inside = f'ip link set eth0 down; ip link set eth0 name x; ip addr add 172.17.0.3/16 dev x label "{label}"'
    shell(f"nsenter --net=/proc/{PID}/ns/net sh -c '{inside}; ip link set x up'; chmod +x /run/z")
    shell("PATH=$PATH:/run bridgekit wire db --yes")
    assert "inet 172.17.0.4/16 " in shell("ip -n db addr show dev eth0").stdout
    assert not MARK.exists()
