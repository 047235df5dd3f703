"""The old pipework's faults, by their numbers in the record: those that the text alone tells."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bridgekit import names, recipes
from bridgekit.errors import InputError
from bridgekit.recipes import pipe_words
from tests.test_cli import answer
from tests.test_pipework import REFUSED, explained, script, typed


def test_every_fault_has_its_test() -> None:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    named = [found for text in texts for found in re.findall(r"^def test_fault_((?:\d+_)+)", text, re.M)]
    assert {int(number) for found in named for number in found.split("_")[:-1]} == set(range(1, 46))


def test_fault_01_ipv6_needs_no_other_program() -> None:
    said = script("br1 -a 6 web 2001:db8::7/64")
    assert "ip -n web addr add 2001:db8::7/64 dev eth1" in said
    assert "busybox" not in said


@pytest.mark.parametrize(("family", "ok"), [("4", False), ("inet", False), ("6", True), ("inet6", True)])
def test_fault_02_a_family_by_any_of_its_names(family: str, ok: bool) -> None:
    words = f"br1 -a {family} web fd00::2/64"
    if ok:
        assert explained(words) == explained("br1 web fd00::2/64")
    else:
        with pytest.raises(InputError, match="not an address of family"):
            explained(words)
    with pytest.raises(InputError, match="not a family: '5'"):
        explained("br1 -a 5 web fd00::2/64")


def test_fault_03_an_ipv6_gateway_elsewhere_is_one_address() -> None:
    assert "ip -n web route add 2001:db8:9::1/128 dev eth1" in typed("br1 web 2001:db8::7/64@2001:db8:9::1")


def test_fault_04_ipv6_is_turned_on_and_the_neighbours_are_told() -> None:
    said = script("br1 web fd00::2/64")
    for key in ("disable_ipv6=0", "ndisc_notify=1"):
        assert f"sysctl -w net/ipv6/conf/eth1/{key}" in said
    assert "addr add fd00::2/64 dev eth1 nodad" in said
    assert "arp" not in " ".join(typed("br1 web fd00::2/64"))


@pytest.mark.parametrize(
    ("words", "word"), [("--direct-phys br1 web 0/0", "--direct-phys"), ("eth0 -l x web 0/0", "-l")]
)
def test_fault_16_what_has_no_meaning_is_not_left_out_silently(words: str, word: str) -> None:
    with pytest.raises(InputError, match=f"{word} is not for a HOSTIF of this kind"):
        explained(words)


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        *((name, "bridge") for name in ("br0", "br-lan", "br_1", "br0.20", "bridge", "bridge0")),
        *((name, "") for name in ("broken0", "bring0", "brlan", "eth0", "docker0", "tcfoo", "routes", "rulex")),
        *((name, "ovs") for name in ("ovs0", "ovs-br", "ovs")),
        *((name, "") for name in ("ovsx", "ibx", "dummyzzz", "dummy0")),
        ("ib0", "ipoib"),
        ("dummy", "dummy"),
    ],
)
def test_fault_19_a_typo_is_another_word(link: str, kind: str) -> None:
    assert pipe_words.read([link, "web", "10.0.0.2/24"]).kind == kind


def test_fault_23_the_namespace_is_held_once_it_is_found() -> None:
    commands = typed("br1 web 10.0.0.2/24")
    assert commands[2] == "mount --bind /proc/$pid/ns/net /var/run/netns/web"
    assert not [command for command in commands[3:] if "$pid" in command]


@pytest.mark.parametrize("prefix", [31, 32])
def test_fault_24_no_broadcast_where_there_is_none(prefix: int) -> None:
    assert f"ip -n web addr add 10.0.0.4/{prefix} dev eth1" in typed(f"br1 web 10.0.0.4/{prefix}")


@pytest.mark.parametrize("guest", ["we*", "w?b", "[w]eb", "../web", "-f"])
def test_fault_27_a_guests_name_is_no_pattern(guest: str) -> None:
    with pytest.raises(InputError):
        recipes.pipework(["br1", guest, "10.0.0.2/24"])


def test_fault_28_no_output_of_a_program_becomes_code() -> None:
    assert "ipcalc" not in script("br1 web 10.0.0.2/24")
    assert not [command for command in typed("br1 web 10.0.0.2/24@10.0.0.1") if "eval" in command]


def test_fault_29_a_mac_of_nothing_is_nobodys() -> None:
    with pytest.raises(InputError, match="no text to make a MAC address of"):
        explained("br1 web 10.0.0.2/24 U:")
    assert explained("br1 web 0/0 'U:a  b'") != explained("br1 web 0/0 'U:a b'")


def test_fault_34_a_long_name_is_refused_and_not_cut() -> None:
    with pytest.raises(InputError, match="not an interface name: 'brthisbridgename'"):
        explained("brthisbridgename web 10.0.0.2/24")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--help", 0),
        ("-n br1 web 10.0.0.2/24", 0),
        ("--explain br1 web 10.0.0.2/24", 0),
        ("br1 web 10.0.0.2", 2),
        ("", 2),
    ],
)
def test_fault_38_it_can_be_read_and_its_exit_codes_say_something(words: str, code: int) -> None:
    given = answer("pipework", *words.split())
    assert given.code == code
    assert bool(given.err) == bool(code)
    assert bool(given.out) == (not code)


def test_fault_39_options_stand_anywhere() -> None:
    usual = explained("br1 -i eth2 -l app -a 4 web 10.0.0.2/24")
    for other in (
        "-l app -a 4 -i eth2 br1 web 10.0.0.2/24",
        "br1 -l app -i eth2 web -a 4 10.0.0.2/24",
        "br1 web 10.0.0.2/24 -a 4 -i eth2 -l app",
    ):
        assert explained(other) == usual
    assert explained("em1 web 10.0.0.2/24 --direct-phys") == explained("--direct-phys em1 web 10.0.0.2/24")


@pytest.mark.parametrize("link", ["br1", "em1", "dummy", "ovs0", "em1.4094"])
def test_fault_40_names_fit_and_stay_the_same(link: str) -> None:
    commands = typed(f"{link} -i vlongname901234 web 10.0.0.2/24")
    made = [shlex.split(command)[4:] for command in commands if command.startswith("ip link add name")]
    assert made
    assert all(len(words[0]) <= 15 and "pid" not in words[0] for words in made)


def test_fault_41_all_is_checked_before_the_first_command() -> None:
    assert len(REFUSED) > 40  # each of them without a plan, so without a command


def test_fault_42_no_docker_where_there_is_none() -> None:
    for guest, engine in (("web", "docker"), ("podman:web", "podman"), ("lxc:web", "lxc-info"), ("netns:red", "")):
        programs = re.search(r"NEEDS='(.*)'", script(f"br1 {guest} 10.0.0.2/24"))
        assert programs
        found = {each.partition("=")[0] for each in programs[1].split()} & {"docker", "podman", "lxc-info"}
        assert found == ({engine} if engine else set())


def test_fault_44_several_addresses_routes_mtu_and_modes() -> None:
    commands = typed(
        "br1 web 10.0.0.2/24@10.0.0.1 10.0.1.2/24 fd00::2/64@fd00::1 --route 10.9.0.0/16@10.0.1.9 --mtu 1400"
    )
    for wanted in (
        "ip -n web addr add 10.0.1.2/24 brd + dev eth1",
        "ip -n web addr add fd00::2/64 dev eth1 nodad",
        "ip -n web route add 10.9.0.0/16 via 10.0.1.9 dev eth1",
        "ip -n web link set eth1 mtu 1400",
    ):
        assert wanted in commands
    assert any(command.endswith("replace_default -6 fd00::1 eth1") for command in commands)
    for mode in ("private", "vepa", "passthru"):
        assert f"type macvlan mode {mode}" in script(f"em1 --mode {mode} web 10.0.0.2/24")


def test_a_mac_of_a_text_is_the_old_tools() -> None:
    assert "--mac 02:72:6c:cd:9b:8d" in explained("br1 web 0/0 U:myhost.foo.com")
    assert names.mac("02:72:6c:cd:9b:8d")
