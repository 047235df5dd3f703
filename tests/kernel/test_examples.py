"""The examples that help shows of each command are run, as they stand there, in a throw-away host."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.kernel import measure
from tests.kernel.cases import DHCP, ON_DHCP, process
from tests.kernel.world import in_throwaway_host, shell

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = tomllib.loads((ROOT / "templates/help/examples.toml").read_text("utf-8"))
_ATTACH = "bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes"
NO_ENGINE = "No engine answers, so these are the bridges alone.\n"
ENDLESS = ("watch", "lab capture")  # until it gets a signal
OF_A_LAB = ("down", "plan", "diff", "check", "exec", "shell", "capture")
NEEDED = {"lab capture": "tcpdump"}  # or it is refused
LEAVING = ("dhcp", "watch", "lab export", "leak")  # what was done before these is not all undone
# What the user of an example has done before.
BEFORE = {
    "outbound": _ATTACH,
    "dhcp": f"ip link show br9 >/dev/null 2>&1 || {{ {DHCP}; "
    f"{ON_DHCP.format('web', process('docker', 'web'), 'eth1')}; }}",
    "route": _ATTACH,
    "rule": _ATTACH,
    "tc": _ATTACH,
    "wait": _ATTACH,
    "publish": _ATTACH,
    "link": f"{_ATTACH}; bridgekit attach db 10.0.0.3/24 --yes",
    "wire": "bridgekit docker0 --yes",
    "verify": f"{_ATTACH}; bridgekit attach db 10.0.0.3/24 --gateway 10.0.0.1 --yes; "
    "bridgekit outbound 10.0.0.0/24 --yes",
    "trace": f"{_ATTACH}; bridgekit attach db 10.0.0.3/24 --yes; bridgekit outbound 10.0.0.0/24 --yes",
    "check": _ATTACH,
    "undo": _ATTACH,
    "repair": _ATTACH,
    "unit": _ATTACH,
    "watch": "echo 'attach web 10.0.0.2/24' >/etc/bridgekit.runs",
    **{f"lab {command}": "bridgekit lab up hello --yes" for command in OF_A_LAB},
    "lab export": "cp tests/cases/lab/machines.yaml /tmp/two.yaml",
    "leak": "ip -n blue link set lo up; ip -n blue route replace 192.168.9.0/24 dev lo",
}


@pytest.mark.parametrize("command", EXAMPLES)
@in_throwaway_host("web", "db", "podman:pod", "netns:red", "netns:blue", again=lambda command: command not in LEAVING)
def test_examples_do_what_they_say(command: str) -> None:
    already = BEFORE.get(command)
    shell(f"{already}\nbridgekit undo --all" if already else "")
    first = standing = measure.state()
    for example in EXAMPLES[command]:
        if already and standing == first and not _is_dry(example):
            shell(already)
            standing = measure.state()
        _done(command, example)
        after = measure.state()
        if not example.startswith("sudo ") and command != "learn":  # in a throw-away host a lesson takes that one
            measure.same(standing, after, example)
        if after != standing:
            shell("bridgekit undo --all")
            standing = measure.state()
            measure.same(first, standing, example)
    shell("bridgekit undo --all")
    measure.same(first, measure.state(), command)


def _is_dry(example: str) -> bool:
    return not example.startswith("sudo ") and not {"-n", "--dry-run"}.isdisjoint(example.split())


def _done(command: str, example: str) -> None:
    words = ["timeout", "--preserve-status", "4"] if command in ENDLESS else []
    done = subprocess.run([*words, "bash", "-c", example], capture_output=True, text=True, cwd="/tmp")
    if (needed := NEEDED.get(command)) and not shutil.which(needed) and done.returncode == 3:
        assert f"apt-get install {needed}" in done.stderr, done
        return
    said = done.stderr.removeprefix(NO_ENGINE).splitlines()
    complaints = [line for line in said if not line.startswith(("note: ", "tcpdump: ", "listening on "))]
    assert (done.returncode, complaints) == (0, []), done


@in_throwaway_host("web", "podman:pod", "netns:red")
def test_what_is_there_now_is_offered_to_complete_a_line() -> None:
    def offered(words: str) -> list[str]:
        said = shell(f"BRIDGEKIT_COMPLETE=1 bridgekit {words}").stdout
        return [line.split("\t")[0] for line in said.splitlines()]

    shell("bridgekit bridge br7 --yes")
    assert offered("attach ''") == ["netns:outside", "netns:red", "podman:pod", "web"]
    assert offered("attach web --bridge ''") == ["br7"]
    assert offered("undo ''") == ["bridge-br7"]
    assert offered("vrf x e") == ["em1"]
    assert offered("leak r") == ["red"]
    shell("bridgekit lab up hello --yes")
    assert offered("lab exec ''") == ["a", "b"]
    assert offered("lab down he") == ["hello"]
    shell("bridgekit lab down")
    assert offered("trace ''") == ["host", "netns:outside", "netns:red", "podman:pod", "web"]
    assert offered("trace web h") == ["host"]
    shell("bridgekit undo --all")
    assert offered("undo ''") == [""]
