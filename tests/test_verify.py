"""`verify`: what ping's words mean, what a file of expectations says, and what is refused.  The programs are faked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from bridgekit import names, verify
from bridgekit.cli import matrix
from bridgekit.errors import HostError, InputError
from bridgekit.facts.links import Link, global_addresses
from bridgekit.facts.pings import NO_ROOM, Echo, echo, ping
from bridgekit.facts.spaces import Space
from bridgekit.verify import Matrix, Probe, Reason, Result, expectations
from bridgekit.verify.parties import Party
from bridgekit.verify.probing import Question
from bridgekit.verify.reasons import Reasons
from tests.golden import answer

SAID = {
    "iputils": (
        "3 packets transmitted, 3 received, 0% packet loss, time 402ms\n"
        "rtt min/avg/max/mdev = 0.022/0.031/0.037/0.006 ms\n",
        Echo(3, 3, 0.031),
    ),
    "busybox": (
        "3 packets transmitted, 2 packets received, 33% packet loss\nround-trip min/avg/max = 0.071/0.104/0.141 ms\n",
        Echo(3, 2, 0.104),
    ),
    "silence": ("3 packets transmitted, 0 received, 100% packet loss, time 2ms\n\n", Echo(3, 0, None, "no answer")),
    "a router's word": (
        "From 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n"
        "--- 10.0.0.9 ping statistics ---\n"
        "3 packets transmitted, 0 received, +1 errors, 100% packet loss, time 3048ms\n",
        Echo(3, 0, None, "Destination Host Unreachable"),
    ),
    "no route": ("ping: connect: Network is unreachable\n", Echo(0, 0, None, "Network is unreachable")),
    "a rule of the host's own": (
        "ping: sendmsg: Operation not permitted\n3 packets transmitted, 0 received, 100% packet loss, time 402ms\n",
        Echo(3, 0, None, "Operation not permitted"),
    ),
    "no namespace": (
        "nsenter: cannot open /proc/9/ns/net: No such file or directory\n",
        Echo(0, 0, None, "nsenter: cannot open /proc/9/ns/net: No such file or directory", False),
    ),
    "no right to ping": (
        "ping: socket: Operation not permitted\n",
        Echo(0, 0, None, "ping: socket: Operation not permitted", False),
    ),
    "bigger than the link's MTU": (
        "ping: local error: message too long, mtu=1400\n"
        "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n",
        Echo(1, 0, None, "message too long, mtu=1400"),
    ),
    "a full neighbour table": ("ping: sendmsg: No buffer space available\n", Echo(0, 0, None, NO_ROOM, False)),
    "nothing": ("", Echo(0, 0, None, "ping said nothing", False)),
}
PING = ["ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", "10.0.0.2"]
HOST, RED = Space(1), Space(2, "/run/netns/no-such-red", ("no-such-red",))


@pytest.mark.parametrize("name", SAID)
def test_pings_words(name: str) -> None:
    said, meant = SAID[name]
    assert echo(said) == meant


def test_loss_is_in_percent() -> None:
    assert [each.loss for each in (Echo(3, 3), Echo(3, 2), Echo(3, 0), Echo(0, 0))] == [0, 33, 100, 100]


def test_the_hosts_ping_asks_from_the_guests_namespace(fp: FakeProcess) -> None:
    said, meant = SAID["iputils"]
    fp.register(["nsenter", f"--net={RED.path}", *PING], stdout=said)
    assert ping(RED, "10.0.0.2", 3) == meant
    fp.register(PING, stderr=SAID["no route"][0], returncode=2)
    assert ping(HOST, "10.0.0.2", 3).why == "Network is unreachable"


def test_the_host_is_asked_where_it_sends_from(fp: FakeProcess) -> None:
    fp.register(["ip", "-j", "route", "get", "10.0.0.2"], stdout='[{"dst": "10.0.0.2", "prefsrc": "10.0.0.1"}]')
    fp.register(["ip", "-j", "route", "get", "10.0.0.3"], returncode=2)
    host, web = Party("host", HOST, ("10.0.0.1", "192.0.2.1")), Party("web", RED, ("10.0.0.2", "10.0.0.3"))
    assert web.asked_by(host) == ("10.0.0.2", "10.0.0.3")
    assert host.asked_by(web) == ("10.0.0.1",)


def test_an_ip_version_that_only_one_has_is_not_asked() -> None:
    web, db = Party("web", RED, ("10.0.0.2", "2001:db8::2")), Party("db", Space(3, "/x"), ("10.0.0.3",))
    assert web.asked_by(db) == ("10.0.0.2",)
    assert db.asked_by(web) == ("10.0.0.3",)


def test_addresses_for_others() -> None:
    own = ("127.0.0.1/8 scope host", "10.1.1.1 peer 10.1.1.2/32", "10.0.0.2/24 label eth0:1", "2001:db8::2/64")
    link = Link(1, "eth0", "veth", True, 1500, "", "default", "02::", own)
    assert global_addresses([link, link]) == ("10.1.1.1", "10.0.0.2", "2001:db8::2")


# Expectations


def _rules(tmp_path: Path, text: str) -> tuple[expectations.Rule, ...]:
    file = tmp_path / "expect"
    file.write_text(text)
    return expectations.read(str(file))


def test_the_last_line_that_fits_counts(tmp_path: Path) -> None:
    rules = _rules(
        tmp_path,
        "# who must not reach whom\n\n* -> db: fails   # but\nhost -> db: works\n"
        "netns:red -> 2001:DB8::0:2:fails\npodman:web->netns:red:fails\n",
    )
    cases = {
        ("web", "db"): False,
        ("host", "db"): True,
        ("host", "web"): True,
        ("netns:red", "2001:db8::2"): False,
        ("podman:web", "netns:red"): False,
    }
    assert {pair: expectations.works(rules, pair[0], [pair[1]]) for pair in cases} == cases
    expectations.check_names(rules, ["host", "netns:red", "podman:web"], ["db", "2001:db8::2", "netns:red"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web db fails", "line 2: 'web db fails'"),
        ("web > db: fails", "`web -> db: fails`"),
        ("-> db: fails", "not an expectation"),
        ("web -> : fails", "not an expectation"),
        ("web db -> red: fails", "not an expectation"),
        ("web -> db", "not an expectation"),
        ("web -> db: fail", "neither `works` nor `fails`"),
        ("web -> 2001:db8::2", "neither `works` nor `fails`"),
    ],
)
def test_a_line_that_says_nothing_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        _rules(tmp_path, f"# first\n{text}\n")
    assert words in str(refused.value)
    assert "line 2" in str(refused.value)


@pytest.mark.parametrize("line", ["wbe -> db: fails", "web -> bd: fails"])
def test_a_line_about_nobody_is_refused(tmp_path: Path, line: str) -> None:
    rules = _rules(tmp_path, line)
    with pytest.raises(InputError, match=r"nothing here is called '(wbe|bd)'.*line 1"):
        expectations.check_names(rules, ["host", "web"], ["host", "db"])


# What is refused before any program runs: pytest-subprocess forbids all.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("we;b", "not a guest"),
        ("lxd:web", "podman:NAME"),
        ("web db web", "named twice: 'web'"),
        ("host", "always takes part"),
        ("--to example.org", "not a name"),
        ("--to 10.0.0.0/24", "without a prefix"),
        ("--to 224.0.0.1", "no single host"),
        ("--to 0.0.0.0", "no single host"),
        ("--to 10.0.0.1;reboot", "not an address"),
        ("--count 0", "1 to 100"),
        ("--count 101", "1 to 100"),
        ("--count x", "not a whole number: 'x'"),
        ("--count ٣", "not a whole number: '٣'"),
        ("--expect /nonexistent", "cannot read"),
        ("--expect /", "cannot read"),
        ("--expect /dev/null --coun 3", "count"),
        ("--port 0", "1 to 65535"),
        ("--port 80/sctp", "tcp, udp"),
        ("--port 80-81", "one port at a time"),
        ("--port http", "not a port: 'http'"),
        ("--size 63", "64 to 65535"),
        ("--size 65536", "64 to 65535"),
        ("--size x", "not a whole number: 'x'"),
        ("--port 80 --size 1500", "two questions"),
    ],
)
@pytest.mark.usefixtures("fp")
def test_refusals_are_sentences(arguments: str, words: str) -> None:
    given = answer("verify", *arguments.split())
    assert (given.code, given.out) == (2, "")
    assert words in given.err
    assert "Traceback" not in given.err


@pytest.mark.usefixtures("fp")
def test_bytes_are_no_expectations(tmp_path: Path) -> None:
    (tmp_path / "expect").write_bytes(b"\xff\xfe")
    assert answer("verify", "--expect", str(tmp_path / "expect")).code == 2


@pytest.mark.usefixtures("fp")
def test_a_host_that_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(HostError, match="iputils-ping"):
        verify.verify(["web"])
    monkeypatch.undo()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(HostError, match="not root"):
        verify.verify(["web"])


def test_an_address_to_ask() -> None:
    assert str(names.target("2001:DB8::0:2")) == "2001:db8::2"


# What is printed

WALL = Reason("FORWARD: policy DROP", "iptables -I FORWARD -i br0 -j ACCEPT")
RESULTS = (
    Result("host", "web", "10.0.0.2", Echo(3, 3, 0.0314), True),
    Result("web", "db", "10.0.0.3", Echo(3, 0, None, "no answer"), True, (WALL, Reason("br0: listens"))),
    Result("web", "netns:red", "", Echo(0, 0, None, "no address to ask"), False),
    Result("db", "web", "10.0.0.2", Echo(3, 2, 12.5), False),
    Result("db", "host", "10.0.0.1", Echo(0, 0, None, "nsenter: gone", False), False),
    Result("db", "netns:red", "10.0.0.4", Echo(4, 3, 1.0), True, (WALL,)),
)


def test_the_matrix_is_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matrix, "verify", lambda *_: Matrix(RESULTS, ("pid:7",), ("cl",)))
    assert not matrix.show_matrix((), (), None, verify.checked(port="80"), True, json=False)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "RESULT     FROM  TO         ADDRESS   LOSS  RTT",
        "ok         host  web        10.0.0.2  0%    0.031 ms",
        "FAILED     web   db         10.0.0.3  100%  no answer",
        "ok         web   netns:red  -         100%  no address to ask, as expected",
        "FAILED     db    web        10.0.0.2  33%   12.500 ms, but it must not work",
        "not asked  db    host       10.0.0.1  100%  nsenter: gone",
        "lossy      db    netns:red  10.0.0.4  25%   1.000 ms",
        "4 of 6 are not as expected",
        "This may be why:",
        "  web -> db, db -> netns:red",
        "    FORWARD: policy DROP",
        "    -> iptables -I FORWARD -i br0 -j ACCEPT",
        "  web -> db",
        "    br0: listens",
    ]
    assert printed.err == (
        "Left out, because they have no address: pid:7.\nNot asked, because nothing listens on 80/tcp there: cl.\n"
    )


def test_json_alone_is_on_the_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "verify", lambda *_: Matrix(RESULTS[:1], ("pid:7",)))
    assert matrix.show_matrix((), (), None, verify.Probe(), True, json=True)
    assert json.loads(capsys.readouterr().out) == [
        {
            "from": "host",
            "to": "web",
            "address": "10.0.0.2",
            "sent": 3,
            "received": 3,
            "loss": 0,
            "rtt": 0.0314,
            "why": "",
            "expected": "works",
            "result": "ok",
            "ok": True,
            "reasons": [],
        }
    ]


def test_an_answer_that_says_why_it_is_none_gets_no_other_reason() -> None:
    """What `doctor` finds of a host had been told of a pair whose address another one has."""
    party = Party("netns:a", Space(7, "/run/netns/a", ("a",)), ("10.0.0.2",))
    asked = Question(party, party, "10.0.0.3", ("netns:b",))
    assert Reasons(Probe()).of(asked, Echo(3, 0, why="another has answered", clear=True)) == ()
