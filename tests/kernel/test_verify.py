"""`verify` on a real kernel: pairs that work, pairs that do not, pairs that must not."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.kernel.world import in_throwaway_host, shell

WIRE = """
set -e
bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes
bridgekit attach db 10.0.0.3/24 --gateway 10.0.0.1 --yes
bridgekit outbound 10.0.0.0/24 --yes
"""
CUT = "nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' db)/ns/net iptables -A INPUT -s 10.0.0.2 -j DROP"
OUTSIDE = "203.0.113.2"


def run(words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run verify."""
    done = shell(f"bridgekit verify {words}", check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def results(words: str, code: int = 0) -> dict[tuple[str, str], dict[str, Any]]:
    """The results of verify, by source and address."""
    return {(each["from"], each["address"]): each for each in json.loads(run(f"{words} --json", code).stdout)}


@in_throwaway_host("web", "db")
def test_everyone_reaches_everyone() -> None:
    shell(WIRE)
    found = results(f"web db --to {OUTSIDE}")
    assert set(found) == {
        (source, address)
        for source, own in (("host", "10.0.0.1"), ("web", "10.0.0.2"), ("db", "10.0.0.3"))
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3", OUTSIDE)
        if address != own
    }
    for each in found.values():
        assert (each["sent"], each["received"], each["loss"], each["ok"]) == (3, 3, 0, True)
        assert 0 < each["rtt"] < 1000
    lines = run("web db").stdout.splitlines()
    assert (len(lines), lines[-1]) == (8, "all 6 are as expected")
    assert lines[1].split()[:5] == ["ok", "host", "web", "10.0.0.2", "0%"]


@in_throwaway_host("web", "db")
def test_a_pair_that_does_not_work_is_told() -> None:
    shell(WIRE + CUT)
    found = results("web db --count 1 --no-why", code=1)
    assert not any(each["reasons"] for each in found.values())
    # Neither gets an answer: what db drops is web's question, and web's answer.
    wrong = {pair for pair, each in found.items() if not each["ok"]}
    assert wrong == {("web", "10.0.0.3"), ("db", "10.0.0.2")}
    assert found["web", "10.0.0.3"]["loss"] == 100
    table = run("web db --count 1", code=1).stdout
    assert "FAILED  web   db    10.0.0.3  100%  no answer" in table
    assert "2 of 6 are not as expected" in table.splitlines()
    # The rule is named: a packet of each pair is traced.
    assert "\n  web -> db, db -> web\n    dropped in db by: -t filter -A INPUT -s 10.0.0.2/32 -j DROP\n" in table


@in_throwaway_host("web", "db")
def test_pairs_that_must_not_work() -> None:
    shell(WIRE)
    shell("printf 'web -> db: fails\\n10.0.0.9 -> db: fails\\n' >/run/nobody; printf 'web->db:fails' >/run/expect")
    shell("printf '* -> db: fails\\nhost -> db: works\\ndb -> web: fails\\n' >/run/both")
    assert "but it must not work" in run("web db --expect /run/expect", code=1).stdout
    assert "nobody line 2" in run("web db --expect /run/nobody", code=2).stderr
    shell(CUT)
    run("web db --count 1 --expect /run/expect", code=1)  # db does not reach web either
    found = results("web db --count 1 --expect /run/both")
    assert found["web", "10.0.0.3"]["expected"] == found["db", "10.0.0.2"]["expected"] == "fails"
    assert found["host", "10.0.0.3"]["expected"] == "works"


@in_throwaway_host("web")
def test_both_ip_versions() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes")
    pid = shell("docker inspect -f '{{.State.Pid}}' web").stdout.strip()
    shell(f"nsenter --net=/proc/{pid}/ns/net ip addr add 2001:db8:9::2/64 dev eth0 nodad")
    shell("ip addr add 2001:db8:9::1/64 dev br666 nodad")
    found = results("web")
    assert set(found) == {
        ("host", "10.0.0.2"),
        ("host", "2001:db8:9::2"),
        ("web", "10.0.0.1"),
        ("web", "2001:db8:9::1"),
    }


@in_throwaway_host("web", "podman:db", "netns:red", "netns:empty")
def test_without_a_name_containers_and_named_namespaces_take_part() -> None:
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as process:
        pid = process.pid
        shell(f"until [ ! /proc/{pid}/ns/net -ef /proc/self/ns/net ]; do sleep 0.01; done")
        for number, guest in enumerate(("web", "podman:db", "netns:red"), 2):
            shell(f"bridgekit attach {guest} 10.0.0.{number}/24 --gateway 10.0.0.1 --yes")
        shell(f"ip link add veth5 master br666 up type veth peer name eth0 netns {pid}")
        inside = f"nsenter --net=/proc/{pid}/ns/net"
        shell(f"{inside} ip addr add 10.0.0.5/24 dev eth0; {inside} ip link set eth0 up")
        shell("ip link del em1")
        done = run("--count 1 --json")
        found_if_named = results(f"pid:{pid} --count 1")
        process.kill()
    assert found_if_named["host", "10.0.0.5"]["ok"]
    guests = ("host", "web", "podman:db", "netns:red")
    found = [(each["from"], each["to"]) for each in json.loads(done.stdout)]
    assert sorted(found) == sorted((one, other) for one in guests for other in guests if one != other)
    assert done.stderr == "Left out, because they have no address: netns:empty, outside.\n"


@in_throwaway_host("web", "netns:empty")
def test_a_guest_without_an_address_fails_if_it_is_named() -> None:
    assert "no address to ask" in run("netns:empty", code=1).stdout
    assert results("netns:empty --count 1", code=1)["host", ""]["sent"] == 0


@in_throwaway_host()
def test_who_is_not_there() -> None:
    assert "'nobody'" in run("nobody", code=3).stderr
    assert "'netns:nobody'" in run("netns:nobody", code=3).stderr
    assert "this host's own network" in run("pid:$$", code=3).stderr
    shell("docker run -d --name web --net=none bb; docker stop web")
    assert "'web'" in run("web", code=3).stderr
    shell("ip -n outside addr flush dev eth0")
    assert "nobody to ask" in run("", code=3).stderr
    assert "203.0.113.1 is this host's own" in run("--to 203.0.113.1", code=3).stderr
    shell("ip -n outside addr add 203.0.113.2/24 dev eth0")
    assert run(f"--to {OUTSIDE}").stdout.splitlines()[2].startswith(f"ok      host  {OUTSIDE}  {OUTSIDE}  0%")


@in_throwaway_host("web", "db")
def test_a_namespace_that_went_is_no_failure_that_was_expected() -> None:
    """What could not be asked proves nothing."""
    shell("ip netns add gone; printf '* -> *: fails' >/run/expect")
    shell("ip link add v0 type veth peer name eth0 netns gone; ip addr add 10.0.0.1/24 dev v0")
    shell("ip -n gone addr add 10.0.0.2/24 dev eth0")
    assert results("netns:gone --count 1 --expect /run/expect")["host", "10.0.0.2"]["ok"]
    # A ping of its own that cannot ask.
    shell("printf '#!/bin/sh\\necho \"ping: socket: Operation not permitted\" >&2; exit 2\\n' >/run/host/bin/ping")
    shell("chmod 755 /run/host/bin/ping")
    found = results("netns:gone --count 1 --expect /run/expect", code=1)
    assert not any(each["ok"] for each in found.values())
