"""Style batch on a real kernel: the same network, the same undo, whatever happens to one of its processes."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bridgekit import recipes, render
from bridgekit.lab import building
from bridgekit.lab.loading import load
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import CASES, SETTING, in_a_host, in_the_host
from tests.kernel.world import shell

TOGETHER = "together one_by_one_"
# What is there again and asked for again; that both build the same, of every case: test_pipes.
OF_LINES = ("attach-bind-4", "attach-netns-6", "mesh-4", "p2p-4", "vrf-6", "leak-4", "publish")
HOST, INSIDE, RULES = "ip -batch -", "ip -n br666-2 -batch -", "iptables-restore -w --noflush"

FEW = Path(__file__).resolve().parents[1] / "cases/lab/few.yaml"
PORT = "veth_6af117b"  # of a
# What makes that more and more of a lab is no longer so.
BROKEN = (
    "ip -n few-a link set lo down; ip -n few-b addr add 10.10.0.2/25 dev eth0;"
    "ip -n few-b addr del 10.10.0.2/24 dev eth0;"
    "ip -n few-a route del default; ip -n few-a route add default via 10.9.0.3; ip -n few-b -6 route del fd09::/64;"
    "ip -n few-b -6 route add fd09::/64 via fd10::3; iptables -t nat -D POSTROUTING 2; iptables -t raw -F",
    f"bridge link set dev {PORT} hairpin off; ip -n few-r link set far down; ip link set {PORT} mtu 1390",
    f"bridge link set dev {PORT} isolated off; ip link set {PORT} down;"
    "ip -n few-a link set eth0 address 02:42:00:00:00:07",
    # Namesakes of both ends of a pair have what was said of these; then one's name is as another with a peer is shown.
    "ip -n few-b link del eth0; ip -n few-b link add eth0 up type veth peer name other;"
    "ip -n few-r link add far up type veth peer name other",
    "ip -n few-r link del far; ip -n few-r link add far@if2 up type bridge",
    "ip link set few-sw down; ip link set few-sw name few-no",
)


def mesh() -> Plan:
    """Three new namespaces on one bridge, more than line by line is worth."""
    return recipes.mesh("br666", "10.0.0.0/24", count=3)


def written(plan: Plan, style: str = "batch", dialect: str = "modern") -> Path:
    """The plan in a style, in a file of this host."""
    path = Path("/run", f"{plan.name}-{style}.sh")
    path.write_text(render.text(plan, style, dialect))
    return path


@pytest.mark.parametrize("case", OF_LINES)
@in_a_host
def test_both_styles_build_the_same_and_undo_it(case: str) -> None:
    shell(SETTING.get(case, ""))
    plan = CASES[case]().without_probes()
    assert TOGETHER in render.text(plan, "batch")
    script, batch = written(plan, "script"), written(plan)
    measure.name_guests()
    before = measure.state()
    done = trial.bash(script)
    assert done.code == 0, done
    built = measure.network()
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "script style")
    done = trial.bash(batch)
    assert done.code == 0, done
    measure.same(built, measure.network(), f"built by batch\n{done}")
    again = trial.bash(batch)
    assert again.code == 0, again
    changing = [word for word, command in zip(again.words, trial.commands(plan, "modern"), strict=True) if command]
    assert set(changing) == {"same"}, again
    check = trial.bash(batch, "check")
    assert check.code == 0, check
    measure.same(built, measure.network(), "by a second up and a check")
    down = trial.bash(batch, "down")
    assert (down.code, down.err) == (0, ""), down
    measure.same(before, measure.state(), "batch style")


@pytest.mark.parametrize("target", [HOST, INSIDE, RULES])
@in_the_host
def test_undo_restores_whatever_happens_to_a_process(target: str) -> None:
    script = written(mesh())
    trial.prepare([target])
    measure.name_guests()
    before = measure.state()
    for how in (*trial.FAILURES, "TERM", "ctrl-c", *trial.KILLS):
        result = trial.strike(script, target, how)
        if how not in trial.KILLS:
            # It said that it failed, and had not: each step was asked.  Or it failed beside others: it is done again.
            if how == "fails-late" or (how, target) == ("fails", INSIDE):
                assert result.code == 0, result
                assert trial.bash(script, "down").code == 0
            else:
                assert result.code == 1, result
                assert "rolled back" in result.err, result
        elif how == "all-killed-after":
            again = trial.bash(script)
            assert again.code == 0, again
            assert trial.bash(script, "down").code == 0
        else:
            down = trial.bash(script, "down")
            assert down.code == 0, down
        trial.landed()
        measure.same(before, measure.state(), f"{target} {how}\n{result}")


@pytest.mark.parametrize("target", [RULES, HOST])
@in_the_host
def test_an_undo_that_is_struck_is_finished_by_another(target: str) -> None:
    script = written(mesh())
    trial.prepare([target])
    measure.name_guests()
    before = measure.state()
    for how in (*trial.FAILURES, *trial.KILLS):
        assert trial.bash(script).code == 0
        result = trial.strike(script, target, how, "down") if how in trial.KILLS else _struck_down(script, target, how)
        assert result.code in (0, -signal.SIGKILL), result
        if result.code:
            down = trial.bash(script, "down")
            assert down.code == 0, down
        trial.landed()
        measure.same(before, measure.state(), f"{target} {how}\n{result}")


def _struck_down(script: Path, target: str, how: str) -> trial.Ended:
    """What fails at once goes line by line."""
    result = trial.strike(script, target, how, "down")
    assert (result.code, result.err) == (0, ""), result
    return result


@in_the_host
def test_a_failing_line_is_named_with_its_step_and_all_is_taken_back() -> None:
    plan = mesh()
    script = written(plan)
    text = script.read_text()
    measure.name_guests()
    before = measure.state()
    for line, told in (
        ("addr add 10.0.0.2/24 brd + dev eth0   #", "ip -n br666-2 addr add 10.0.0.2/24 brd + dev eth0"),
        ("-A FORWARD -i br666 -o br666 -j ACCEPT", "iptables -w -A FORWARD -i br666 -o br666 -j ACCEPT"),
        ("netns add br666-3   #", "ip netns add br666-3"),
    ):
        broken = line.replace("eth0 ", "none ").replace("ACCEPT", "NOWHERE").replace("netns add", "netns nonsense")
        head, mark, tail = text.rpartition(f"\n{line}")
        script.write_text(f"{head}\n{broken}{tail}")
        result = trial.bash(script)
        assert result.code == 1, result
        assert result.err.startswith("FAILED "), result
        assert f"\n  {told}\n" in result.err, result
        measure.same(before, measure.state(), f"{mark}{result}")


@in_the_host
def test_many_steps_fit_onto_a_small_stack() -> None:
    """Bash goes as deep into its stack as a function has commands: 4500 steps of one were more than 8 MB hold."""
    script = written(recipes.mesh("br666", "10.0.0.0/16", count=100).without_probes())
    before = measure.state()
    shell(f"ulimit -s 1024; bash {script} && bash {script} down")
    measure.same(before, measure.state(), "a small stack")


@in_the_host
def test_what_is_there_already_stays_and_the_rest_goes_one_by_one() -> None:
    shell("ip netns add br666-2; ip netns exec br666-2 sysctl -qw net.ipv4.ip_forward=1")
    script = written(mesh())
    measure.name_guests()
    before = measure.state()
    up = trial.bash(script)
    assert up.code == 0, up
    assert [line.split()[1] for line in up.out.splitlines() if line.startswith("same")], up
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "there before")


@in_the_host
def test_a_name_that_leads_elsewhere_by_now_is_left_alone() -> None:
    script = written(mesh())
    assert trial.bash(script).code == 0
    shell("ip netns del br666-1; ip netns add br666-1; ip link del br666; ip link add name br666 type bridge")
    down = trial.bash(script, "down")
    assert down.code == 0, down
    left = shell("ip netns list; ip -o link show").stdout
    assert ["br666-1" in left, "br666:" in left, "br666-2" in left, "veth_" in left] == [True, True, False, False], left


@in_the_host
def test_a_list_answers_as_each_question_does() -> None:
    """A lab of a thousand guests was asked eleven thousand questions, each by a process, when it came up again."""
    asked, told = Path("/run/asked"), Path("/run/told")
    asked.mkdir()
    for program in ("ip", "iptables", "bridge"):
        (asked / program).write_text(f'#!/bin/sh\necho "$*" >>{told}\nPATH=${{PATH#*:}} exec {program} "$@"\n')
        (asked / program).chmod(0o755)
    plan = building.plan(load(str(FEW)), str(FEW))
    script, batch = written(plan, "script"), written(plan)
    shell(f"bash {batch}")
    told.write_text("")
    again = shell(f"PATH={asked}:$PATH bash {batch}").stdout
    assert {line.split()[0] for line in again.splitlines()} == {"same"}, again
    lone = [line for line in told.read_text().splitlines() if " -C " in line or " show dev " in line]
    assert len(lone) <= 10, lone  # of 53 steps: those in no group, and old values of what has them
    before = ""
    for broken in ("", *BROKEN):
        shell(broken)
        each, listed = trial.bash(script, "check"), trial.bash(batch, "check")
        assert str(listed) == str(each) != before, broken
        before = str(each)
