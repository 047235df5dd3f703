"""The old pipework's faults, by their numbers in the record: those that the text alone tells."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from bridgekit import explain, names, recipes, run
from bridgekit.errors import InputError
from bridgekit.recipes import pipe_words
from tests.test_cli import answer
from tests.test_pipework import FORMS, REFUSED, explained, script, typed


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


_WHAT_IT_IS = ("ip", "-j", "-d", "link", "show", "dev")  # asked of a HOSTIF whose name does not tell


@pytest.mark.parametrize("words", [words for words in REFUSED if "$(" not in words])
def test_fault_41_what_is_wrong_starts_no_program(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses, gateways, MAC addresses, VLAN numbers: all that the old tool left to `ip`, after it had made links."""
    started: list[object] = []
    monkeypatch.setattr(run, "start", lambda *argv, **_: started.append(argv))
    monkeypatch.setattr(subprocess, "run", lambda *argv, **_: started.append(argv))
    monkeypatch.setattr(subprocess, "Popen", lambda *argv, **_: started.append(argv))
    given = answer("pipework", "--yes", *shlex.split(words))
    asked = [argv[0][:6] for argv in started if isinstance(argv, tuple)]
    assert (given.code, asked) in ((2, []), (2, [_WHAT_IT_IS])), given
    assert "\n  hint: " in given.err


ONCE_TOUCHED = "is down, and so is all that stands on it"  # of a parent, when it was told to be up


@pytest.mark.parametrize("words", FORMS)
def test_fault_41_what_only_the_host_knows_is_asked_before_the_first_command(words: str) -> None:
    if not FORMS[words]:
        return
    lines = script(words).partition("\nSTEPS\n")[0].splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("  run "))
    asked = [at for at, line in enumerate(lines) if line.startswith("  need ") and ONCE_TOUCHED not in line]
    assert asked
    assert max(asked) < first, lines[max(asked)]


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


@pytest.mark.parametrize(
    ("words", "said", "right"),
    [
        ("route web add 10.0.5.6/24 via 10.2.3.5", "not a network: '10.0.5.6/24'", "10.0.5.0/24"),
        ("route web add 10.0.5.0/24 via 10.2.3.5.78", "'10.2.3.5.78'", "an IPv4 or IPv6 address"),
        ("br1 -name web 10.0.0.2/24", "not an option of pipework: '-name'", "HOSTIF [-i GUESTIF]"),
    ],
)
def test_fault_45_an_example_that_fails_as_printed_says_what_would_be_right(words: str, said: str, right: str) -> None:
    given = answer("pipework", "--yes", *words.split())
    error, _, hint = given.err.partition("\n  hint: ")
    assert (given.code, said in error, right in hint) == (2, True, True), given


@pytest.mark.parametrize("language", ["en", "zh"])
def test_fault_45_each_example_of_ours_is_a_plan(language: str) -> None:
    page = (explain.TEMPLATES / "help" / language / "pipework.md").read_text("utf-8")
    lines = [*explain.examples("pipework"), *re.findall(r"^(?:\$ )?(bridgekit pipework (?!\[).*)$", page, re.M)]
    assert len(lines) >= 4
    for line in lines:
        words = line.removeprefix("sudo ").removeprefix("bridgekit pipework ").split("   #")[0]
        given = answer("pipework", *(() if "--explain" in words else ("-n",)), *shlex.split(words))
        assert (given.code, given.err) == (0, ""), line


def test_what_was_asked_for_in_vain_is_typed_so() -> None:
    """What this kernel has none of: by its commands.  The rest: tests/kernel/test_pipework_more.py."""
    commands = typed("br1 web 10.0.0.2/24 @20")
    tagged = [
        re.sub("veth_[0-9a-f]+", "L", command) for command in commands if " vid " in command or "vlan_" in command
    ]
    assert tagged == [
        "ip link set br1 type bridge vlan_filtering 1",
        "bridge vlan add dev L vid 20 pvid untagged",
        "bridge vlan del dev L vid 1",
    ]
    text = script("br1 web 10.0.0.2/24 @20")
    assert re.search(r"^  need .*CONFIG_BRIDGE_VLAN_FILTERING.* can_make bridge vlan_filtering 1$", text, re.M)
    assert not [command for command in typed("br1 web 10.0.0.2/24") if "vlan" in command]
    with pytest.raises(InputError, match="on a bridge without a VLAN"):
        recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1", vlan="20")


@pytest.mark.parametrize(
    ("guest", "written"), [("lxc:web", False), ("pid:7", False), ("web", True), ("netns:red", True)]
)
def test_a_lease_says_whose_resolv_conf_stays_as_it_is(guest: str, written: bool) -> None:
    (said,) = [line for line in script(f"br1 {guest} udhcpc").splitlines() if re.match("step .*Start udhcpc", line)]
    assert ("the guest's resolv.conf stays as it is" in said) == (not written)


def test_a_mac_of_a_text_is_the_old_tools() -> None:
    assert "--mac 02:72:6c:cd:9b:8d" in explained("br1 web 0/0 U:myhost.foo.com")
    assert names.mac("02:72:6c:cd:9b:8d")
