"""`explain-option`: what an option changes, and what it says where there is nothing to change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.render.as_diff import changes
from tests.golden import answer

ROOT = Path(__file__).resolve().parents[1]


def explained(*words: str) -> list[str]:
    """What `explain-option` prints, without sentences."""
    given = answer("explain-option", *words)
    assert (given.code, given.err) == (0, "")
    return [line for line in given.out.splitlines() if not line.startswith("    ")]


def test_commands_taken_away_and_added_in_their_order() -> None:
    assert explained("--icc=false") == [
        "bridgekit docker0 --icc false differs from bridgekit docker0:",
        "- iptables -w -I FORWARD 3 -i docker0 -o docker0 -j ACCEPT",
        "+ iptables -w -A FORWARD -i docker0 -o docker0 -j DROP",
        "+ sysctl -w net.bridge.bridge-nf-call-iptables=1",
    ]


def test_each_with_its_sentence_and_reason() -> None:
    lines = answer("explain-option", "--icc=false").out.splitlines()
    assert lines[2] == "    Let containers on docker0 talk to each other.  That is what --icc true means."
    lines = answer("explain-option", "--icc=false", "--lang", "zh").out.splitlines()
    assert lines[2] == "    允许 docker0 上的容器互相通信。  这就是 --icc true 的意思。"


def test_a_reason_of_several_lines_is_given_once() -> None:
    lines = answer("explain-option", "--mtu", "1400").out.splitlines()
    assert sum("must have the same MTU" in line for line in lines) == 1
    assert sum("Set the MTU of" in line for line in lines) == 2
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize(
    "words", [("--internal=false",), ("--icc=true",), ("--expose", "80"), ("--publish-all=false",)]
)
def test_it_says_so_where_nothing_changes(words: tuple[str, ...]) -> None:
    (line,) = explained(*words)
    assert " changes no command: what it asks for is so by default, " in line


def test_what_it_means_to_a_container() -> None:
    heard = explained("--mtu", "1400")
    assert heard[0].startswith("bridgekit docker0 --mtu 1400 does to the host what bridgekit docker0 does")
    assert heard[1].startswith("bridgekit wire web --publish 8080:80 --made-by 'docker0 --mtu 1400' differs from ")
    assert [line[:6] for line in heard[2:]] == ["+ ip l", "+ ip -"]
    assert any(line.endswith("-host-ip 127.0.0.1 -host-port 8080 -container-ip \"$address\" -container-port 80")
               for line in explained("--ip=127.0.0.1") if line.startswith("+"))  # fmt: skip


def test_the_first_of_a_fixed_range_is_docker0s_own() -> None:
    heard = explained("--fixed-cidr=172.17.1.0/24")
    assert heard[1:3] == [
        "- ip addr add 172.17.0.1/16 brd + dev docker0",
        "+ ip addr add 172.17.1.0/16 brd + dev docker0",
    ]


def test_several_at_once_and_of_any_command() -> None:
    assert explained("--userland-proxy=false", "--ip-masq", "false")[0].startswith(
        "bridgekit docker0 --ip-masq false --userland-proxy false differs"
    )
    assert explained("--internal")[0] == "bridgekit network blue --internal differs from bridgekit network blue:"
    assert explained("-p", "8080:80")[0] == "bridgekit wire web --publish 8080:80 differs from bridgekit wire web:"
    assert explained("--icc=false", "--of", "network")[1:3] == [
        "- iptables -w -I FORWARD 3 -i br-blue -o br-blue -j ACCEPT",
        "+ iptables -w -A FORWARD -i br-blue -o br-blue -j DROP",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("icc",), "not an option: 'icc'"),
        (("--nonsense=1",), "not an option of docker0, network, wire: --nonsense=1"),
        (("--nonsense=1",), "    network: --subnet --gateway --ip-range --internal "),
        (("--nonsense=1",), " --publish -p --publish-all -P "),
        (("--bip=10.0.0.1/24", "--of", "network"), "not an option of network: --bip=10.0.0.1/24"),
        (
            ("--icc=false", "--internal", "--bip", "10.0.0.1/24"),
            "--icc=false (docker0 or network), --internal (network), --bip (docker0)",
        ),
        (("--bip",), "an option without its value: '--bip'"),
        (("--internal=no",), "neither true nor false: 'no'"),
        (("--icc=maybe",), "neither true nor false: 'maybe'"),
        (("--icc=false", "--iptables=false"), "--icc false needs --iptables true"),
        (("--mtu", "much"), "not a whole number"),
        (("--icc=false", "--of", "attach"), "no command with options of the engine: 'attach'"),
    ],
)
def test_refusals(words: tuple[str, ...], said: str) -> None:
    given = answer("explain-option", *words)
    assert given.code == 2
    assert said in given.err


def test_as_data() -> None:
    network, container = json.loads(answer("explain-option", "--icc=false", "--json").out)
    assert (network["command"], network["default"]) == ("bridgekit docker0 --icc false", "bridgekit docker0")
    assert [change["mark"] for change in network["changes"]] == ["-", "+", "+"]
    assert container["changes"] == []


def test_a_plan_does_not_differ_from_itself() -> None:
    assert changes(recipes.docker0(), recipes.docker0()) == []


def test_it_never_reads_the_machine() -> None:
    code = (
        "import sys; sys.argv = 'bridgekit explain-option --mtu 1400'.split()\n"
        "def watch(event, given):\n"
        "    path = str(given[0]) if event == 'open' else ''\n"
        "    assert event not in ('subprocess.Popen', 'os.posix_spawn', 'os.exec', 'socket.connect'), event\n"
        "    assert not path.startswith(('/proc', '/sys', '/run', '/var/run', '/etc/docker')), path\n"
        "import bridgekit.cli\n"
        "sys.addaudithook(watch)\n"
        "bridgekit.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mtu 1400" in done.stdout
