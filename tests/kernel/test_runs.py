"""Runs in force: what they are, what stands on them, whether they hold."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.kernel import measure
from tests.kernel.world import in_throwaway_host, shell

in_a_host = in_throwaway_host("web", "netns:red")
PIPED = "/run/piped.sh"


def failed(command: str, code: int) -> str:
    """What a command says that ends so."""
    done: subprocess.CompletedProcess[str] = shell(f"bridgekit {command}", check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def in_force() -> list[str]:
    return [run["name"] for run in json.loads(shell("bridgekit runs --json").stdout)]


@in_a_host
def test_a_run_is_its_parameters() -> None:
    """Another one is refused and leaves the first as it is; or it takes its place."""
    before = measure.state()
    shell("bridgekit attach web 10.0.0.2/24 --yes")
    built = measure.state()
    said = failed("attach web 10.0.0.9/24 --yes", 3)
    assert "bridgekit attach web 10.0.0.2/24" in said
    assert "hint: the same with --replace, or: bridgekit undo attach-web-eth0" in said
    measure.same(built, measure.state())
    shell("bridgekit attach web 10.0.0.2/24 --yes --lang zh")  # the same one, in other words
    shell("bridgekit attach web 10.0.0.9/24 --yes --replace")
    addresses = shell("ip -n web -4 -o addr show dev eth0").stdout
    assert "10.0.0.9/24" in addresses
    assert "10.0.0.2/24" not in addresses
    shell("bridgekit publish web 8080:80 --yes")
    built = measure.state()
    assert "publish-web-8080-80" in failed("attach web 10.0.0.2/24 --yes --replace", 3)
    measure.same(built, measure.state())
    shell("bridgekit undo --all")
    measure.same(before, measure.state())


@in_a_host
def test_a_script_that_came_by_a_pipe_twice() -> None:
    """A field that it cannot tell moves no other."""
    shell(f"bridgekit bridge br5 -n >{PIPED}; bash -s <{PIPED}")
    assert "same 1/3" in shell(f"bash -s <{PIPED}").stdout
    assert in_force() == ["bridge-br5"]


@in_a_host
def test_several_of_one_kind_go_alone() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; bridgekit publish web 8080:80 --yes")
    one = measure.state()
    shell("bridgekit publish web 8081:80 --yes; bridgekit undo publish-web-8081-80")
    measure.same(one, measure.state())
    shell("bridgekit publish web 8081:80 --yes; bridgekit undo publish-web-8080-80")
    rules = shell("iptables -t nat -S").stdout
    assert "--dport 8081 " in rules
    assert "--dport 8080 " not in rules
    assert "holds" in shell("bridgekit check publish-web-8081-80").stdout


UNDER = {
    "docker0": ("docker0", "wire web", "docker0-docker0", "wire-web-bridge"),
    "network": ("network blue", "wire web --network blue", "network-blue", "wire-web-blue"),
    "publish": (
        "bridge br666 --address 10.0.0.1/24 --yes; bridgekit attach web 10.0.0.2/24",
        "publish web 8080:80",
        "attach-web-eth0",
        "publish-web-8080-80",
    ),
}


@pytest.mark.parametrize("what", UNDER)
@in_a_host
def test_what_another_stands_on_stays(what: str) -> None:
    first, second, name, above = UNDER[what]
    shell("iptables -L; iptables -t nat -L")  # their tables are there
    before = measure.state()
    shell(f"bridgekit {first} --yes; bridgekit {second} --yes")
    built = measure.state()
    assert f"undo these first: {above}" in failed(f"undo {name}", 3)
    assert above in failed(f"undo -n {name}", 3)
    printed = shell(f"bridgekit undo -n --with-dependents {name}").stdout
    assert "ip link del dev " in printed
    measure.same(built, measure.state())
    assert shell(f"bridgekit undo {name} --with-dependents").stdout.splitlines()[-1] == f"undone {name}"
    assert not {name, above} & set(in_force())
    shell("bridgekit undo --all")
    measure.same(before, measure.state())


@in_a_host
def test_of_another_namespace_nothing_is_taken_back() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; bridgekit outbound 10.0.0.0/24 --yes")
    built = measure.state()
    inside = "ip netns exec red $(which bridgekit)"
    done = shell(f"{inside} undo --all", check=False)
    assert done.returncode == 3
    assert "another network namespace" in done.stderr
    assert "elsewhere" in shell(f"{inside} runs").stdout
    assert shell(f"{inside} check attach-web-eth0", check=False).returncode == 3
    measure.same(built, measure.state())


@in_a_host
def test_what_is_no_longer_so_is_said_and_done_again() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; bridgekit outbound 10.0.0.0/24 --yes")
    shell("bridgekit bridge br5 --yes")
    built = measure.state()
    shell("bridgekit check")
    shell("iptables -t nat -F; iptables -F FORWARD; ip link set br5 down")
    said = failed("check", 1)
    assert "attach-web-eth0: holds" in said
    assert "outbound-10.0.0.0-24: 4 of 6 missing\n  MISSING 2/6 Masquerade" in said
    assert "4 of 6 missing" in shell("bridgekit runs").stdout
    (one,) = json.loads(failed("check bridge-br5 --json", 1))
    assert (one["holds"], one["missing"]) == (False, ["MISSING 3/3 Bring br5 up."])
    shell("bridgekit repair outbound-10.0.0.0-24 bridge-br5; bridgekit check")
    measure.same(built, measure.state())


@in_a_host
def test_a_namespace_that_is_gone_and_a_container_that_came_again() -> None:
    before = measure.state()
    shell("docker run -d --net=none --name db busybox sleep 600; bridgekit attach netns:red 10.0.0.2/24 --yes")
    shell("bridgekit attach db 10.0.0.3/24 --yes; ip netns del red; docker rm -f db")
    said = failed("check", 1)
    assert said.count("a need is missing") == 2
    shell("ip netns add red; docker run -d --net=none --name db busybox sleep 600")
    shell("bridgekit repair attach-netns-red-eth0")
    assert "bridgekit repair --anew attach-db-eth0" in failed("repair attach-db-eth0", 3)
    shell("bridgekit repair --anew attach-db-eth0; bridgekit check; ping -c 1 -W 2 -I br666 10.0.0.3 || :")
    shell("bridgekit undo --all; docker rm -f db")
    assert measure.state().keys() == before.keys() if isinstance(before, dict) else True


@in_a_host
def test_a_truncated_journal_is_a_run_that_can_be_undone() -> None:
    before = measure.state()
    shell("bridgekit attach web 10.0.0.2/24 --yes")
    whole = shell("cat /run/bridgekit/attach-web-eth0").stdout
    for size in (0, 9, 40, whole.index("words") + 80):
        shell(f"head -c {size} /run/bridgekit/attach-web-eth0 >/run/bridgekit/odd; bridgekit runs | grep '^odd '")
        shell("bridgekit undo -n odd; bridgekit undo odd")
        assert in_force() == ["attach-web-eth0"]
    cut = whole.index("undo\t", whole.index("undo\t") + 1) + 9
    shell(f"head -c {cut} /run/bridgekit/attach-web-eth0 >/run/bridgekit/odd")  # others' runs ask what it had begun
    shell("bridgekit bridge br7 --yes && bridgekit undo bridge-br7 && bridgekit undo --all")
    measure.same(before, measure.state())


@in_a_host
def test_a_wrong_name_beside_a_right_one_touches_nothing() -> None:
    shell("bridgekit bridge br1 --yes; bridgekit bridge br2 --yes")
    built = measure.state()
    assert "did you mean 'bridge-br2'?" in failed("undo bridge-br1 brdge-br2", 3)
    assert "names and --all at once" in failed("undo bridge-br1 --all", 2)
    measure.same(built, measure.state())
    assert shell("bridgekit undo -n bridge-br1").stdout.startswith("ip link del dev br1")
    measure.same(built, measure.state())


@in_a_host
def test_who_has_what_is_in_use() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; bridgekit publish web 8080:80 --yes")
    shell("bridgekit attach netns:red 10.0.0.3/24 --yes")
    said = failed("publish netns:red 8080:80 --yes", 3)
    assert "hint: the run publish-web-8080-80 has it: bridgekit undo publish-web-8080-80" in said
    said = failed("attach netns:red 10.0.0.4/24 --interface eth1 --veth veth_84aa61e --yes", 3)
    assert "bridgekit undo attach-web-eth0" in said
