"""The ownership law: what was there before survives a run and its undo, with its value and in its order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from bridgekit import lessons, recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import (
    DB,
    DIALECTS,
    GATEWAY,
    GUESTS,
    MAC,
    ON_BRIDGE,
    OUTSIDE,
    SUBNET,
    WEB,
    in_the_host,
    pid_of,
    written,
)
from tests.kernel.world import in_throwaway_host, shell

both_dialects = pytest.mark.parametrize("dialect", DIALECTS)
both_families = pytest.mark.parametrize("family", [4, 6])
# Either dialect and either family, not all four: what takes a step back is one text in both dialects.
pairs = pytest.mark.parametrize(("dialect", "family"), [("modern", 4), ("document", 6)])
crossed = pytest.mark.parametrize(("dialect", "family"), [("document", 4), ("modern", 6)])
OTHER = {4: "10.0.0.254/24", 6: "fd00:10::fe/64"}
TABLES = {4: "iptables -w", 6: "ip6tables -w"}
FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}
# What is there already, as lines of bash.
THERE = {
    "nothing on the bridge": "ip link add br666 type bridge",
    "the bridge, up": "ip link add br666 type bridge; ip link set br666 up",
    "another address": "ip link add br666 type bridge; ip link set br666 up; ip addr add {other} dev br666 nodad",
    "the same address": "ip link add br666 type bridge; ip link set br666 up; ip addr add {same} dev br666 nodad",
    "its port": "ip link add br666 type bridge; ip link set br666 up; "
    "ip link add tap0 mtu 1300 type veth peer name tap1; ip link set tap0 master br666 up",
    "a rule of ours": "{tables} -A FORWARD -i br666 ! -o br666 -j ACCEPT",
    "rules around ours": "{tables} -A FORWARD -i em9 -j DROP; {tables} -A FORWARD -i br666 -o br666 -j ACCEPT; "
    "{tables} -A FORWARD -o em9 -j DROP; {tables} -t nat -A POSTROUTING -s {subnet} -j ACCEPT; "
    "{tables} -P FORWARD DROP",
    "forwarding": "sysctl -qw {forwarding}=1",
    "no redirects": "sysctl -qw net.ipv4.conf.all.accept_redirects=0",
    "advertisements": "sysctl -qw net.ipv6.conf.em1.accept_ra=2",
    "lo up in the guest": "ip -n red link set lo up; ip -n red addr add 192.0.2.7/32 dev lo",
}


def plans(family: int) -> list[Plan]:
    return [
        recipes.bridge("br666", address=ON_BRIDGE[family]),
        recipes.attach("netns:red", WEB[family], gateway=GATEWAY[family], mac=MAC, mtu=1400),
        recipes.outbound(SUBNET[family]),
    ]


@crossed
@pytest.mark.parametrize("there", THERE)
@in_the_host
def test_what_was_there_survives(there: str, dialect: str, family: int) -> None:
    shell(
        THERE[there].format(
            other=OTHER[family],
            same=ON_BRIDGE[family],
            tables=TABLES[family],
            subnet=SUBNET[family],
            forwarding=FORWARDING[family],
        )
    )
    before = measure.state()
    for plan in plans(family):
        script = written(plan, dialect)
        up = trial.bash(script)
        if refused(there, plan, dialect, family):
            assert up.code == 3, up
            assert "ifconfig would replace" in up.err, up
            measure.same(before, measure.state(), f"refused {plan.name}")
            continue
        assert up.code == 0, up
        lost = [line for line in set(before) - set(measure.state()) if not ours_to_change(line)]
        assert not lost, (plan.name, lost)
        down = trial.bash(script, "down")
        assert down.code == 0, down
        measure.same(before, measure.state(), plan.name)


def refused(there: str, plan: Plan, dialect: str, family: int) -> bool:
    """`ifconfig` can only replace an address."""
    return dialect == "document" and family == 4 and there == "another address" and plan.recipe == "bridge"


def ours_to_change(line: str) -> bool:
    """Links go up, forwarding goes on; the journal and the parameters that follow it are not the user's."""
    return line.startswith("/proc/sys/") or " link " in line or "forward" in line or " sysctl " in line


@both_dialects
@in_the_host
def test_rules_keep_their_order_though_the_user_adds_more_meanwhile(dialect: str) -> None:
    shell("iptables -w -A FORWARD -i em8 -j DROP; iptables -w -t nat -A POSTROUTING -o em8 -j ACCEPT")
    script = written(recipes.outbound(SUBNET[4]), dialect)
    assert trial.bash(script).code == 0
    shell("iptables -w -A FORWARD -i em9 -j DROP; iptables -w -t nat -A POSTROUTING -o em9 -j ACCEPT")
    assert trial.bash(script).code == 0
    assert trial.bash(script, "down").code == 0
    rules = shell("iptables -w -S FORWARD; iptables -w -t nat -S POSTROUTING").stdout.splitlines()
    assert rules == [
        "-P FORWARD ACCEPT",
        "-A FORWARD -i em8 -j DROP",
        "-A FORWARD -i em9 -j DROP",
        "-P POSTROUTING ACCEPT",
        "-A POSTROUTING -o em8 -j ACCEPT",
        "-A POSTROUTING -o em9 -j ACCEPT",
    ]


@both_dialects
@in_the_host
def test_a_container_that_was_there_is_not_removed(dialect: str) -> None:
    """Nor one that was there and did not run: the step that would start it is refused."""
    script = written(lessons.docker_by_hand().without_probes(), dialect)
    shell("docker run -d --net=none --name 6414d7278905 ubuntu:14.04 sleep infinity")
    before = measure.state()
    up = trial.bash(script)
    assert up.code == 0, up
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "a container that ran")
    shell("docker stop 6414d7278905")
    before = measure.state()
    up = trial.bash(script)
    assert up.code in (1, 3), up
    measure.same(before, measure.state(), "a container that had stopped")


@in_the_host
def test_a_container_that_was_made_and_did_not_start_is_removed() -> None:
    plan = lessons.docker_by_hand().without_probes()
    before = measure.state()
    target = trial.commands(plan, "modern")[0]
    trial.prepare([target])
    result = trial.strike(written(plan), target, "fails-stopped")
    assert result.code == 1, result
    measure.same(before, measure.state(), "docker run made it, and failed")


def share(family: int) -> dict[str, Plan]:
    return {
        "bridge": recipes.bridge("br666", address=ON_BRIDGE[family]),
        "web": recipes.attach("web", WEB[family], gateway=GATEWAY[family]),
        "db": recipes.attach("db", DB[family], gateway=GATEWAY[family], handle="symlink"),
        "outbound": recipes.outbound(SUBNET[family]),
    }


@pairs
@in_throwaway_host(*GUESTS)
def test_runs_that_share_a_bridge_are_undone_in_every_order(dialect: str, family: int) -> None:
    plans = share(family)
    scripts = {name: written(plan, dialect) for name, plan in plans.items()}
    measure.name_guests()
    before = measure.state()
    orders = list(permutations(scripts))
    # Every order once: half of them in each dialect, and each with an order of making of its own.
    for number, order in enumerate(orders):
        if number % 2 == DIALECTS.index(dialect) and (number // 2) % 2 == (family == 6):
            undo_in_order(scripts, orders[-number], order, family)
            measure.same(before, measure.state(), f"made {orders[-number]}, undone {order}")


def undo_in_order(scripts: dict[str, Path], made: tuple[str, ...], order: tuple[str, ...], family: int) -> None:
    for name in made:
        up = trial.bash(scripts[name])
        assert up.code == 0, up
    in_force = set(scripts)
    works(in_force, family, (made, order))
    for name in order:
        down = trial.bash(scripts[name], "down")
        assert down.code == 0, down
        in_force.remove(name)
        works(in_force, family, (made, order, name))


def works(in_force: set[str], family: int, what: object) -> None:
    """Each guest reaches its gateway and the others; the outside too, while a run for it is in force."""
    guests = in_force & {"web", "db"}
    addresses = {"web": WEB[family], "db": DB[family]}
    wanted = [GATEWAY[family], *(addresses[name].split("/")[0] for name in guests)]
    if "outbound" in in_force:
        wanted.append(OUTSIDE[family])
    for guest in guests:
        inside = f"nsenter --net=/proc/{pid_of(guest)}/ns/net"
        # A bridge takes the lowest MAC of its ports; when that port goes, neighbours remember the old one for a while.
        shell(f"{inside} ip neigh flush all")
        for address in wanted:
            ping = shell(f"{inside} ping -c 1 -w 3 {address}", check=False)
            assert ping.returncode == 0, (guest, address, what, ping.stdout)


# What else it made goes along with these.
_UNDOING = (
    "ip link del dev veth_*",
    "umount /var/run/netns/web",
    "ip netns del web",
)


@both_dialects
@in_the_host
def test_a_killed_undo_leaves_what_others_need(dialect: str) -> None:
    """`kill -9` of `down` at each of its commands, then `down` again, while another run shares the bridge."""
    plans = share(4)
    web, db = written(plans["web"], dialect), written(plans["db"], dialect)
    measure.name_guests()
    before = measure.state()
    for how in ("killed-before", "killed-after", "TERM"):
        for command in _UNDOING:
            trial.prepare([command])
            assert trial.bash(web).code == 0
            assert trial.bash(db).code == 0
            trial.strike(web, command, how, "down")
            again = trial.bash(web, "down")
            assert again.code == 0, again
            works({"db"}, 4, (how, command))
            assert trial.bash(db, "down").code == 0
            measure.same(before, measure.state(), (how, command))


@pytest.mark.xfail(strict=True, reason="the kernel drops IPv6 addresses of a link that goes down")
@in_the_host
def test_the_ipv6_address_of_a_bridge_found_down_survives() -> None:
    shell(f"ip link add br666 type bridge; ip addr add {OTHER[6]} dev br666 nodad")
    before = measure.state()
    script = written(recipes.bridge("br666"))
    assert trial.bash(script).code == 0
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "a bridge found down")


@both_families
@in_the_host
def test_a_links_own_forwarding_survives(family: int) -> None:
    shell(f"sysctl -qw net.ipv{family}.conf.em1.forwarding=1")
    before = measure.state()
    script = written(recipes.outbound(SUBNET[family]))
    assert trial.bash(script).code == 0
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "a link's own forwarding")
