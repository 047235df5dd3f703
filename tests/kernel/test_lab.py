"""Whole topologies on a real kernel: up, changed, died, killed, side by side, and nothing left."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bridgekit import render
from bridgekit.lab import building
from bridgekit.lab.loading import load
from tests.kernel import measure, trial
from tests.kernel.cases import GUESTS, IDS
from tests.kernel.world import in_throwaway_host, shell

ALL = Path(__file__).resolve().parents[1] / "cases/lab/all.yaml"  # one of each thing that a file can say
in_a_host = in_throwaway_host(*GUESTS, ids=IDS, again=lambda **_: True)
KILLS = int(os.environ.get("BRIDGEKIT_KILLS", "4"))
# What of ALL is said otherwise: an address, a link's MTU, a service's file, a node that goes, one that comes.
CHANGES = (
    ("10.8.2.2", "10.8.2.3"),
    ("mtu: 1450", "mtu: 1440"),
    ("index.html: hello", "index.html: changed"),
    ("    lone:\n", "    alone:\n"),
    ('"lone:eth0"', '"alone:eth0"'),
    ("to: lone}", "to: alone}"),
)
# Of what the difference takes back and does again: a node's address, and what falls with it; an interface, and what is
# part of it.
GONE = (
    "[all-db] Give eth0 the address 10.8.2.2/24.",
    "[all-db] Route everything else through 10.8.2.1.",
    "Give tohost the address 10.8.3.1/24.",
    "Make a namespace named all-lone.",
)
ASKED = re.compile(r" listens on | runs\.$")
SAID = [
    "- topology.nodes.web.extra_hosts.db.example.test: 10.8.2.3",
    "+ topology.nodes.web.extra_hosts.db.example.test: 10.8.2.2",
]
DOOR = "PREROUTING -p tcp --dport 9090 -j DNAT --to-destination 192.0.2.9"
# What of a file with all of CHANGES is not to be had here: what makes it so, what takes that back, and what it says.
REFUSED = (
    ("", "", "[sleep, ", "[no-such-program, "),
    ("ip link add all-new type bridge", "ip link del all-new", "far: {", "new: {kind: bridge}\n    far: {"),
    ("ip netns add all-new", "ip netns del all-new", "far: {", "new: {}\n    far: {"),
    (f"iptables -t nat -A {DOOR}", f"iptables -t nat -D {DOOR}", "8080:80", "9090:80"),
    ("", "", "far: {", "new: {kind: bridge, addresses: [203.0.113.9/24]}\n    far: {"),
)


def lab(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """A command of `bridgekit lab`, which must end so."""
    done = subprocess.run(["bridgekit", "lab", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == code, done
    return done


def changed(*more: tuple[str, str]) -> str:
    """Another file for the same lab."""
    text = ALL.read_text("utf-8")
    for before, after in (*CHANGES, *more):
        assert before in text, before
        text = text.replace(before, after)
    path = Path("/run/changed.yaml")
    path.write_text(text, "utf-8")
    return str(path)


def pids(command: str) -> list[str]:
    """Whose command line is that."""
    return shell(f"pgrep -xf '{command}'", check=False).stdout.split()


@in_a_host
def test_a_lab_comes_up_is_changed_and_goes() -> None:
    measure.name_guests()
    before, file = measure.state(), str(ALL)
    lab("up", file)
    lab("check")
    assert shell("ip netns exec outside wget -qO- http://203.0.113.1:8080/").stdout == "hello"
    assert shell('ip netns exec outside wget -qO- "http://203.0.113.1:8080/more/it\'s"').stdout == "two\nlines\n\n"
    up, journal = measure.state(), Path("/run/bridgekit/lab-all").read_bytes()
    assert trial.kinds(lab("up", file).stdout) == {"same"}
    measure.same(up, measure.state(), "by a second up")
    assert Path("/run/bridgekit/lab-all").read_bytes() == journal
    assert lab("plan", file).stdout == ""
    for made, unmade, *wanted in REFUSED:
        shell(made)
        there = measure.state()
        lab("up", changed(tuple(wanted)), code=3)
        measure.same(there, measure.state(), f"by what was refused: {wanted}")
        shell(unmade)
    assert Path("/run/bridgekit/lab-all").read_bytes() == journal
    other, kept = changed(), (pids("sleep 1000"), Path("/run/netns/all-db").stat().st_ino)
    lab("diff", other, code=1)
    told = lab("plan", other).stdout.splitlines()
    measure.same(up, measure.state(), "by plan and diff")
    said = lab("up", other).stdout.splitlines()
    done = [line.partition(" ")[2].partition(" ")[2] for line in said if line.startswith("ok ")]
    assert [line[2:] for line in told if line.startswith("+ ")] == [line for line in done if not ASKED.search(line)]
    gone = [line[2:] for line in told if line.startswith("- ")]
    assert set(GONE) <= set(gone)
    assert all(line.endswith(".") or line.startswith("Start the service ") for line in gone), "sentences, no commands"
    assert lab("diff", str(ALL), code=1).stdout.splitlines()[:2] == SAID
    assert (pids("sleep 1000"), Path("/run/netns/all-db").stat().st_ino) == kept, "what is not in the difference"
    lab("check")
    network = measure.network()
    assert trial.kinds(lab("up", other).stdout) == {"same"}
    lab("down")
    measure.same(before, measure.state(), "by up, change and down")
    lab("up", other)
    measure.same(network, measure.network(), "made so from nothing")
    lab("down")
    measure.same(before, measure.state(), "by up and down")


@in_a_host
def test_what_died_is_made_again_and_nothing_else() -> None:
    measure.name_guests()
    before, file = measure.state(), str(ALL)
    lab("up", file)
    network, kept = measure.network(), Path("/run/netns/all-db").stat().st_ino
    for death in (
        "ip netns del all-web",
        "ip link del all-lan",
        "ip -n all-edge link del eth1",
        "ip -n all-core addr flush dev eth1",
        "kill -9 $(pgrep -xf 'sleep 1000')",
        "iptables -t nat -F; rm -r /etc/netns/all-web",
    ):
        shell(death)
        said = lab("up", file).stdout
        assert {"ok", "same"} <= trial.kinds(said), (death, said)
        measure.same(network, measure.network(), death)
        assert Path("/run/netns/all-db").stat().st_ino == kept, death
    lab("check")
    lab("down")
    measure.same(before, measure.state(), "by deaths, up and down")


@in_a_host
def test_containers_are_nodes_too() -> None:
    measure.name_guests()
    before, file = measure.state(), str(ALL.with_name("boxes.yaml"))
    shell("podman run -d --net=none --name boxes-b httpd sleep 99")
    assert "boxes-b" in lab("up", file, code=3).stderr, "somebody's, of a name that is wanted"
    shell("podman rm -f boxes-b")
    measure.same(before, measure.state(), "by what was refused")
    lab("up", file)
    lab("check")
    assert "10.8.4.3\tb.test" in lab("exec", "a", "--", "cat", "/etc/hosts").stdout
    up, network = measure.state(), measure.network()
    lab("up", file)
    measure.same(up, measure.state(), "by a second up")
    for death in ("docker kill boxes-a; podman restart boxes-b", "docker rm -f boxes-a"):
        shell(death)
        assert "has ended" in lab("check", code=1).stdout, death
        lab("up", file)
        measure.same(network, measure.network(), death)
        lab("check")  # a guest that was made again has the MAC address that its neighbours know
        assert "eth0" in lab("exec", "c", "--", "ip", "addr").stdout, f"what has its network has the new one: {death}"
    other = Path("/run/boxes.yaml")
    other.write_text(Path(file).read_text("utf-8").replace("b: {image: busybox", "b: {image: other"), "utf-8")
    shell("docker kill boxes-a")
    assert "- Start container boxes-b without a network.\n" in lab("plan", str(other)).stdout
    lab("up", str(other))
    assert "other " in shell("podman ps").stdout
    shell("docker rm -f boxes-c; docker run -d --net=none --name boxes-c httpd sleep 99")
    assert "boxes-c" in lab("up", file, code=3).stderr, "a name that had been its own is another's"
    lab("down")
    shell("docker rm -f boxes-c")  # which is theirs
    measure.same(before, measure.state(), "by containers")


@in_a_host
def test_two_labs_do_not_meet() -> None:
    measure.name_guests()
    before = measure.state()
    shell("mkdir -p /etc/netns/hello-b; echo theirs >/etc/netns/hello-b/hosts")
    there = measure.state()
    assert ": /etc/netns/hello-b/hosts" in lab("up", "hello", code=3).stderr
    measure.same(there, measure.state(), "by what was refused: a file of theirs")
    shell("rm /etc/netns/hello-b/hosts; rmdir -p --ignore-fail-on-non-empty /etc/netns/hello-b")
    lab("up", "hello")
    one = measure.state()
    text = Path(building.__file__).parents[2].joinpath("templates/labs/hello.yaml").read_text("utf-8")
    for name, subnet, code in (("other", "10.9.0.", 3), ("other", "10.10.0.", 0)):
        file = Path("/run/other.yaml")
        file.write_text(text.replace("name: hello", f"name: {name}").replace("10.9.0.", subnet), "utf-8")
        done = lab("up", str(file), code=code)
        if code:
            assert "hello-lan" in done.stderr
            assert "the lab hello has it: bridgekit lab down hello" in done.stderr
            measure.same(one, measure.state(), "by what was refused")
    lab("check", "hello")
    lab("check", "other")
    words = ["bridgekit", "lab", "capture", "hello/a:eth0", "-w", "-"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.read(24)[:4] == b"\xd4\xc3\xb2\xa1", "the head of a pcap file"
        shell("ip netns exec hello-b ping -c 1 10.9.0.2")
        assert process.stdout.read(16 + 14), "a frame"
        process.terminate()
    # Of its own a lab may take what the old file had: a subnet for another bridge, a port for another node.
    first = file.read_text("utf-8")
    for node, said in (("a", first), ("b", first.replace("lan", "sw"))):
        file.write_text(said.replace(f"    {node}:\n", f"    {node}:\n      ports: ['8080:80']\n"), "utf-8")
        lab("up", str(file))
    lab("check", "other")
    lab("down", "other")
    measure.same(one, measure.state(), "by the other one")
    for command, code in ((["no-such"], 127), (["/etc/passwd"], 126)):
        lab("exec", "a", "--", *command, code=code)
    assert "hint: one of: lan, a, b\n" in lab("shell", "nosuch", code=3).stderr
    assert "did you mean hello?" in lab("down", "helo", code=3).stderr
    shell("bridgekit attach netns:hello-a 10.9.0.9/24 --bridge hello-lan --interface eth5 --name above")
    assert lab("down", code=3).stderr.splitlines()[1:] == [
        "  hint: bridgekit undo above; or all of it: --with-dependents"
    ]
    file = Path("/run/other.yaml")
    file.write_text(
        text.replace("    a:", "    c:").replace('"a:', '"c:').replace("a, to", "c, to").replace("to: a", "to: c")
    )
    assert lab("up", str(file), code=3).stdout == "", "nothing was undone"
    lab("down", "--with-dependents")
    measure.same(before, measure.state(), "by both")


@pytest.mark.parametrize("seed", range(1))
@in_throwaway_host(*GUESTS, ids=IDS, seconds=300 + 20 * KILLS, again=lambda **_: True)
def test_killed_at_any_moment_and_run_again_it_is_the_same(seed: int) -> None:
    measure.name_guests()
    before, moment = measure.state(), random.Random(seed)
    file, other = str(ALL), changed()
    scripts = []
    for number, name in enumerate((file, other)):
        path = Path(f"/run/lab-{number}.sh")
        path.write_text(str(render.batch(building.plan(load(name), file))))
        scripts.append(str(path))
    start = time.monotonic()
    shell(f"bash {scripts[0]}")
    seconds, network = time.monotonic() - start, measure.network()
    shell(f"bash {scripts[1]} up --change")
    other_network = measure.network()
    shell(f"bash {scripts[1]} down")
    for number in range(KILLS):
        if number % 2:
            shell(f"bash {scripts[0]}")
        script = scripts[number % 2]
        process = subprocess.Popen(
            ["bash", script, "up", "--change"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moment.random() * seconds)  # not for luck: any moment must do
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shell(f"bash {script} up --change")
        measure.same(other_network if number % 2 else network, measure.network(), f"kill {number} of {script}")
        shell(f"bash {script} down")
        measure.same(before, measure.state(), f"kill {number} of {script}, and down")
