"""How a lease ends, and how it does not come: without a server, killed, with its guest, while others wait."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from bridgekit.names.dhcp import CLIENTS
from tests.kernel import measure, trial
from tests.kernel.cases import DHCP, ON_DHCP, in_the_host, written
from tests.kernel.leases import BRIDGE, EACH, WHERE, address, clients, dhcp, down, join, until, up
from tests.kernel.world import shell


@EACH
@in_the_host
def test_fault_11_without_a_server_it_says_so_and_leaves_nothing(client: str) -> None:
    join("web", server=BRIDGE)
    before = measure.state()
    done = trial.bash(written(dhcp("web", client, 1)))
    assert done.code == 1, done
    assert "no DHCP server answered (eth1, 1 s)" in done.err, done
    assert "rolled back" in done.err
    assert clients() == []
    measure.same(before, measure.state(), "without a server")


@in_the_host
def test_a_run_that_is_killed_while_it_waits() -> None:
    join("web", server=BRIDGE)
    before = measure.state()
    for client in CLIENTS:
        script = written(dhcp("web", client, 60))
        started = trial.start("bash", str(script))
        until(lambda client=client: client in "".join(clients()), f"no {client}")
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
        done = trial.bash(script, "down")
        assert done.code == 0, done
        assert clients() == []
        measure.same(before, measure.state(), client)


@EACH
@in_the_host
def test_the_client_ends_with_its_guest(client: str) -> None:
    """As a container is: with a PID namespace of its own, whose first process is the guest."""
    shell("unshare --net --mount --pid --fork --kill-child sleep infinity >/dev/null 2>&1 & echo $! >/run/it")
    until(lambda: shell("pgrep -P $(cat /run/it)", check=False).stdout, "no guest")
    pid = shell("pgrep -P $(cat /run/it)").stdout.strip()
    shell(f"{DHCP}; {ON_DHCP.format('it', pid, 'eth1')}; rm -r /run/dhcpd.leases")
    up(dhcp(f"pid:{pid}", client))
    assert clients()
    shell(f"kill -KILL {pid}")
    until(lambda: not clients(), f"{client} outlives its guest: {clients()}")
    down(dhcp(f"pid:{pid}", client))
    assert not list(Path("/run").glob("*dhcp*/"))
    assert sorted(os.listdir("/run/netns")) == ["outside", "red"]


@in_the_host
def test_undo_after_the_container_is_gone() -> None:
    join("web")
    for client in CLIENTS:
        plan = dhcp("web", client)
        up(plan)
        shell("docker rm -f web >/dev/null")
        down(plan)
        assert clients() == []
        shell("docker run -d --net=none --name web x sleep infinity")
        shell(f"ip link del at_web; {ON_DHCP.format('web', WHERE['web'], 'eth1')}")


@in_the_host
def test_a_client_that_was_killed() -> None:
    """What it left goes with undo, and a second run takes a lease again."""
    join("web")
    before = measure.state()
    plan = dhcp("web", "dhcpcd")
    up(plan)
    shell("pkill -KILL dhcpcd")
    until(lambda: not clients(), "dhcpcd is there")
    up(plan)
    assert address("web")
    shell("pkill -KILL dhcpcd")
    until(lambda: not clients(), "dhcpcd is there")
    down(plan)
    measure.same(before, measure.state(), "by a killed client")


@in_the_host
def test_a_process_of_another_host_that_looks_like_the_client_is_not_ended() -> None:
    """It has a /run of its own, as in a throw-away host in this one."""
    join("web")
    plan = dhcp("web", "udhcpc")
    up(plan)
    folder = "/run/bridgekit-dhcp.web-eth1"
    looks = f"exec -a 'unshare --mount x bash {folder}/script start' cat"
    own = f"mount -t tmpfs tmpfs /run; mkdir {folder}; : >{folder}/script; {looks}"
    with subprocess.Popen(["unshare", "--mount", "bash", "-c", own], stdin=subprocess.PIPE) as other:
        until(lambda: "script start" in "".join(clients()[1:]), "it is not there")
        down(plan)
        assert other.poll() is None
        assert other.stdin is not None
        other.stdin.close()
    assert other.returncode == 0


@in_the_host
def test_another_run_waits_as_long_as_a_lease_is_waited_for() -> None:
    """It would be refused after ten seconds, here at once, were the one under way not to say until when it may wait."""
    join("web", server=BRIDGE)
    before = measure.state()
    waits = trial.start("bash", str(written(dhcp("web", "udhcpc", 2))))
    until(lambda: Path("/run/bridgekit/.until").exists() and "udhcpc" in "".join(clients()), "it does not wait")
    impatient = "bridgekit {} -n | sed 's/flock -w 10 9/flock -w 0 9/' | bash"
    shell(impatient.format("bridge br7"))
    assert waits.wait() == 1, "no server has answered"
    shell("bridgekit undo bridge-br7")
    measure.same(before, measure.state(), "by one that waited")
