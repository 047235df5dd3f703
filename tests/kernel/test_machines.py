"""A lab on many machines: its parts meet through VXLAN; Ansible makes all of them, or none."""

from __future__ import annotations

import os
import re
import signal
import sys
from hashlib import sha256
from pathlib import Path

from bridgekit import render
from bridgekit.lab import building, loading
from tests.kernel.machines import FOLDER, Machine, among_machines, machines, play, same, states, with_ssh
from tests.kernel.world import shell

# b and the bridge's guest a are on one segment, through the bridge; a and c on another one.
TWO = (Path(__file__).resolve().parents[1] / "cases/lab/machines.yaml").read_text("utf-8")
SIX = TWO.replace("192.0.2.1", '"2001:db8:113::1"').replace("192.0.2.2", '"2001:db8:113::2"')
# What looks like a template of Ansible's is none.
SERVED = TWO.replace(
    "    b: {",
    """    d: {machine: m2, services: {idle: {command: [bash, -c, sleep 1000, '{{ lookup("pipe", ">/run/code") }}']}}}
    b: {""",
)
# Four machines in a ring.
RING = "\n".join(
    [
        "name: ring",
        "machines:",
        *(f"  m{n}: {{address: 192.0.2.{n}}}" for n in (1, 2, 3, 4)),
        "topology:",
        "  nodes:",
        *(f"    g{n}: {{machine: m{n}}}" for n in (1, 2, 3, 4)),
        "  links:",
        *(f'  - endpoints: ["g{n}:right", "g{n % 4 + 1}:left"]' for n in (1, 2, 3, 4)),
    ]
)
NUMBER_TAKEN = "ip link add other type vxlan id {} local 192.0.2.{} remote 192.0.2.9 dstport 4789"


def written(text: str) -> str:
    path = FOLDER / "lab.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def exported(text: str) -> Path:
    folder = FOLDER / "export"
    shell(f"{sys.executable} -m bridgekit lab export ansible {folder} {written(text)}")
    return folder


def meet(first: Machine, mtu: int) -> None:
    """The guests reach each other, with packets that are as large as each of the segments' interfaces lets through."""
    for source, address in (("ip netns exec two-a", "10.7.0.2"), ("ip netns exec two-a", "10.8.0.2"), ("", "10.7.0.2")):
        first.works(f"{source} ping -c 1 -w 5 -M do -s {mtu - 28} {address}")
    links = first.works("ip -n two-a -o link show | grep -v LOOPBACK; ip -o link show | grep -E 'veth|vxlan|two-sw'")
    assert re.findall(r"mtu (\d+)", links) == [str(mtu)] * 5, links


@among_machines
def test_two_parts_meet_and_leave_nothing() -> None:
    with machines(2) as made:
        before = states(made)
        for text, mtu in ((TWO, 1450), (SIX, 1430)):
            loaded = loading.load(written(text))
            scripts = [FOLDER / f"m{each.number}.sh" for each in made]
            for each, script in zip(made, scripts, strict=True):
                script.write_text(str(render.batch(building.plan(loaded, "two.yaml", f"m{each.number}"))))
                each.works(f"bash {script} up")
            meet(made[0], mtu)
            for each, script in zip(made, scripts, strict=True):
                again = each.works(f"bash {script} up; bash {script} check")
                assert [line for line in again.splitlines() if not line.startswith("same ")] == []
                # Down and up at once: of a tunnel in a namespace that goes, the kernel would still have the number.
                each.works(f"bash {script} down && bash {script} up && bash {script} down")
            same(before, states(made))


@among_machines
def test_a_part_is_for_its_own_machine() -> None:
    with machines(1) as (one,):
        before = one.state()
        script = str(render.batch(building.plan(loading.load(written(TWO)), "two.yaml", "m2")))
        refused = one.run("bash", "-c", script)
        assert (refused.returncode, refused.stdout) == (3, "")
        assert "does not have the address 192.0.2.2 of m2" in refused.stderr
        assert one.state() == before


@among_machines
def test_a_file_that_changed_altogether() -> None:
    """What is new in it is made as its steps, and not while it is only asked which steps there are."""
    with machines(1) as (one,):
        before = one.state()
        for text in (TWO, TWO.replace("a: {machine", "e: {machine").replace('"a:', '"e:').replace("sw", "br")):
            script = str(render.batch(building.plan(loading.load(written(text)), "two.yaml", "m1")))
            done = one.run("bash", "-c", script, "bash", "up", "--change")
            assert done.returncode == 0, done.stderr
        assert one.works("ls /run/netns").split() == ["two-e"]
        assert " Make a namespace named two-e." in done.stdout
        one.run("bash", "-c", script, "bash", "down")
        assert one.state() == before


@among_machines
def test_ansible_makes_all_of_it_or_nothing() -> None:
    with with_ssh(2) as made:
        before = states(made)
        folder = exported(SERVED)
        asked = play(folder, "--check")
        assert (asked.code, asked.count("changed")) == (0, [1, 1]), asked.text
        assert "Make a namespace named two-a." in asked.text
        same(before, states(made))

        up = play(folder)
        assert (up.code, up.count("changed")) == (0, [1, 1]), up.text
        meet(made[0], 1450)
        of_first = states(made)
        sums = [sha256((folder / f"scripts/m{each.number}.sh").read_bytes()).hexdigest() for each in made]
        assert [each.works("cut -f 6 /run/bridgekit/lab-two | head -1").strip() for each in made] == sums
        again = play(folder)
        assert (again.code, again.count("changed")) == (0, [0, 0]), again.text

        # A file that was changed, and a machine that cannot do it: all is as the one before made it.
        changed = SERVED.replace("10.8.0.1/24", "10.8.0.9/24").replace("d: {machine", "f: {machine")
        made[1].works("ln -s nowhere /run/netns/two-f")
        failed = play(exported(changed))
        assert (failed.code, failed.count("rescued")) == (2, [1, 1]), failed.text
        made[1].works("rm /run/netns/two-f")
        same(of_first, states(made))
        meet(made[0], 1450)

        down = play(folder, "--tags", "down")
        assert (down.code, down.count("changed")) == (0, [1, 1]), down.text
        same(before, states(made))
        assert not Path("/run/code").exists()


@among_machines
def test_of_four_one_fails() -> None:
    with with_ssh(4) as made:
        folder = exported(RING)
        number = made[2].works(f"grep -o 'type vxlan id [0-9]*' {folder}/scripts/m3.sh | tail -1").split()[-1]
        made[2].works(NUMBER_TAKEN.format(number, 3))
        before = states(made)
        failed = play(folder)
        assert (failed.code, failed.count("rescued")) == (2, [1, 1, 1, 1]), failed.text
        assert "m3: FAILED" in failed.text
        assert "VNI already exists" in failed.text
        same(before, states(made))

        of_three = states(made[:3])
        os.kill(made[3].pid, signal.SIGKILL)  # its first process, with which all others of it go
        away = play(folder)
        assert (away.code, away.count("unreachable")) == (4, [0, 0, 0, 1]), away.text
        assert "m4: not reached" in away.text
        same(of_three, states(made[:3]))
