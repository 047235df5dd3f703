"""Two plans in one, on a real kernel: up, twice, check, down."""

from __future__ import annotations

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import DIALECTS, GATEWAY, WEB, in_the_host, written
from tests.kernel.world import shell

OTHER = {4: "10.0.0.3/24", 6: "fd00:10::3/64"}


@pytest.mark.parametrize("other", ["podman:pod", "netns:red"])
@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("dialect", DIALECTS)
@in_the_host
def test_two_attaches_in_one_plan(dialect: str, family: int, other: str) -> None:
    parts = (
        recipes.attach(guest, address, gateway=GATEWAY[family])
        for guest, address in (("web", WEB[family]), (other, OTHER[family]))
    )
    script = written(Plan.joined("both", *parts), dialect)
    measure.name_guests()
    before = measure.state()
    first = trial.bash(script)
    assert first.code == 0, first
    inside = "/run/netns/red" if other == "netns:red" else "/run/netns/pod"
    shell(f"nsenter --net={inside} ping -c 1 -W 2 {WEB[family].partition('/')[0]}")
    up = measure.state()
    second = trial.bash(script)
    assert second.code == 0, second
    assert set(second.words) == {"ok", "same"}, second
    assert [word for word in second.words if word == "ok"] == ["ok"] * (2 if other == "podman:pod" else 1), second
    measure.same(up, measure.state(), "by a second up")
    check = trial.bash(script, "check")
    assert check.code == 0, check
    down = trial.bash(script, "down")
    assert down.code == 0, down
    measure.same(before, measure.state(), "by up, up and down")


@in_the_host
def test_each_guest_can_be_another_from_outside() -> None:
    plan = Plan.joined("both", recipes.attach("x", WEB[4]), recipes.attach("y", OTHER[4]))
    script = written(plan)
    before = measure.state()
    done = trial.ended(trial.start("bash", str(script), environment={"GUEST": "web", "GUEST_2": "db"}))
    assert done.code == 0, done
    for guest, name in (("web", "x"), ("db", "y")):
        shell(f"[ /proc/$(docker inspect -f '{{{{.State.Pid}}}}' {guest})/ns/net -ef /run/netns/{name} ]")
    assert trial.bash(script, "down").code == 0
    measure.same(before, measure.state(), "by up and down")
