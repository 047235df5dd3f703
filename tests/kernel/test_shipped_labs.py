"""The labs that bridgekit brings, public topologies, containerlab's files: up, probes, down, and nothing is left."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridgekit import facts, render, run
from bridgekit.lab import building, loading, probing, reading, resolving
from bridgekit.lab.loading import Loaded
from tests.kernel import homes, measure, trial
from tests.kernel.world import in_throwaway_host, shell

CASES = Path(__file__).resolve().parents[1] / "cases/lab"
MENDED, PLAYGROUND = "broken-mended", "playground"
SHIPPED = [name for name in reading.shipped() if name not in ("broken", PLAYGROUND)]
FILES = [
    str(path.relative_to(CASES))
    for folder in ("public", "containerlab", "situations")
    for path in sorted(CASES.glob(f"{folder}/*"))
]
HOPS = ["192.168.1.1", "10.25.1.1", "10.1.1.1", "10.130.1.1", "10.130.1.4"]
PORTS = {"backbone": [22, 53], "ftp": [21, 22, 23], "mail": [22, 25, 110, 143, 993, 995], "www": [22, 80, 443]}
# containerlab's files have no probes: what must work when they are up.
CLAB = {
    "two-linux": "docker exec two-linux-client ping -c 1 -w 2 -s 1300 -M do 192.0.2.2",
    "bridge": "docker exec wire-n1 ping -c 1 10.10.0.2 && docker exec wire-n2 grep 1 /proc/sys/net/ipv4/ip_forward",
    "host": "ip link show n1-eth1 up && ip link show n1-eth2 up && docker exec to-host-n1 ip link show eth2 up",
}
# What else is asked of a lab while it is up.
MORE = {"two-homes": homes.reasons_in_two_homes}
# What is found out of each thing that is wrong, in the order of the probes.
FAULTS = [
    "",
    "",
    "broken-web has no route to 10.20.1.11",
    "nothing listens at 10.20.2.90:80/tcp in it; what listens: 0.0.0.0:8080",
    "broken-annex does not forward",
    "nobody answers broken-ben's question for 10.20.1.254",
    "by 10.20.1.13/16: a wrong prefix length?",
    "web.office.example is not known there",
]


def up(name: str) -> Loaded:
    """Bring a lab up, or make the difference."""
    loaded = loading.load(name)
    run.run(render.batch(building.plan(loaded, name)), "up", "--change", listen=lambda _: None)
    return loaded


def down(name: str) -> None:
    run.run(render.undoing(building.run_of(name)), "down", listen=lambda _: None)


def failing(loaded: Loaded) -> list[str]:
    return [f"{each.probe} {each.why}" for each in probing.probed(resolving.resolved(loaded)) if not each.ok]


@pytest.mark.parametrize("name", [*SHIPPED, *FILES])
def test_its_probes_hold_and_nothing_is_left(name: str) -> None:
    probes_hold(name=name)


@in_throwaway_host(again=lambda **_: True)
def probes_hold(name: str) -> None:
    before = measure.state()
    loaded = up(name if name in SHIPPED else str(CASES / name))
    assert not failing(loaded)
    MORE.get(name, lambda: None)()
    assert loaded.lab.probes or shell(CLAB[Path(name).name.partition(".")[0]])
    if name in SHIPPED:
        laws_hold(loaded, before)
        return
    down(loaded.lab.name)
    measure.same(before, measure.state(), name)


def laws_hold(loaded: Loaded, before: measure.State) -> None:
    """Of a lab that is up: twice is once, undo restores, also after it was killed at any moment."""
    name, made = loaded.lab.name, measure.state()
    script = Path("/run/again.sh")
    script.write_text(str(render.batch(building.plan(loaded, name))))
    said = shell(f"bash {script} up --change").stdout
    assert trial.kinds(said) == {"same"}, said
    measure.same(made, measure.state(), f"{name}, twice")
    start = time.monotonic()
    shell(f"bash {script} down")
    seconds = time.monotonic() - start
    measure.same(before, measure.state(), f"{name}, down")
    process = subprocess.Popen(
        ["bash", script], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(random.random() * 2 * seconds)  # not for luck: any moment must do
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    shell(f"bash {script} down")
    measure.same(before, measure.state(), f"{name}, killed and down")


@in_throwaway_host()
def test_what_is_wrong_in_broken_is_found_and_mended_by_the_difference() -> None:
    before, loaded = measure.state(), up("broken")
    found = list(probing.probed(resolving.resolved(loaded)))
    assert [each.ok for each in found] == [not fault for fault in FAULTS]
    for each, fault in zip(found, FAULTS, strict=True):
        assert fault in str(each.why)
    kept = {name: namespace(f"broken-{name}") for name in ("ann", "gw", "dns")}
    mended = up(MENDED)
    assert not failing(mended)
    assert kept == {name: namespace(f"broken-{name}") for name in kept}  # what was right was left alone
    laws_hold(mended, before)


def namespace(name: str) -> int:
    return Path("/run/netns", name).stat().st_ino


@in_throwaway_host()
def test_the_playground_is_as_it_must_be_observed() -> None:
    """Sequence 003.playground: the way, the names, who is seen as whom, and who is not reached."""
    before = measure.state()
    loaded = up(PLAYGROUND)
    assert not failing(loaded)
    way = at("h1", "busybox traceroute -n -q 1 www.example.com")
    assert re.findall(r"^ *\d+  ([\d.]+) ", way, re.M) == HOPS
    assert at("h1", "wget -q -O - http://www.example.com/") == "www.example.com: you come from 10.25.1.65\n"
    assert at("h4", "wget -q -O - http://www/") == "www.example.com: you come from 10.25.1.66\n"
    assert at("h2", "getent hosts mail").split() == ["10.130.1.3", "mail.example.com"]
    for node in (each.name for each in resolving.resolved(loaded).nodes.values() if each.kind != "bridge"):
        listening = {int(port) for port in re.findall(r"(?:0\.0\.0\.0|\*):(\d+) ", at(node, "ss -Htln"))}
        assert listening >= set(PORTS.get(node, [22])), node
    assert at("h3", "dbclient -y -y -T lab@mail </dev/null").splitlines()[1].split()[2] == "10.130.1.3/24"
    assert at("h4", "wget -q -O - ftp://ftp.example.com/motd").strip() == "This is ftp."  # NAT, and a second connection
    for node, command in (
        ("www", "wget -q -T 1 -t 1 -O - http://192.168.1.11:22/"),
        ("h1", "ping -c 1 -w 1 192.168.1.14"),
    ):
        assert shell(f"ip netns exec {PLAYGROUND}-{node} {command}", check=False).returncode
    laws_hold(loaded, before)


def at(node: str, command: str) -> str:
    return shell(f"ip netns exec {PLAYGROUND}-{node} {command}").stdout


@in_throwaway_host()
def test_a_program_that_is_missing_is_named_before_anything_is_touched() -> None:
    file = Path("/run/missing.yaml")
    nodes = "{a: {services: {x: {command: [no-such-program, 1]}, y: {server: dns}}}}"
    file.write_text(f"name: missing\ntopology: {{nodes: {nodes}}}\n")
    before = facts.snapshot()
    said = subprocess.run([sys.executable, "-m", "bridgekit", "lab", "up", file], capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (3, "")
    assert "no-such-program" in said.stderr
    measure.same(before, facts.snapshot(), "by a refusal")
