"""Real DHCP: dnsmasq serves each client that Debian has, in guests of the throw-away host."""

from __future__ import annotations

import re
from pathlib import Path

from bridgekit import recipes
from bridgekit.names.dhcp import CLIENTS
from tests.kernel import measure, trial
from tests.kernel.cases import DHCP, ON_DHCP, in_the_host, written
from tests.kernel.leases import (
    EACH,
    GUESTS,
    LEASES,
    LOG,
    address,
    clients,
    dhcp,
    down,
    granted,
    join,
    name_of,
    resolv_conf,
    until,
    up,
)
from tests.kernel.world import shell


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
