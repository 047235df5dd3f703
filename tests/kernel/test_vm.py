"""The throw-away host's stand-in for a virtual machine."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.kernel.ordinary import User, readable, user  # fixtures
from tests.kernel.world import in_throwaway_host, shell

__all__ = ["readable", "user"]

VM, OUTSIDE, MAC = "203.0.113.50", "203.0.113.2", "52:54:00:12:34:56"
# em1 and tap0 are ports of one bridge, which has the addresses of em1.
BRIDGED = f"""
set -e
ip tuntap add dev tap0 mode tap
ip link add br0 type bridge
ip addr flush dev em1
ip link set em1 master br0
ip link set tap0 master br0
ip addr add 203.0.113.1/24 dev br0
ip link set br0 up
ip link set tap0 up
ip route add default via {OUTSIDE}
"""
RUN = f"vm run guest --tap tap0 --address {VM}/24 --gateway {OUTSIDE}"
TALK = f"""
set -e
ping -c 1 -w 2 {VM}
nsenter --net=/run/netns/outside ping -c 1 -w 2 {VM}
vm exec guest ping -c 1 -w 2 {OUTSIDE}
ip -n outside neigh show {VM} | grep {MAC}
vm stop guest
"""


@pytest.fixture
def _tun() -> None:
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("/dev/net/tun is missing, or not for this user")


def get(address: str, before: str = "") -> str:
    """What an HTTP server says; `before` is what the asking program is started by."""
    client = f"import urllib.request as u; print(u.urlopen('http://{address}', timeout=5).read().decode(), end='')"
    return shell(f'{before} "$BRIDGEKIT_PYTHON" -c "{client}"').stdout


@pytest.mark.usefixtures("_tun")
@in_throwaway_host()
def test_a_machine_on_the_hosts_bridge() -> None:
    shell(BRIDGED)
    shell(RUN)
    assert get(VM) == "you come from 203.0.113.1\n"
    assert get(VM, "nsenter --net=/run/netns/outside") == f"you come from {OUTSIDE}\n"
    assert get(OUTSIDE, "vm exec guest") == f"you come from {VM}\n"
    assert shell("vm exec guest hostname").stdout == "guest\n"
    assert MAC in shell("vm exec guest ip link show eth0").stdout
    assert "eth0" not in shell("ip link").stdout, "it is not this host's"
    assert shell("vm exec guest sh -c 'exit 7'", check=False).returncode == 7
    shell(TALK)
    shell("ip link set tap0 nomaster; ip link set tap0 down; ip link set tap0 up")
    shell(f"{RUN} --mac 52:54:00:00:00:01 && vm exec guest ip link show eth0 | grep 52:54:00:00:00:01")
    assert shell(f"ping -c 1 -w 1 {VM}", check=False).returncode != 0, "only the bridge joins them"


@pytest.mark.usefixtures("_tun")
@in_throwaway_host()
def test_a_machine_with_both_families() -> None:
    shell(BRIDGED)
    shell("ip addr add 2001:db8:113::1/64 dev br0 nodad")
    shell(f"{RUN} --address 2001:db8:113::50/64 --gateway 2001:db8:113::2")
    assert get("[2001:db8:113::50]") == "you come from 2001:db8:113::1\n"
    assert get("[2001:db8:113::2]", "vm exec guest") == "you come from 2001:db8:113::50\n"
    shell(TALK)


@pytest.mark.usefixtures("_tun")
@in_throwaway_host()
def test_a_machine_whose_tap_goes_lives_on() -> None:
    shell(BRIDGED)
    shell(RUN)
    shell("ip link del tap0")
    assert get(VM, "vm exec guest") == f"you come from {VM}\n"
    shell("vm stop guest")


@pytest.mark.usefixtures("_tun")
@in_throwaway_host()
def test_what_a_machine_cannot_be() -> None:
    def refused(words: str, code: int = 1) -> str:
        done = shell(f"vm {words} 2>&1", check=False)
        assert done.returncode == code, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    at = f"--address {VM}/24"
    assert "first: ip tuntap add dev tap0 mode tap" in refused(f"run guest --tap tap0 {at}")
    assert "it is no tap device" in refused(f"run guest --tap em1 {at}")
    shell(BRIDGED)
    assert "300" in refused("run guest --tap tap0 --address 203.0.113.300/24")
    assert "ip route add default via 10.0.0.1: " in refused(f"run guest --tap tap0 {at} --gateway 10.0.0.1")
    shell(RUN)
    assert "another program has it" in refused(f"run other --tap tap0 {at}")
    assert "guest runs already" in refused(f"run guest --tap tap0 {at}")
    shell("vm stop guest")
    assert "no machine guest runs" in refused("stop guest")
    assert "no machine guest runs" in refused("exec guest true")
    for bad in ("run guest --tap tap0", f"run guest {at}", f"run ../guest --tap tap0 {at}", "dance", ""):
        refused(bad, 2)


@pytest.mark.kernel
def test_an_ordinary_users_machine(user: User) -> None:
    """/dev/net/tun is everybody's, as udev has it; where it is not, in a mount namespace it is."""
    open_to_all = "mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200; "
    if os.geteuid() != 0:
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            pytest.skip("/dev/net/tun is missing, or not for this user")
        open_to_all = ""
    before = ["unshare", "--mount"] if open_to_all else []
    start = [*before, "bash", "-c", f'{open_to_all}exec "$@"', "bash"]
    words = [user.python, "-m", "bridgekit", "sandbox", "--", "bash", "-c", f"{BRIDGED}{RUN}\n{TALK}"]
    done = subprocess.run(
        [*start, *user.command(*words)], env=user.environment(), cwd="/", capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.kernel
def test_a_tun_device_that_is_not_the_users(user: User) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can have a machine whose /dev/net/tun is not everybody's")
    closed = 'mount -t tmpfs tmpfs /dev/net && mknod -m 600 /dev/net/tun c 10 200; exec "$@"'
    words = [user.python, "-m", "bridgekit", "sandbox", "--", "vm", "run", "guest", "--tap", "em1", "--address", VM]
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", closed, "bash", *user.command(*words)],
        env=user.environment(),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == "vm: cannot open /dev/net/tun: Permission denied (the machine's root can: chmod 666 /dev/net/tun)\n"
    )
