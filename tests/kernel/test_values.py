"""Old values, identity and the three answers: what undo knows of what it takes back."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from bridgekit import recipes, render
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import in_the_host, written
from tests.kernel.world import shell

STATE = Path("/run/bridgekit")
OTHER_PATH = "PATH=/run/other:/usr/sbin:/usr/bin:/sbin:/bin"
# An iptables that keeps its rules elsewhere, and says of each that it is not there.
LEGACY = r"""
mkdir /run/other
printf '#!/bin/sh\n[ "$*" != -V ] || { echo "iptables v1.8.9 (legacy)"; exit; }\nexit 1\n' >/run/other/iptables
chmod 755 /run/other/iptables
"""


def named(plan: Plan, name: str) -> Path:
    """The plan's script, as a run of this name."""
    path = written(plan)
    own = path.with_name(f"{name}.sh")
    own.write_text(path.read_text().replace(f"NAME={plan.name} ", f"NAME={name} ", 1))
    return own


def in_style(plan: Plan, style: str) -> Path:
    """The plan's script in a style."""
    path = written(plan)
    path.write_text(render.text(plan, style))
    return path


def up(script: Path) -> None:
    result = trial.bash(script)
    assert result.code == 0, result


def down(script: Path) -> None:
    result = trial.bash(script, "down")
    assert result.code == 0, result


VALUES = {
    "forwarding": lambda: [recipes.forwarding(state) for state in ("on", "off", "on")],
    "forwarding-6": lambda: [recipes.forwarding(state, ipv6=True) for state in ("on", "off", "on")],
    "dns": lambda: [
        recipes.dns("netns:red", hostname=f"app{each}", dns=[f"203.0.113.{each}"], search=[f"{each}.test"])
        for each in (2, 3, 4)
    ],
    "dns-of-a-container": lambda: [
        recipes.dns("web", hostname=f"app{each}", dns=[f"203.0.113.{each}"]) for each in (2, 3, 4)
    ],
}


@pytest.mark.parametrize("first", ["0", "1"])
@pytest.mark.parametrize("kind", VALUES)
@in_the_host
def test_values_come_back_in_any_order(kind: str, first: str) -> None:
    shell(f"sysctl -qw net.ipv4.ip_forward={first} net.ipv6.conf.all.forwarding={first}")
    before = measure.state()
    scripts = [named(plan, f"{plan.name}-{number}") for number, plan in enumerate(VALUES[kind]())]
    for order in permutations(scripts):
        for script in scripts:
            up(script)
        for script in order:
            down(script)
        measure.same(before, measure.state(), [script.name for script in order])


@pytest.mark.parametrize("how", ["killed-before", "killed-after"])
@in_the_host
def test_values_come_back_also_where_a_run_between_was_killed(how: str) -> None:
    """Whether it came to set its value, only the next run can see; the last one may set it as well."""
    before = measure.state()
    runs = [named(recipes.forwarding(state), f"{number}-{state}") for number, state in enumerate(("on", "off", "on"))]
    target = next(each for each in trial.commands(recipes.forwarding("off"), "modern") if each)
    trial.prepare([target])
    for order in permutations(runs):
        up(runs[0])
        trial.strike(runs[1], target, how)
        up(runs[2])
        for script in order:
            down(script)
        measure.same(before, measure.state(), [script.name for script in order])


@in_the_host
def test_what_another_runs_tables_cannot_tell_stays_a_killed_runs_own() -> None:
    """The rules of iptables-nft cannot be asked for by iptables-legacy, which says of each that it is not there."""
    before = measure.state()
    killed, other = written(recipes.outbound("10.0.0.0/24")), written(recipes.bridge("br7"))
    targets = [each for each in trial.commands(recipes.outbound("10.0.0.0/24"), "modern") if each]
    trial.prepare(targets)
    trial.strike(killed, targets[-1], "killed-after")
    shell(LEGACY)
    assert trial.ended(trial.start("env", OTHER_PATH, "bash", str(other))).code == 0
    shell("rm -r /run/other")
    down(other)
    down(killed)
    measure.same(before, measure.state())


@in_the_host
def test_a_name_given_to_another_namespace_is_not_deleted() -> None:
    script = written(recipes.attach("web", "10.0.0.2/24"))
    up(script)
    shell("umount /run/netns/web; ip netns del web; ip netns add web; ip -n web link add mine type bridge")
    down(script)
    assert "mine" in shell("ip -n web link show dev mine").stdout


@pytest.mark.parametrize("name", ["br666", "veth_84aa61e"])
@in_the_host
def test_a_link_of_the_same_name_made_by_others_stays(name: str) -> None:
    script = written(recipes.attach("web", "10.0.0.2/24"))
    up(script)
    kind = shell(f"ip -j -d link show dev {name} | jq -r '.[0].linkinfo.info_kind'").stdout.strip()
    shell(f"ip link del dev {name}; ip link add name {name} type {kind}")
    down(script)
    assert name in shell(f"ip link show dev {name}").stdout


@in_the_host
def test_a_link_that_others_made_since_a_run_was_killed_stays() -> None:
    plan = recipes.attach("web", "10.0.0.2/24")
    script, target = written(plan), [each for each in trial.commands(plan, "modern") if each][-1]
    trial.prepare([target])
    trial.strike(script, target, "killed-after")
    shell("ip link del dev br666; ip link add name br666 type bridge")
    down(script)
    assert "br666" in shell("ip link show dev br666").stdout


@in_the_host
def test_a_link_with_a_name_like_ours_hides_nothing() -> None:
    script = written(recipes.mesh("br666", "10.0.0.0/24", count=2))
    shell("ip link add name br666@x type bridge")
    before = measure.state()
    up(script)
    down(script)
    measure.same(before, measure.state())
    up(script)
    shell("ip link add name br666@y type bridge")
    down(script)
    shell("ip link del dev br666@y")
    measure.same(before, measure.state())


@in_the_host
def test_what_a_killed_run_had_only_noted_is_not_its_own() -> None:
    """Style batch notes its ways back before it does all at once.  The next run of any name sees what was not done."""
    batch = in_style(recipes.mesh("br666", "10.0.0.0/24", count=2), "batch")
    trial.prepare(["ip -batch -"])
    trial.strike(batch, "ip -batch -", "killed-before")
    up(written(recipes.bridge("br7")))
    shell("ip netns add br666-1")
    down(batch)
    assert shell("ip netns list; ip -br link show type bridge").stdout.count("br666") == 1


@in_the_host
def test_a_macvlan_of_the_same_name_made_by_others_stays() -> None:
    script = written(recipes.macvlan("netns:red", "203.0.113.7/24", parent="em1"))
    up(script)
    shell("ip -n red link del eth0; ip link add name own link em1 type macvlan mode bridge; ip link set own netns red")
    shell("ip -n red link set own name eth0")
    down(script)
    assert "eth0" in shell("ip -n red link show dev eth0").stdout


@in_the_host
def test_an_address_of_others_in_the_same_subnet_stays() -> None:
    shell("ip link add br666 type bridge")
    script = written(recipes.bridge("br666", address="10.0.0.1/24"))
    up(script)
    shell("ip addr add 10.0.0.9/24 dev br666")
    down(script)
    assert "10.0.0.9/24" in shell("ip addr show dev br666").stdout
    assert "10.0.0.1/24" not in shell("ip addr show dev br666").stdout


@in_the_host
def test_a_card_that_came_back_bare_gets_what_it_had() -> None:
    before = [line for line in measure.state() if " em1" in line]
    script = written(recipes.vm("tap0"))
    up(script)
    shell("ip link del br0")
    down(script)
    measure.same(before, [line for line in measure.state() if " em1" in line], "the bridge was deleted")


@in_the_host
def test_tables_that_are_others_now_keep_the_lines() -> None:
    script = written(recipes.outbound("10.0.0.0/24"))
    before = measure.state()
    up(script)
    [journal] = STATE.iterdir()
    lines = journal.read_text().count("\nundo\t")
    shell(LEGACY)
    result = trial.ended(trial.start("env", OTHER_PATH, "bash", str(script), "down"))
    assert result.code == 1, result
    assert "could not take back" in result.err, result
    assert 0 < journal.read_text().count("\nundo\t") < lines
    down(script)
    shell("rm -r /run/other")
    measure.same(before, measure.state(), "the tables are back")


@pytest.mark.parametrize("body", ["echo 'no luck' >&2; exit 1", "exit 1", "exit 127"])
@in_the_host
def test_what_could_not_be_asked_keeps_its_line(body: str) -> None:
    script = written(recipes.bridge("br666", address="10.0.0.1/24"))
    before = measure.state()
    up(script)
    shell(f"mkdir /run/other; printf '#!/bin/sh\\n%s\\n' \"{body}\" >/run/other/ip; chmod 755 /run/other/ip")
    result = trial.ended(trial.start("env", OTHER_PATH, "bash", str(script), "down"))
    assert result.code == 1, result
    assert list(STATE.iterdir()), result
    down(script)
    shell("rm -r /run/other")
    measure.same(before, measure.state(), "ip is back")


@in_the_host
def test_the_journal_of_another_namespace_is_refused() -> None:
    script = written(recipes.bridge("br666", address="10.0.0.1/24"))
    up(script)
    kept = next(STATE.iterdir()).read_text()
    for words in ("down", "check", "up"):
        result = trial.ended(trial.start("nsenter", "--net=/run/netns/red", "bash", str(script), words))
        assert result.code == 3, result
    assert next(STATE.iterdir()).read_text() == kept
    down(script)


@pytest.mark.parametrize("damage", ["truncate -s -9 {}", "sed -i 1d {}", "sed -i '1s/.*/star/' {}", "sed -i '$d' {}"])
@in_the_host
def test_a_damaged_journal_still_undoes(damage: str) -> None:
    before = measure.state()
    script = written(recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1"))
    up(script)
    shell(damage.format(next(STATE.iterdir())))
    down(script)
    measure.same(before, measure.state(), damage)


@in_the_host
def test_a_full_run_loses_no_line() -> None:
    before = measure.state()
    script = written(recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1"))
    shell("mkdir -m 700 /run/bridgekit; mount -t tmpfs -o size=64k,mode=700 none /run/bridgekit")
    up(script)
    lines = next(STATE.iterdir()).read_text().count("\nundo\t")
    with next(STATE.iterdir()).open("a") as journal:
        journal.write("#" * (4095 - journal.tell() % 4096) + "\n")
    shell("umount /run/netns/web; ip netns del web; cat /dev/zero >/run/bridgekit/.fill", check=False)
    again = trial.bash(script)
    assert again.code == 3, again  # its first line could not be written, so nothing was touched
    assert "no room is left in /run/bridgekit" in again.err, again
    assert next(path for path in STATE.iterdir() if path.name[0] != ".").read_text().count("\nundo\t") == lines
    shell("rm /run/bridgekit/.fill")
    result = trial.bash(script, "down")
    assert result.code == 0, result
    shell("umount /run/bridgekit; rmdir /run/bridgekit")
    measure.same(before, measure.state(), "a full /run")


@pytest.mark.parametrize("state", ["ln -s /run/elsewhere {}", "mkdir -m 755 {}", "touch {}"])
@in_the_host
def test_a_state_that_is_not_roots_own_is_refused(state: str) -> None:
    shell(f"mkdir -m 700 /run/elsewhere; {state.format(STATE)}", check=False)
    result = trial.bash(written(recipes.bridge("br666")))
    assert result.code == 3, result
    assert not list(Path("/run/elsewhere").iterdir())
