"""Real DHCP: dnsmasq serves each client that Debian has, in guests of the throw-away host."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.names.dhcp import CLIENTS
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import DHCP, ON_DHCP, in_the_host, process, written
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


@in_the_host
def test_fault_6_7_8_9_10_11_three_guests_and_three_clients_at_once() -> None:
    """Each is granted a lease under the guest's name, stays and renews it, and tells the guest's own file alone."""
    join(*GUESTS)
    measure.name_guests()
    host, before = Path("/etc/resolv.conf").read_bytes(), measure.state()
    plans = {guest: dhcp(guest, client) for guest, client in GUESTS.items()}
    for plan in plans.values():
        up(plan)
    told = {guest: address(guest) for guest in GUESTS}
    assert len(set(told.values())) == 3, told
    for guest, client in GUESTS.items():
        lasting(guest, client)
    assert Path("/etc/resolv.conf").read_bytes() == host
    for guest, client in GUESTS.items():
        if client == "udhcpc":  # it renews after half its lease, a minute, unless it is told to
            shell("kill -USR1 $(pgrep -x udhcpc)")
        until(lambda guest=guest: granted(guest) > 1, f"{client} does not renew\n{LOG.read_text()}")
    assert {guest: address(guest) for guest in GUESTS} == told
    for guest, plan in plans.items():
        down(plan)
        assert f"DHCPRELEASE(br9) {told[guest].partition('/')[0]} " in LOG.read_text(), guest
        assert told[guest].partition("/")[0] not in LEASES.read_text(), "the server has it back"
        for other in list(plans)[list(plans).index(guest) + 1 :]:
            assert address(other) == told[other], "the others keep theirs"
    assert clients() == []
    measure.same(before, measure.state(), "by three runs, up and down")


def lasting(guest: str, client: str) -> None:
    """What a lease is, as long as it is there."""
    name = name_of(guest)
    assert re.fullmatch(r"10\.9\.0\.\d+/24", address(guest)), client
    assert re.match(r"default via 10\.9\.0\.1 dev eth1 proto dhcp", shell(f"ip -n {name} route").stdout), client
    assert f"client provides name: {name}\n" in LOG.read_text(), client
    lines = resolv_conf(guest).read_text().splitlines()
    assert {"nameserver 203.0.113.2", "search example.test"} <= set(lines), client
    folder = next(Path("/run").glob(f"bridgekit-dhcp.*{name}-eth1"))
    assert folder.stat().st_mode & 0o777 == 0o700
    if client == "dhclient":
        assert "fixed-address 10.9.0." in (folder / "leases").read_text()
    if client == "dhcpcd":
        assert list((folder / "lib").glob("eth1*.lease"))


@EACH
@in_the_host
def test_fault_8_two_guests_with_one_client(client: str) -> None:
    """Neither by the name of their interfaces nor by their files do they meet; undone in either order."""
    join("web", "db")
    first, second = dhcp("web", client), dhcp("db", client)
    up(first)
    up(second)
    told = address("db")
    assert len({told, address("web"), ""}) == 3
    down(first)
    assert trial.bash(written(second), "check").code == 0
    up(first)
    down(second)
    assert trial.bash(written(first), "check").code == 0
    down(first)
    assert clients() == []
    assert not list(Path("/run").glob("*dhcp*/"))


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
def test_what_a_server_says_is_no_code_and_its_routes_are_taken() -> None:
    said = (
        "--dhcp-option-force=option:domain-name,'a;touch /run/hacked' "
        "--dhcp-option-force=119,'*','$(touch /run/hacked)' "
        "--dhcp-option=option:classless-static-route,10.7.0.0/16,10.9.0.9,0.0.0.0/0,10.9.0.8"
    )
    join(*GUESTS, server=f"{DHCP} {said}")
    for guest, client in GUESTS.items():
        up(dhcp(guest, client))
        routes = shell(f"ip -n {name_of(guest)} route").stdout
        assert "default via 10.9.0.8 dev eth1 proto dhcp" in routes, client
        assert "10.7.0.0/16 via 10.9.0.9 dev eth1 proto dhcp" in routes, client
        assert resolv_conf(guest).read_text().split() == ["nameserver", "203.0.113.2"], client
    assert not Path("/run/hacked").exists()


@in_the_host
def test_a_default_route_of_the_guests_stays() -> None:
    join("web")
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes")
    plan = dhcp("web", "dhclient")
    up(plan)
    assert "default via 10.0.0.1 dev eth0" in shell("ip -n web route").stdout
    assert "default via 10.9" not in shell("ip -n web route").stdout
    down(plan)
    assert "default via 10.0.0.1 dev eth0" in shell("ip -n web route").stdout


@in_the_host
def test_two_interfaces_of_one_guest_are_undone_in_either_order() -> None:
    """Each told the guest other name servers; in the end it has its own lines again."""
    join("netns:red")
    other = f"{DHCP}; {ON_DHCP.format('two', 'red', 'eth2')}"
    changed = {"br9": "br8", "10.9.": "10.8.", "/run/dhcpd": "/run/other", "203.0.113.2": "203.0.113.3"}
    for here, there in changed.items():
        other = other.replace(here, there)
    shell(other)
    shell("mkdir -p /etc/netns/red; printf '# mine\\nnameserver 192.0.2.1\\n' >/etc/netns/red/resolv.conf")
    before = measure.state()
    one, two = dhcp("netns:red", "udhcpc"), recipes.dhcp("netns:red", interface="eth2", client="dhclient")
    for first, last in ((one, two), (two, one)):
        up(one)
        up(two)
        assert "nameserver 203.0.113.3" in resolv_conf("netns:red").read_text()
        down(first)
        down(last)
        measure.same(before, measure.state(), first.name)


@in_the_host
def test_where_run_holds_no_programs() -> None:
    """As on many hosts, where /run is mounted noexec: the client's script is one."""
    join("netns:red")
    shell("mount -o remount,bind,noexec /run")
    for client in CLIENTS:
        up(dhcp("netns:red", client))
        assert address("netns:red"), client
        down(dhcp("netns:red", client))


@in_the_host
def test_whichever_client_the_host_has() -> None:
    join("web")
    for hidden, client in ((), "udhcpc"), (("udhcpc", "busybox"), "dhclient"), (("dhclient",), "dhcpcd"):
        for program in hidden:
            shell(f"rm $(command -v {program})")
        plan = recipes.dhcp("web")
        up(plan)
        assert Path("/run/bridgekit-dhcp.web-eth1/client").read_text() == f"{client}\n"
        down(plan)
    shell("rm $(command -v dhcpcd)")
    before = measure.state()
    done = trial.bash(written(recipes.dhcp("web")))
    assert done.code == 3, done
    assert "apt-get install udhcpc, or isc-dhcp-client, or dhcpcd-base" in done.err
    measure.same(before, measure.state(), "without a client")


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
def test_pipeworks_words_for_it() -> None:
    """The interface comes with the lease and goes with it."""
    shell(DHCP)
    before = measure.state()
    for client in ("dhclient", "udhcpc-f", "dhcp:-x 0x3d:0100"):
        plan = recipes.pipework(["br9", "web", client, "U:web"])
        up(plan)
        assert re.fullmatch(r"10\.9\.0\.\d+/24", address("web")), client
        again = trial.bash(written(plan))
        assert again.code == 0, again
        down(plan)
        measure.same(before, measure.state(), client)
