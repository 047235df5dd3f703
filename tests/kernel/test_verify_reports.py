"""`verify` in situations that people have reported, each of which looked well, or like something else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bridgekit import verify
from bridgekit.facts import neighbours
from bridgekit.facts.neighbours import Table
from bridgekit.facts.spaces import named
from bridgekit.verify import probing
from tests.golden import Answer, answer
from tests.kernel.test_localnet import served
from tests.kernel.test_verify import OUTSIDE
from tests.kernel.world import in_throwaway_host, shell

ECHO = """
import socket
asked = socket.socket(type=socket.SOCK_DGRAM)
asked.bind(("", 5353))
while True:
    words, who = asked.recvfrom(99)
    asked.sendto(words, who)
"""


def run(words: str, code: int = 0) -> Answer:
    """Run verify, in this process, which is faster than in one of its own."""
    done = answer("verify", *words.split())
    assert done.code == code, f"{done.out}\n{done.err}"
    return done


def results(words: str, code: int = 0) -> dict[tuple[str, str], dict[str, Any]]:
    """The results of verify, by source and address."""
    return {(each["from"], each["address"]): each for each in json.loads(run(f"{words} --json", code).out)}


def attach(name: str, address: str, bridge: str = "br666", gateway: bool = True, mtu: int = 1500) -> None:
    """Make a named namespace a guest, as `bridgekit attach` does; gateway: whether the host is at the bridge, too."""
    host = f"{address.rpartition('.')[0]}.1"
    shell(
        f"[ -e /run/netns/{name} ] || ip netns add {name}\n"
        f"eth=eth$(ip -n {name} -br link show type veth | wc -l) port=v$(ip -br link | wc -l)\n"
        f"ip link show {bridge} >/dev/null 2>&1 || ip link add {bridge} type bridge\n"
        f"ip link set {bridge} up\n"
        f"ip link add $port mtu {mtu} master {bridge} up type veth peer name $eth netns {name} mtu {mtu}\n"
        f"ip -n {name} link set lo up; ip -n {name} addr add {address}/24 dev $eth; ip -n {name} link set $eth up\n"
        + (f"ip addr replace {host}/24 dev {bridge}\nip -n {name} route replace default via {host}" if gateway else "")
    )


@contextmanager
def echoing(netns: str) -> Iterator[None]:
    """A server that sends back what it gets at 5353/udp."""
    with subprocess.Popen(["ip", "netns", "exec", netns, sys.executable, "-c", ECHO]) as server:
        end = time.monotonic() + 20
        while not shell(f"ip netns exec {netns} ss -Hlun 'sport = :5353'").stdout:
            assert time.monotonic() < end, "the server never listened"
            time.sleep(0.02)
        try:
            yield
        finally:
            server.terminate()


def why(found: dict[tuple[str, str], dict[str, Any]], source: str, address: str) -> str:
    """All reasons of a pair that does not work."""
    assert not found[source, address]["ok"], found[source, address]
    return json.dumps(found[source, address]["reasons"])


@in_throwaway_host()
def test_two_guests_with_one_address() -> None:
    attach("a", "10.0.0.2", "b1", gateway=False)
    attach("b", "10.0.0.2", "b2", gateway=False)
    attach("c", "10.0.0.3", "b1", gateway=False)
    for name, number in (("a", 2), ("b", 2), ("c", 3)):
        shell(f"ip -n {name} addr add fd00::{number}/64 dev eth0 nodad")
    found = json.loads(run("netns:a netns:b netns:c --count 1 --no-why --json", code=1).out)
    told = {(each["from"], each["to"], each["address"]): (each["result"], each["why"]) for each in found}
    for same in ("10.0.0.2", "fd00::2"):
        for one, other in (("a", "b"), ("b", "a")):
            verdict, words = told[f"netns:{one}", f"netns:{other}", same]
            assert (verdict, words) == ("failed", f"netns:{one} has this address itself, and would answer itself")
        assert told["netns:c", "netns:a", same][0] == "ok"
        verdict, words = told["netns:c", "netns:b", same]
        assert (verdict, words) == ("failed", "another has answered: netns:a has this address, too")
    # On one bridge, and with one MAC, as an engine gives them that does not know of the other.
    for name in ("n1", "n2"):
        attach(name, "10.9.0.2", "b3")
        shell(f"ip -n {name} link set eth0 address 02:42:0a:09:00:02")
    found = json.loads(run("netns:n1 netns:n2 --count 1 --no-why --json", code=1).out)
    said = {(each["from"], each["to"]): each["ok"] for each in found}
    assert not said["netns:n1", "netns:n2"]
    assert not said["netns:n2", "netns:n1"]
    assert not (said["host", "netns:n1"] and said["host", "netns:n2"])
    # An address outside that the asking one has itself is none; of the host's own the host is not asked.
    found = json.loads(run("--to 10.0.0.3 --count 1 --no-why --json", 1).out)
    outside = {(each["from"], each["ok"]) for each in found if each["to"] == "10.0.0.3"}
    assert {("netns:a", True), ("netns:c", False)} <= outside


@in_throwaway_host()
def test_what_answers_now_and_then_is_lossy() -> None:
    attach("red", "10.0.0.2")
    shell(
        "ip netns exec red iptables -A INPUT -p icmp --icmp-type echo-request "
        "-m statistic --mode nth --every 2 --packet 0 -j DROP"
    )
    shell("printf 'host -> netns:red: fails' >/run/expect")
    found = results("netns:red --count 4", code=1)["host", "10.0.0.2"]
    assert (found["result"], found["sent"], found["received"], found["ok"]) == ("lossy", 4, 2, False)
    assert run("netns:red --count 4", code=1).out.splitlines()[1].split()[:5] == [
        *("lossy", "host", "netns:red", "10.0.0.2", "50%")
    ]
    assert results("netns:red --count 4 --expect /run/expect", 1)["host", "10.0.0.2"]["result"] == "failed"


@in_throwaway_host()
def test_ping_works_and_the_port_does_not() -> None:
    attach("web", "10.0.0.2")
    attach("cl", "10.0.0.3")
    assert "nothing listens on 80/tcp" in run("netns:web netns:cl --port 80", code=3).err
    shell("printf '* -> netns:web: works' >/run/insisted")
    insisted = results("netns:web netns:cl --port 80 --expect /run/insisted", code=1)
    assert "nothing listens on 80/tcp in netns:web" in why(insisted, "netns:cl", "10.0.0.2")
    with served("127.0.0.1", 80, "web"):
        found = results("netns:web netns:cl --port 80 --count 1", code=1)
        assert found["netns:cl", "10.0.0.2"]["why"] == "Connection refused"
        assert "in netns:web something listens on 80/tcp at 127.0.0.1 alone" in why(found, "netns:cl", "10.0.0.2")
    with served("0.0.0.0", 80, "web"):
        done = run("netns:web netns:cl --port 80")
        assert [line.split()[:5] for line in done.out.splitlines()[1:3]] == [
            ["ok", source, "netns:web", "10.0.0.2", "0%"] for source in ("host", "netns:cl")
        ]
        assert done.err == "Not asked, because nothing listens on 80/tcp there: host, netns:cl.\n"
        # The other way round: what does not answer ping may serve all the same.
        shell("ip netns exec web iptables -A INPUT -p icmp -j DROP")
        assert not results("netns:web netns:cl --count 1", code=1)["netns:cl", "10.0.0.2"]["ok"]
        assert results("netns:web netns:cl --count 1 --port 80")["netns:cl", "10.0.0.2"]["received"] == 1
        shell("ip netns exec web iptables -A INPUT -p tcp -s 10.0.0.3 -j DROP")
        found = results("netns:web netns:cl --count 1 --port 80", code=1)
        assert (found["host", "10.0.0.2"]["ok"], found["netns:cl", "10.0.0.2"]["why"]) == (True, "no answer")


@in_throwaway_host()
def test_a_port_of_udp() -> None:
    attach("web", "10.0.0.2")
    attach("cl", "10.0.0.3")
    with echoing("web"):
        found = results("netns:web netns:cl --count 2 --port 5353/udp")
        assert found["netns:cl", "10.0.0.2"]["received"] == 2
        shell("ip netns exec web iptables -A INPUT -p udp -s 10.0.0.3 -j REJECT")
        found = results("netns:web netns:cl --count 1 --port 5353/udp", code=1)
        assert found["netns:cl", "10.0.0.2"]["why"] == "Connection refused"
    # A name server gets a question, since it is silent to all else.
    shell("dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --user=root --group= --pid-file=/run/dns.pid --port=53")
    try:
        assert results("netns:cl --count 1 --port 53/udp")["netns:cl", "10.0.0.1"]["ok"]
    finally:
        shell("kill $(cat /run/dns.pid)")


@in_throwaway_host()
def test_full_size_packets() -> None:
    attach("red", "10.0.0.2", mtu=9000)
    attach("blue", "10.0.0.3")
    run("netns:red netns:blue --count 1")
    run("netns:red netns:blue --count 1 --size 1500")
    found = results("netns:red netns:blue --count 1 --size 4000", code=1)
    assert found["netns:red", "10.0.0.3"]["why"] == "no answer"
    assert found["netns:blue", "10.0.0.2"]["why"] == "message too long, mtu=1500"
    assert "of bridge br666 takes 1500 (mtu)" in why(found, "netns:red", "10.0.0.3")
    # A way out that takes less, and does not say so.
    shell("bridgekit outbound 10.0.0.0/24 --yes; ip link set em1 mtu 1400")
    shell("iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")
    run(f"netns:blue --count 1 --to {OUTSIDE}")
    run(f"netns:blue --count 1 --to {OUTSIDE} --size 1400")
    found = results(f"netns:blue --count 1 --to {OUTSIDE} --size 1500", code=1)
    assert found["netns:blue", OUTSIDE]["why"] == "no answer"
    assert "too long, and it must not be cut) was dropped in host by: -t filter" in why(found, "netns:blue", OUTSIDE)


@in_throwaway_host()
def test_outside_is_asked_and_does_not_ask() -> None:
    attach("red", "10.0.0.2")
    shell("bridgekit outbound 10.0.0.0/24 --yes")
    pairs = {(each["from"], each["to"]) for each in json.loads(run("--count 1 --json").out)}
    assert pairs == {
        *(("host", "netns:red"), ("netns:red", "host")),
        *(("host", "outside"), ("netns:red", "outside")),
    }
    assert ("netns:outside", "10.0.0.2") in results("netns:outside netns:red --count 1", code=1), "if it is named"


@in_throwaway_host()
def test_a_big_matrix_leaves_room_in_the_neighbour_table() -> None:
    """Of a table that is smaller than the machine's, which all namespaces share."""
    shell("bridgekit mesh br7 10.7.0.0/16 --count 6 --yes; ip addr add 10.7.9.9/16 dev br7")
    shell("ip -n outside addr flush dev eth0")
    most, seen = 64, []

    def table(_: int) -> Table:
        found = Table(sum(len(neighbours.neighbours(space)) for space in named()), most)
        seen.append(found.entries)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probing.neighbours, "table", table)
        found = verify.verify(probe=verify.Probe(count=1))
        assert found.ok, found
        assert len(found.results) == 42
        assert len(seen) > 5, "asked in portions"
        assert max(seen) < most // 2
        assert sum(len(neighbours.neighbours(space)) for space in named()) == 0, "what was there before"
        # No room for a single question: then none is asked, and nothing is said of anybody.
        patch.setattr(probing, "_PATIENCE", 0)
        patch.setattr(probing.neighbours, "table", lambda _: Table(1020, 1024))
        found = verify.verify(probe=verify.Probe(count=1))
    assert {each.verdict for each in found.results} == {"not asked"}
    assert "1020 of 1024" in found.results[0].echo.why
    assert "net.ipv4.neigh.default.gc_thresh3=4096" in found.results[0].echo.why


@in_throwaway_host()
def test_a_failure_comes_with_what_stands_in_the_way() -> None:
    attach("red", "10.0.0.2")
    attach("blue", "10.0.0.3")
    assert not any(each["reasons"] for each in results("netns:red netns:blue --count 1").values())
    # FORWARD that drops, and bridges that ask iptables.
    shell("iptables -P FORWARD DROP; sysctl -qw net.bridge.bridge-nf-call-iptables=1")
    lines = run("netns:red netns:blue --count 1", code=1).out.splitlines()
    pairs, reason, *mends = lines[lines.index("This may be why:") + 1 :]
    assert pairs == "  netns:red -> netns:blue, netns:blue -> netns:red"
    assert "by the policy DROP of chain FORWARD" in reason
    assert any("iptables -I FORWARD -i br666 -o br666 -d 10.0.0.3 -p icmp" in each for each in mends)
    assert [line.split()[:4] for line in lines if "10.0.0.1" in line] == [
        ["ok", source, "host", "10.0.0.1"] for source in ("netns:red", "netns:blue")
    ]
    shell("iptables -I FORWARD -i br666 -j ACCEPT; iptables -I FORWARD -o br666 -j ACCEPT")
    run("netns:red netns:blue --count 1")  # what it said mends it
    # INPUT that drops: guests cannot ask their host.
    shell("iptables -P INPUT DROP")
    found = results("netns:red netns:blue --count 1", code=1)
    assert "by the policy DROP of chain INPUT" in why(found, "netns:red", "10.0.0.1")
    assert found["netns:red", "10.0.0.3"]["ok"]
    shell("iptables -I INPUT -i br666 -j ACCEPT")
    run("netns:red netns:blue --count 1")
    # Spanning tree, while a new port still listens.
    shell("ip link add br0 type bridge stp_state 1 forward_delay 3000; ip link set br0 up")
    attach("new", "10.0.1.2", "br0")
    attach("old", "10.0.1.3", "br0")
    found = results("netns:new netns:old --count 1", code=1)
    assert "listening" in why(found, "netns:new", "10.0.1.3")
