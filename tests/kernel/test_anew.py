"""A run is done anew: where its guest is another than before, or is the same; all is there again, and undo restores."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgekit import journal, render, upkeep
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import CASES, SETTING, in_a_host, written
from tests.kernel.world import in_throwaway_host, shell

# What they stand on was made by nobody's run there, or the engine writes it anew: it would not come again as it was.
NOT_RESTARTED = {
    "lesson",
    "dns-docker",
    "publish",
    "publish-local",
    "publish-network",
    "link",
    "wire",
    "wire-old",
    "attach-pid-4",
    "attach-whole-4",
    "attach-whole-6",
    "route-add-4",
    "route-replace-6",
    "tc-add",
}
TWICE = ("attach-bind-4", "macvlan-4", "p2p-4")


@pytest.mark.parametrize(
    "case", [pytest.param(each, marks=pytest.mark.quick if each in TWICE else ()) for each in list(CASES)[::3]]
)
@in_a_host
def test_all_is_there_again_and_undo_restores(case: str) -> None:
    shell(SETTING.get(case, ""))
    plan = CASES[case]()
    measure.name_guests()
    before = measure.state()
    assert trial.bash(written(plan)).code == 0
    up, journals = measure.network(), journal.runs()
    for _ in range(3 if case in TWICE else 1):
        if case not in NOT_RESTARTED:
            _restart(plan)
        shell(f"bridgekit repair --anew {plan.name}; bridgekit check {plan.name}")
        measure.same(up, measure.network(), "by anew")
    (run,) = journal.runs()
    assert len(run.undoing) <= len(journals[0].undoing), "the journal grows"
    assert (run.finished, run.away, run.plan) == (True, False, journals[0].plan)
    shell(f"bridgekit undo {plan.name}")
    measure.same(before, measure.state(), "by up, anew and undo")


def _restart(plan: Plan) -> None:
    """Start its containers anew; the names by which their namespaces are measured lead to the new ones."""
    for guest in upkeep.guests_of(plan):
        if guest.kind in ("docker", "podman"):
            shell(f"{guest.kind} restart -t 0 {guest.name}")
    shell("for each in /run/netns/zz-*; do ip netns del ${each##*/}; done")
    measure.name_guests()


@pytest.mark.parametrize(
    ("case", "how"),
    [
        *(("attach-bind-4", how) for how in ("fails", "all-killed-after")),
        ("macvlan-4", "killed-before"),
    ],
)
@in_a_host
def test_whatever_happened_at_any_step_it_can_be_done_anew(case: str, how: str) -> None:
    plan = CASES[case]()
    measure.name_guests()
    before, targets = measure.state(), trial.commands(plan, "modern")
    assert trial.bash(written(plan)).code == 0
    up, anew = measure.network(), Path("/run/anew.sh")
    anew.write_text(str(render.anew(plan, typed=" --stay", ended=["web"])))
    words = trial.bash(anew).words
    measure.same(up, measure.network())
    back = ["ip link del dev *", "umount /var/run/netns/web", "ip netns del web"]
    trial.prepare([*targets, *back])
    steps = [(number, target) for number, target in enumerate(targets) if target and words[number] != "same"]
    struck = 0
    first = how == "all-killed-after"  # of the same case every other step in one way, those between in the other
    for number, target in [*((0, each) for each in back), *steps[first::2]]:
        if target == "ip link del dev *" and case == "macvlan-4":
            continue
        result = trial.strike(anew, target, how, reported=number)
        assert (result.code in (0, 1)) == (how not in trial.KILLS), result
        (run,) = journal.runs()
        assert run.stays, "forgotten"
        shell(f"bridgekit repair --anew {plan.name}; bridgekit check")
        measure.same(up, measure.network(), f"{target} {how}\n{result}")
        struck += 1
    assert struck > 6
    shell("bridgekit undo --all; rm /run/anew.sh")
    measure.same(before, measure.state())


_ANEW = ": >/run/heard; bridgekit repair --anew attach-web-eth0"
# Something to hear of: once it was, all before it was heard of, too.
_MARK = (
    "until grep -q 192.0.2.99 /run/heard; do ip addr add 192.0.2.99/32 dev lo; ip addr del 192.0.2.99/32 dev lo; done"
)


@pytest.mark.parametrize("order", ["attach-web-eth0 attach-db-eth0", "attach-db-eth0 attach-web-eth0"])
@in_throwaway_host("web", "db")
def test_what_others_use_stays(order: str) -> None:
    """The bridge, and the gateway's address on it, which another run would not give it; and what stands on the run."""
    before = measure.network()
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; bridgekit attach db 10.0.0.3/24 --yes")
    shell("bridgekit publish web 8080:80 --yes")
    up = measure.network()
    bridge = shell("ip -o link show dev br666").stdout
    for _ in range(2):
        shell("docker restart -t 0 web")
        heard = shell(f"ip -o monitor address >/run/heard & {_MARK}; {_ANEW}; {_MARK}; kill $!; cat /run/heard").stdout
        assert not [line for line in heard.splitlines() if "Deleted" in line and "10.0.0.1/24" in line]
        shell("bridgekit check; rm /run/heard")
        measure.same(up, measure.network())
    assert shell("ip -o link show dev br666").stdout == bridge, "it is another bridge"
    assert "10.0.0.1/24" in shell("ip addr show dev br666; docker exec web ping -c 1 -W 2 10.0.0.1").stdout
    said = shell("bridgekit undo attach-web-eth0", check=False).stderr
    assert "publish-web-8080-80" in said, "nobody stands on it any more"
    shell(f"bridgekit undo publish-web-8080-80; for run in {order}; do bridgekit undo $run; done")
    measure.same(before, measure.network())


@in_throwaway_host("web")
def test_two_runs_of_one_guest_and_one_that_cannot_come() -> None:
    before = measure.network()
    shell(
        "bridgekit attach web 10.0.0.2/24 --yes; bridgekit attach web 10.7.0.2/24 --interface eth1 --bridge br7 --yes"
    )
    up = measure.network()
    shell("docker restart -t 0 web; bridgekit repair --anew attach-web-eth1 attach-web-eth0; bridgekit check")
    measure.same(up, measure.network())
    shell("docker stop web")
    assert shell("bridgekit repair --anew attach-web-eth0", check=False).returncode == 3
    assert "waits to be done again" in shell("bridgekit runs").stdout
    shell("docker start web; bridgekit repair --anew attach-web-eth0 attach-web-eth1; bridgekit check")
    measure.same(up, measure.network())
    shell("bridgekit undo --all")
    measure.same(before, measure.network())


@in_throwaway_host("web")
def test_the_same_command_after_a_restart_names_the_run_that_is_stale() -> None:
    """It has what the guest would get, for a namespace in which nobody is any more."""
    words = "bridgekit attach web 10.0.0.2/24 --yes"
    shell(f"{words}; docker restart -t 0 web")
    said = shell(words, check=False)
    hint = "the run attach-web-eth0 is of an earlier start of its guest: bridgekit repair --anew attach-web-eth0"
    assert (said.returncode, hint in said.stderr) == (3, True), said
    shell("bridgekit repair --anew attach-web-eth0; bridgekit check")
    other = shell("ip netns add red; bridgekit attach netns:red 10.0.0.3/24 --veth veth_84aa61e --yes", check=False)
    assert "the run attach-web-eth0 has it: bridgekit undo attach-web-eth0" in other.stderr, other
