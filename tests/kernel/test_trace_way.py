"""`trace` on a real kernel: the way that it tells, whom it can be asked about, and that nothing of it stays."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from bridgekit import trace
from bridgekit.errors import HostError
from bridgekit.facts import snapshot
from bridgekit.facts.nftables import nftables
from bridgekit.facts.spaces import here
from bridgekit.facts.survey import Survey, survey
from bridgekit.trace import netlink, packets, record, traced, wires
from tests.kernel.test_trace import listening, network
from tests.kernel.world import in_throwaway_host, shell


def told(words: str, code: int = 0) -> list[str]:
    """What the command prints, without what is another each time."""
    done = shell(f"bridgekit trace {words}", check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return done.stdout.splitlines()


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def tables() -> list[str]:
    """The tables of nft in this host, ours among them."""
    found = nftables(here())
    assert found is not None
    return [each.name for each in found]


NO_ROUTE = "web has no route to 203.0.113.2: it has no default route"
PUBLISHED = """there:
  outside  route     203.0.113.0/24 dev eth0 proto kernel scope link src 203.0.113.2
           eth0 out  203.0.113.2:N > 203.0.113.1:8080
  host     em1 in
           rule      -t nat -A PREROUTING -p tcp -m tcp --dport 8080 -m addrtype --dst-type LOCAL {}
           now       203.0.113.2:N > 10.0.0.2:80
           route     10.0.0.0/24 dev br0 proto kernel scope link src 10.0.0.1
           rule      -t filter -A FORWARD -o br0 -j USER
           rule      -t filter -A USER -i em1 -j ACCEPT
           br0 out   203.0.113.2:N > 10.0.0.2:80
           vweb out
  web      eth0 in
back:
  web      route     default via 10.0.0.1 dev eth0
           eth0 out  10.0.0.2:80 > 203.0.113.2:N
  host     vweb in
           br0 in
           route     203.0.113.0/24 dev em1 proto kernel scope link src 203.0.113.1
           policy    -t filter -P FORWARD ACCEPT
           now       203.0.113.1:8080 > 203.0.113.2:N
           em1 out   203.0.113.1:8080 > 203.0.113.2:N
  outside  eth0 in
answered after N ms""".format("-j DNAT --to-destination 10.0.0.2:80")


@in_throwaway_host(again=lambda: True)
def test_the_way_to_a_published_port_and_back() -> None:
    rules = "iptables -N USER; iptables -A USER -i em1 -j ACCEPT; iptables -A FORWARD -o br0 -j USER"
    with network({"do": rules}):
        found = "\n".join(told("outside 203.0.113.1:8080 --sport 45000"))
        found = found.replace(":45000", ":N").replace(found.rpartition("after ")[2], "N ms")
        assert found == PUBLISHED


@in_throwaway_host(again=lambda: True)
def test_a_port_that_the_nat_chose_is_followed() -> None:
    """podman's netavark and others masquerade with `--random-fully`."""
    rules = "iptables -t nat -F POSTROUTING; iptables -t nat -A POSTROUTING -o em1 -p tcp -j MASQUERADE --random-fully"
    with network({"do": rules}):
        found = traced("netns:web", "203.0.113.2", 80, sport=45000)
    assert found.answered
    passed = [(hop.way, hop.place, hop.link) for hop in found.hops if hop.link]
    assert ("there", "outside", "eth0") in passed
    assert ("back", "outside", "eth0") in passed
    assert passed[-1] == ("back", "web", "eth0")
    texts = {(hop.way, hop.place, hop.link): hop.text for hop in found.hops if hop.what == "out"}
    assert texts["there", "host", "em1"].startswith("203.0.113.1:")
    assert not texts["there", "host", "em1"].startswith("203.0.113.1:45000")
    assert texts["back", "host", "br0"] == "203.0.113.2:80 > 10.0.0.2:45000"


@in_throwaway_host("web", "podman:pod", "netns:red")
def test_guests_of_all_forms() -> None:
    for number, guest in enumerate(("web", "podman:pod", "netns:red"), 2):
        shell(f"bridgekit attach {guest} 10.0.0.{number}/24 --gateway 10.0.0.1 --yes")
    pid = shell("docker inspect -f '{{.State.Pid}}' web").stdout.strip()
    shell("ip -n outside route replace 10.0.0.0/24 via 203.0.113.1; sysctl -qw net.ipv4.ip_forward=1")
    sources = ("host", "web", "podman:pod", "netns:red", f"pid:{pid}", "10.0.0.4", "outside")
    targets = ("web", "podman:pod", "netns:red", "host", "10.0.0.3", f"pid:{pid}", "host")
    for source, target in zip(sources, targets, strict=True):
        assert told(f"{source} {target}")[-1].startswith("answered after "), (source, target)
    with listening("red 0.0.0.0 80"):
        found = json.loads("\n".join(told("web netns:red:80 --json")))
    assert (found["answered"], found["address"], found["port"], found["mend"]) == (True, "10.0.0.4", 80, "")
    assert {hop["place"] for hop in found["hops"]} == {"web", "host", "red"}
    assert told(f"pid:{pid} netns:red:80", code=1)[-1].startswith("not answered: red refuses it")
    shell("ip netns add empty")
    for words, code, said in (
        ("nobody web", 3, "no such guest is running: 'nobody'"),
        ("web nobody", 3, "no such guest is running: 'nobody'"),
        ("198.51.100.9 web", 3, "198.51.100.9"),
        ("web netns:empty", 3, "has no address"),
        ("web 10.0.0.3 --size 20", 2, "20"),
        ("10.0.0.2 fd00::1", 2, "IP versions"),
        ("wep web", 3, "did you mean web?"),
    ):
        done = shell(f"bridgekit trace {words}", check=False)
        assert (done.returncode, done.stdout) == (code, "")
        assert said in done.stderr
    assert "did you mean netns:empty?" in shell("bridgekit verify netns:emty", check=False).stderr


@in_throwaway_host(again=lambda: True)
def test_nothing_stays_of_a_trace_that_was_killed() -> None:
    with network({"do": "true"}):
        before, rules = snapshot(), shell("iptables-save -c; ip6tables-save -c").stdout
        known = tables()
        words = ["bridgekit", "trace", "web", "203.0.113.77", "--sport", "45000"]
        for moment in (0, 0.1):
            with subprocess.Popen(words, stdout=subprocess.DEVNULL) as tracing:
                until(lambda: f"{netlink.PREFIX}45000" in tables())
                time.sleep(moment)  # the packet on its way
                tracing.send_signal(signal.SIGKILL)
                assert tracing.wait() == -signal.SIGKILL
            until(lambda: tables() == known)
            left = [name for name in os.listdir("/proc") if name.isdecimal() and b"45000" in _words(name)]
            assert left == []
        assert snapshot() == before
        without = "sed 's/^# .*//; s/\\[[0-9:]*\\]//'"
        assert (
            shell(f"{{ iptables-save -c; ip6tables-save -c; }} | {without}").stdout
            == shell(f"{without} <<'RULES'\n{rules}RULES").stdout
        )


def _words(pid: str) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


@in_throwaway_host(again=lambda: True)
def test_two_traces_at_once_do_not_see_each_other() -> None:
    with network({"do": "true"}):
        words = [["bridgekit", "trace", source, "203.0.113.2", "--json"] for source in ("web", "db", "web", "db")]
        tracing = [subprocess.Popen(each, stdout=subprocess.PIPE) for each in words]
        found = [json.loads(each.communicate()[0]) for each in tracing]
    for each in found:
        assert each["answered"]
        mine = {hop["place"] for hop in each["hops"]}
        assert mine == {each["from"], "host", "outside"}


@in_throwaway_host(again=lambda: True)
def test_a_trace_that_ends_leaves_nothing() -> None:
    with network({"do": "true"}):
        before, known = snapshot(), tables()
        told("web 203.0.113.2")
        told("web 203.0.113.2:81", code=1)
        assert (snapshot(), tables()) == (before, known)


@in_throwaway_host(again=lambda: True)
def test_the_traffic_of_others_is_not_read() -> None:
    """A busy host has more of it than can be read; what may be ours comes through, in both IP versions."""
    with wires.wire((45000, 80), packets.TCP) as heard, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as others:
        for _ in range(50):
            others.sendto(b"much", ("127.0.0.1", 9))
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for port in (45000, 45001):
                with socket.socket(family) as ours:
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    ours.bind((address, port))
                    assert ours.connect_ex((address, 81)) == errno.ECONNREFUSED
        read = [frame.packet for frame in wires.frames(here(), heard)]
        seen = [(each.source, each.sport, each.dport) for each in read if each and each.protocol == packets.TCP]
        assert seen == [(each, *ports) for each in ("127.0.0.1", "::1") for ports in ((45000, 81), (81, 45000))]
        assert not [each for each in read if each and each.protocol == packets.UDP]


@in_throwaway_host(again=lambda: True)
def test_where_the_kernel_traces_nothing_the_wires_tell() -> None:
    """An old kernel, or one without nf_tables."""

    def refuses(_: int) -> socket.socket:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "mark", refuses)
        with network({"do": "ip -n web route del default"}):
            found = traced("outside", "203.0.113.1", 8080, patience=0.2)
            assert found.reason == "it arrived in web, but the way back: " + NO_ROUTE
            assert "the rules of web cannot be seen: Operation not supported" in found.notes
            shell("ip -n web route add default via 10.0.0.1")
            assert traced("outside", "203.0.113.1", 8080).answered


BEYOND = {
    "o true": "203.0.113.2:81, beyond what can be seen from here, refuses it: nothing listens there",
    "o iptables -A INPUT -p tcp -j REJECT --reject-with icmp-admin-prohibited": "203.0.113.2, beyond what can be seen "
    "from here, sends an error back: prohibited",
    "o iptables -A INPUT -p tcp -j DROP": "it left host by em1 as 203.0.113.1; what is behind em1 cannot be seen from "
    "here, and nothing came back in 0.2 s",
    "iptables -t nat -F POSTROUTING": "it left host by em1 as 10.0.0.2; what is behind em1 cannot be seen from here, "
    "and nothing came back in 0.2 s; its source is private: nobody outside knows a way back to it",
}


@in_throwaway_host(again=lambda: True)
def test_what_is_behind_the_uplink_is_not_guessed() -> None:
    """As on a real host, whose outside is no namespace."""

    def known(everyone: bool) -> Survey:
        seen = survey(everyone)
        return Survey({space: links for space, links in seen.links.items() if "outside" not in space.names})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "survey", known)
        for fault, said in BEYOND.items():
            with network({"do": fault, "back": "o iptables -F"}):
                found = traced("web", "203.0.113.2", 81, patience=0.2)
                assert found.reason == said
                assert found.mend == ("bridgekit outbound 10.0.0.0/24 --bridge br0" if "private" in said else "")
                assert {hop.place for hop in found.hops} == {"web", "host"}
        with network({"do": "true"}), pytest.raises(HostError, match="what is outside of this host cannot be sent"):
            traced("outside", "203.0.113.1")
