"""The law of all orders: runs of different recipes on one host, undone in any order, whatever happened meanwhile."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import in_the_host, written
from tests.kernel.world import shell

RUNS: dict[str, Callable[[], Plan]] = {
    "bridge": lambda: recipes.bridge("br666", address="10.0.0.1/24"),
    "attach": lambda: recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1"),
    "attach-red": lambda: recipes.attach("netns:red", "10.0.0.3/24", gateway="10.0.0.1"),
    "outbound": lambda: recipes.outbound("10.0.0.0/24"),
    "forwarding-on": lambda: recipes.forwarding("on"),
    "forwarding-off": lambda: recipes.forwarding("off"),
    "p2p": lambda: recipes.p2p("web", "10.1.1.1", "podman:pod", "10.1.1.2"),
    "publish": lambda: recipes.publish("web", ["8080:80"]),
    "dns": lambda: recipes.dns("netns:red", hostname="app", dns=["203.0.113.2"]),
    "docker0": lambda: recipes.docker0(),
    "wire": lambda: recipes.wire("db"),
    "leak": lambda: recipes.leak("red", "blue", "192.168.9.0/24"),
}
# What others do meanwhile, and what they do to end it.
INTERFERENCE = {
    "": "",
    "rules flushed": "iptables -w -F; iptables -w -t nat -F",
    "bridge gone": "ip link del dev br666",
    "name gone": "umount /run/netns/web && ip netns del web",
    "link gone": "ip link del dev veth_84aa61e",
}
SETS = int(os.environ.get("BRIDGEKIT_ORDERS", "30"))
BATCH = 5
STATE = Path("/run/bridgekit")
PAIRS = list(combinations(RUNS, 2))


def start(name: str, kill: str = "") -> Path | None:
    """Do a run, or begin it and have it killed; a host that is not ready for it refuses."""
    plan = RUNS[name]().without_probes()
    script = written(plan)
    if kill:
        targets = [target for target in trial.commands(plan, "modern") if target]
        trial.prepare(targets)
        (trial.FOLDER / "fired").unlink(missing_ok=True)
        (trial.FOLDER / "armed").write_text(f"killed-{kill}\n{random.choice(targets)}\n0\n")
    ended = trial.bash(script)
    (trial.FOLDER / "armed").unlink(missing_ok=True)
    assert ended.code in (0, 1, 3, -9), ended
    return script if (STATE / plan.name).exists() else None


def undo_all(scripts: list[Path], told: object) -> None:
    """Undo these in this order; those that are refused touch nothing, name others, and go later."""
    while scripts:
        left = []
        for script in scripts:
            before = measure.state()
            ended = trial.bash(script, "down")
            if ended.code == 3:
                assert "undo these first: " in ended.err, (told, ended)
                measure.same(before, measure.state(), (told, script.name, ended))
                left.append(script)
            else:
                assert ended.code == 0, (told, script.name, ended)
        assert len(left) < len(scripts), (told, [script.name for script in left])
        scripts = left


def host() -> tuple[str, ...]:
    return tuple(line for line in measure.state() if not line.startswith("journal"))


@pytest.mark.parametrize("first", RUNS)
@in_the_host
def test_every_pair(first: str) -> None:
    shell("ip netns add blue; ip -n red link set lo up; ip link set lo up")
    before = measure.state()
    for one, other in PAIRS:
        if one != first:
            continue
        for turned in (False, True):
            scripts = [script for script in (start(one), start(other)) if script]
            undo_all(scripts[::-1] if turned else scripts, (one, other, turned))
            measure.same(before, measure.state(), (one, other, turned))


@pytest.mark.parametrize("batch", range((SETS + BATCH - 1) // BATCH))
@in_the_host
def test_random_sets(batch: int) -> None:
    shell("ip netns add blue; ip -n red link set lo up")
    before = measure.state()
    for number in range(batch * BATCH, min(SETS, (batch + 1) * BATCH)):
        random.seed(number)
        names = random.sample(list(RUNS), random.randint(2, 6))
        killed = random.choice(names) if number % 2 else ""
        disturbed = random.choice(list(INTERFERENCE)) if number % 3 == 0 else ""
        told = (number, names, killed, disturbed)
        kill = random.choice(["before", "after"])
        scripts = [script for name in names if (script := start(name, kill if name == killed else ""))]
        random.shuffle(scripts)
        shell(INTERFERENCE[disturbed], check=False)
        undo_all(scripts, told)
        measure.same(before, measure.state(), told)
