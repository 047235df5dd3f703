"""Guests of a throw-away host on a network with a DHCP server, and their clients."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.names.dhcp import CLIENTS
from bridgekit.plan import Plan
from tests.kernel import trial
from tests.kernel.cases import DHCP, ON_DHCP, process, written
from tests.kernel.world import shell

BRIDGE = DHCP.partition(" dnsmasq ")[0]  # the network without its server
# A guest of each kind, with another client, all by one name of interface.
GUESTS = {"web": "udhcpc", "netns:red": "dhclient", "podman:pod": "dhcpcd"}
WHERE = {"web": process("docker", "web"), "db": process("docker", "db"), "podman:pod": process("podman", "pod")}
EACH = pytest.mark.parametrize("client", CLIENTS)
LOG, LEASES = Path("/run/dhcpd.log"), Path("/run/dhcpd.leases")


def name_of(guest: str) -> str:
    return guest.rpartition(":")[2]


def join(*guests: str, server: str = DHCP) -> None:
    """A network with a server, and an eth1 on it for each of these guests."""
    shell(server)
    for guest in guests:
        shell(ON_DHCP.format(name_of(guest), WHERE.get(guest, name_of(guest)), "eth1"))


def dhcp(guest: str, client: str, timeout: int = 20) -> Plan:
    return recipes.dhcp(guest, client=client, timeout=timeout)


def up(plan: Plan) -> None:
    done = trial.bash(written(plan))
    assert done.code == 0, done


def down(plan: Plan) -> None:
    done = trial.bash(written(plan), "down")
    assert (done.code, done.err) == (0, ""), done


def until(so: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def clients() -> list[str]:
    """The DHCP clients of this host, and what waits for them."""
    kinds = "^([^ ]*/)?(busybox )?(udhcpc|dhclient|dhcpcd)[: ]|^(setsid|nsenter|unshare|bash) .*bridgekit-dhcp"
    return shell(f"pgrep -af '{kinds}'", check=False).stdout.splitlines()


def address(guest: str) -> str:
    """The guest's address on eth1, with its prefix; empty if it has none."""
    shown = shell(f"ip -n {name_of(guest)} -4 -o addr show dev eth1").stdout
    return "".join(re.findall(r" inet (\S+)", shown))


def resolv_conf(guest: str) -> Path:
    if guest.startswith("netns:"):
        return Path(f"/etc/netns/{name_of(guest)}/resolv.conf")
    engine = "podman" if guest.startswith("podman:") else "docker"
    return Path(shell(f"{engine} inspect -f '{{{{.ResolvConfPath}}}}' {name_of(guest)}").stdout.strip())


def granted(guest: str) -> int:
    """How often the server gave this guest a lease, or renewed it."""
    return len(re.findall(rf"DHCPACK\(br9\) \S+ \S+ {name_of(guest)}\n", LOG.read_text()))
