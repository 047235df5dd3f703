"""The command line."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bridgekit import journal
from bridgekit.recipes import RECIPES
from tests.golden import GOLDEN, HERE, answer, rendered

ATTACH = ("attach", "web", "10.0.0.2/24")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of our own."""
    folder = tmp_path / "state"
    monkeypatch.setattr(journal, "STATE", folder)
    return folder


def test_lists() -> None:
    assert [line.split()[0] for line in rendered("recipes").splitlines()] == [*RECIPES]
    assert rendered("lessons").split()[0] == rendered("learn").split()[0] == "docker-by-hand"
    assert all(len(line.split()) > 3 for line in (rendered("recipes") + rendered("lessons")).splitlines())


@pytest.mark.parametrize(
    "command",
    [
        "",
        "attach",
        "bridge",
        "outbound",
        "learn",
        "learn docker-by-hand",
        "undo",
        "check",
        "repair",
        "sandbox",
        "show",
        "show peers",
        "show networks",
        "verify",
        "doctor",
    ],
)
def test_help(command: str) -> None:
    code, out, err = answer(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage:")


def test_output_is_what_the_dry_run_prints(tmp_path: Path) -> None:
    path = tmp_path / "attach.sh"
    assert answer(*ATTACH, "-o", str(path)) == (0, "", "")
    assert path.read_text("utf-8") == rendered(" ".join((*ATTACH, "-n")))
    assert path.stat().st_mode & 0o777 == 0o755


def test_json_is_the_plan() -> None:
    form = json.loads(rendered(" ".join((*ATTACH, "--name", "mine", "--json"))))
    assert (form["name"], form["recipe"], form["guests"]) == ("mine", "attach", ["web"])


def test_the_command_that_made_it_makes_it_again() -> None:
    command = "attach web 10.0.0.2/24 --gateway 10.0.0.1 --name mine --dialect document --lang zh"
    made_by = next(line for line in rendered(f"{command} -n").splitlines() if "bridgekit " in line)
    again = made_by.partition("bridgekit ")[2]
    assert rendered(f"{again} -n") == rendered(f"{command} -n")


def test_the_language_is_the_locales() -> None:
    script = answer(*ATTACH, "-n", locale="zh_CN.UTF-8").out
    assert script == answer(*ATTACH, "-n", "--lang", "zh").out
    assert script != answer(*ATTACH, "-n", locale="en_US.UTF-8").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("attach web 10.0.0.2", 2, "did you mean 10.0.0.2/24?"),
        ("attach web 10.0.0.2/24 --dialect old -n", 2, "modern"),
        ("attach web 10.0.0.2/24 --style fine -n", 2, "plain"),
        ("attach web 10.0.0.2/24 --lang fr -n", 2, "zh"),
        ("attach web 10.0.0.2/24 --style plain --yes", 2, "no undo"),
        ("attach web 10.0.0.2/24 --name a/b -n", 2, "run name"),
        ("attach web 10.0.0.2/24 -o /nonexistent/x.sh", 2, "cannot write"),
        ("attach pid:7 10.0.0.2/24 --sandbox", 2, "no such process"),
        ("attach web 10.0.0.2/24 --mtu 67 -n", 2, "68 to 65535"),
        ("attach web 10.0.0.2/24 --txqueuelen 0 -n", 2, "1 to 1000000 packets"),
        ("attach web 10.0.0.2/24 --txqueuelen 1e3 -n", 2, "not a whole number"),
        ("macvlan web 10.0.0.2/24 -n", 2, "--parent"),
        ("dhcp web --client dhcpfoo -n", 2, "any, udhcpc, dhclient, dhcpcd"),
        ("dhcp web --client udhcpc --option=-q -n", 2, "not an option for udhcpc: '-q'"),
        ("dhcp web --timeout 0 -n", 2, "1 to 3600 seconds"),
        ("route web show -n", 2, "type it: nsenter"),
        ("route web add 10.0.5.6/24 -n", 2, "did you mean 10.0.5.0/24?"),
        ("rule web -n -- -6 add table", 2, "nothing behind 'table'"),
        ("tc web qdisc add dev eth1 -n", 2, "nothing that undo takes back"),
        ("wait web --timeout -1", 2, "0 to 86400 seconds"),
        ("macvlan web 10.0.0.2/24 --parent em1 --mode open -n", 2, "bridge, private, vepa, passthru"),
        ("macvlan web 10.0.0.2/24 --parent lo -n", 2, "'lo'"),
        ("macvlan web 10.0.0.2/24 --parent em1 --gateway 10.0.1.1 -n", 2, "outside 10.0.0.0/24"),
        ("macvlan web fd00::2/64 --parent em1 --mtu 1279 -n", 2, "1280 to 65535"),
        ("bridge eth0;reboot -n", 2, "interface name"),
        ("vrf data lo 192.168.1.2/24 -n", 2, "'lo'"),
        ("vrf data eth1 192.168.1.2 -n", 2, "did you mean 192.168.1.2/24?"),
        ("vrf data eth1 192.168.1.2/24 --gateway 192.168.2.1 -n", 2, "outside 192.168.1.0/24"),
        ("leak data data 10.9.0.0/24 -n", 2, "one namespace at both ends"),
        ("leak data mgmt 0.0.0.0/0 -n", 2, "no subnet of hosts"),
        ("leak data mgmt ::/0 -n", 2, "no subnet of hosts"),
        ("leak data mgmt 10.9.0.1/24 -n", 2, "did you mean 10.9.0.0/24?"),
        ("leak data mgmt 169.254.0.0/16 -n", 2, "overlaps"),
        ("leak data mgmt 10.9.0.0/24 --link 10.9.0.8/30 -n", 2, "overlaps"),
        ("leak data mgmt 10.9.0.0/24 --link fd00::/64 -n", 2, "two of one family"),
        ("leak data mgmt 10.9.0.0/24 --link 10.8.0.1/32 -n", 2, "addresses (1)"),
        ("vm tap0 --bridge tap0 -n", 2, "three different names"),
        ("vm tap0 --nic br0 -n", 2, "three different names"),
        ("vm tap0 --nic lo -n", 2, "'lo'"),
        ("vm tap0 --gateway fe80::1 -n", 2, "on each link"),
        ("vm tap0 --gateway 10.0.0.0/24 -n", 2, "not an address alone"),
        ("attach web", 2, "ADDRESS"),
        ("mesh br0 10.0.0.0/24 -n", 2, "at least two"),
        ("mesh br0 10.0.0.0/24 web -n", 2, "at least two"),
        ("mesh br0 10.0.0.0/24 web db web -n", 2, "the same guest twice: 'web'"),
        ("mesh br0 10.0.0.0/24 web docker:web -n", 2, "the same guest twice: 'web'"),
        ("mesh br0 10.0.0.0/24 netns:br0-2 --count 2 -n", 2, "the same guest twice: 'netns:br0-2'"),
        ("mesh br0 10.0.0.0/29 --count 7 -n", 2, "more guests than 10.0.0.0/29 has addresses (6): 7"),
        ("mesh br0 10.0.0.1/24 --count 7 -n", 2, "did you mean 10.0.0.0/24?"),
        ("mesh br0 10.0.0.0/16 --count 1025 -n", 2, "1023 ports"),
        ("mesh br0 10.0.0.0/16 --count 99999999999 -n", 2, "1023 ports"),
        ("mesh br0 10.0.0.0/16 --count -1 -n", 2, "0 or more"),
        ("own-bridge docker0 192.168.5.1/24 -n", 2, "the engine's own bridge"),
        ("own-bridge bridge0 fd00::1/64 -n", 2, "not an IPv4 address"),
        ("own-bridge bridge0 192.168.5.1 -n", 2, "did you mean 192.168.5.1/24?"),
        ("own-bridge bridge0 192.168.5.0/24 -n", 2, "the address of the network itself"),
        ("own-bridge bridge0 192.168.5.0/31 -n", 2, "no room for a container"),
        ("own-bridge a/b 192.168.5.1/24 -n", 2, "not an interface name"),
        ("p2p web 10.1.1.1 web 10.1.1.2 -n", 2, "one guest at both ends: 'web'"),
        ("p2p host 10.1.1.1 host 10.1.1.2 -n", 2, "one guest at both ends: 'host'"),
        ("p2p web 10.1.1.1 db 10.1.1.1 -n", 2, "one address for both ends"),
        ("p2p web 10.1.1.1 db fd00::1 -n", 2, "two of one family"),
        ("p2p web 10.1.1.1/24 db 10.1.1.2 -n", 2, "did you mean 10.1.1.1?"),
        ("p2p web 127.0.0.1 db 10.1.1.2 -n", 2, "loopback"),
        ("p2p web 10.1.1.1 db 10.1.1.2 --handle rope -n", 2, "bind, symlink"),
        ("forwarding up -n", 2, "on or off"),
        ("docker0 --bridge br5 --bip 10.0.0.1/24 -n", 2, "exclude each other"),
        ("docker0 --icc false --iptables false -n", 2, "--icc false needs --iptables true"),
        ("publish web -n", 2, "Missing argument"),
        ("publish web 7000-7002:80-81 -n", 2, "ranges of unequal length"),
        ("publish web 8080:80 127.0.0.1:8080:81 -n", 2, "port 8080 is already allocated"),
        ("publish web 0.0.0.0:80:80 80:81 -n", 2, "port 80 is already allocated"),
        ("publish web 80/sctp -n", 2, "not a protocol"),
        ("publish web 70000:80 -n", 2, "1 to 65535"),
        ("publish web 8081-8080:80 -n", 2, "the lower one first"),
        ("publish web 1.2.3:80:80 -n", 2, "not a port to publish"),
        ("publish web 256.1.1.1:80:80 -n", 2, "not an address to publish at"),
        ("publish web 127.0.0.1:80 -n", 2, "not a port to publish"),
        ("publish web '80;reboot' -n", 2, "not a port to publish"),
        ("publish web 80 --network none -n", 2, "a name that the engine has taken"),
        ("publish web 80 --network blue --made-by network -n", 2, "not the command that makes network 'blue'"),
        ("link web db -n", 2, "no port to open"),
        ("link web web --port 80 -n", 2, "one guest at both ends"),
        ("link web db --port 80-79 -n", 2, "the lower one first"),
        ("docker0 --bridge br5 --fixed-cidr 10.0.0.0/33 -n", 2, "not a subnet"),
        ("docker0 --fixed-cidr 10.0.0.0/24 -n", 2, "not within 172.17.0.0/16"),
        ("docker0 --default-gateway 10.0.0.1 -n", 2, "outside 172.17.0.0/16"),
        ("docker0 --ip ::1 -n", 2, "not an address to publish at"),
        ("docker0 --layout 2015 -n", 2, "classic, 2014"),
        ("docker0 --mtu 10 -n", 2, "not an MTU"),
        ("wire web --network container:web -n", 2, "one guest at both ends: 'web'"),
        ("wire web --link db --link web:me -n", 2, "one guest at both ends: 'web'"),
        ("docker0 -b br5 --bip 10.0.0.1/24 -n", 2, "--bridge and --bip exclude each other"),
        ("wire web --network container:db -p 80 -n", 2, "conflicting options: --publish"),
        ("wire web --network container:db --hostname x -n", 2, "conflicting options: --hostname"),
        ("wire web --network host --link db -n", 2, "conflicting options: --link"),
        ("wire web --network none --add-host x:host-gateway -n", 2, "no gateway for 'x'"),
        ("wire web --link a:b:80:c -n", 2, "not a link"),
        ("wire web --link a:b;c -n", 2, "not a link"),
        ("wire pid:7 --hostname x -n", 2, "a process says nothing of where its files come from"),
        ("wire web --ip 172.18.0.2 -n", 2, "outside 172.17.0.0/16"),
        ("wire web --ip fd00::2 -n", 2, "not an IPv4 address"),
        ("wire web --made-by network -n", 2, "not the command that makes network 'bridge'"),
        ("wire web --made-by docker0' -n", 2, "not a command"),
        ("network blue --subnet 10.0.0.0/16 --ip-range 10.1.0.0/24 -n", 2, "not within 10.0.0.0/16"),
        ("network bridge -n", 2, "a name that the engine has taken"),
        ("network a/b -n", 2, "not a network's name"),
        ("network blue --subnet fd00::/64 -n", 2, "not an IPv4 subnet"),
        ("network blue --gateway 10.0.0.1 -n", 2, "the gateway is outside 172.18.0.0/16"),
        ("network blue --bridge-name a/b -n", 2, "not an interface name"),
        ("install --distro gentoo -n", 2, "debian, ubuntu, alpine, fedora, arch"),
        ("docker0 --icc no -n", 2, "true or false"),
        ("docker0 --bip 10.0.0.0/24 -n", 2, "the address of the network itself"),
        ("dns web -n", 2, "at least one of --hostname, --dns, --search, --host"),
        ("dns pid:7 --hostname app -n", 2, "a process says nothing of where its files come from: 'pid:7'"),
        ("dns web --hostname a_b -n", 2, "not a host name: 'a_b'"),
        ("dns web --hostname 10.0.0.3 -n", 2, "read as an address"),
        ("dns web --dns dns.test -n", 2, "not the address of a name server: 'dns.test'"),
        ("dns web --dns 10.0.0.1 --dns 10.0.0.1 -n", 2, "twice the same: '10.0.0.1'"),
        ("dns web --dns 1.1.1.1 --dns 1.1.1.2 --dns 1.1.1.3 --dns 1.1.1.4 -n", 2, "too many name servers: 4"),
        ("dns web --search a..b -n", 2, "not a search domain: 'a..b'"),
        ("dns web --host db -n", 2, "NAME:IP"),
        ("dns web --host db:10.0.0.3 --host db:10.0.0.3 -n", 2, "twice the same: 'db:10.0.0.3'"),
        ("nosuch", 2, "nosuch"),
        ("undo", 2, "--all"),
        ("undo a --all", 2, "names and --all at once"),
        ("check nosuch", 3, "bridgekit runs"),
        ("repair nosuch", 3, "bridgekit runs"),
        ("check a;b", 2, "run name"),
        ("bridge br0 --replace -n", 2, "none"),
        ("bridge br0 --replace --step", 2, "exclude each other"),
        ("undo a;b", 2, "run name"),
        ("undo nosuch", 3, "bridgekit runs"),
        ("show --format png", 2, "one of: tree, dot, mermaid, svg, json"),
        ("show --format dot --json", 2, "exclude each other"),
        ("show --format json --all", 2, "--all is for the tree"),
    ],
)
def test_refusals_are_sentences(arguments: str, code: int, words: str) -> None:
    given = answer(*arguments.split())
    assert (given.code, given.out) == (code, "")
    assert words in given.err
    assert "Traceback" not in given.err


@pytest.mark.parametrize("option", ["--dialect x;y", "--style fine", "--lang fr"])
def test_json_refuses_what_a_dry_run_refuses(option: str) -> None:
    assert answer(*ATTACH, *option.split(), "--json") == answer(*ATTACH, *option.split(), "-n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("attach a-b 10.0.0.2/24 --interface c", "attach a 10.0.0.2/24 --interface b-c"),
        (f"attach {'a' * 60} 10.0.0.2/24", f"attach {'a' * 60} 10.0.0.2/24 --interface eth1"),
        (f"attach {'a' * 64} 10.0.0.2/24", f"attach {'a' * 63}b 10.0.0.2/24"),
    ],
    ids=["joined", "cut before the interface", "cut in the guest"],
)
def test_two_runs_do_not_share_a_name(one: str, other: str) -> None:
    assert json.loads(rendered(f"{one} --json"))["name"] != json.loads(rendered(f"{other} --json"))["name"]


@pytest.mark.parametrize("name", GOLDEN)
def test_every_header_makes_its_script_again(name: str) -> None:
    """The command in a script's header, typed, gives that script."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    made_by = [line for line in lines[:4] if re.match(r"# .*bridgekit ", line)]
    assert len(made_by) == (".script." in name)
    for line in made_by:
        command = line.partition("bridgekit ")[2]
        assert rendered(f"{command} -n").splitlines() == lines


def test_plain_is_written_too_and_an_output_can_be_printed_as_well(tmp_path: Path) -> None:
    path = tmp_path / "x.sh"
    path.write_text("older and longer " * 1000)
    given = answer(*ATTACH, "--style", "plain", "-n", "-o", str(path))
    assert given == (0, path.read_text("utf-8"), "")
    assert given.out == rendered(" ".join((*ATTACH, "-n", "--style", "plain")))
    assert answer(*ATTACH, "-o", str(tmp_path)).code == 2


def test_runs_in_force_are_listed(state: Path) -> None:
    """Those of another host, and those that did not finish, are not asked for."""
    state.mkdir()
    line = "started\t{}\t1\tbridge\t3\t0123456789abcdef\t2026-01-01T00:00:00Z\t{}\tbridgekit bridge br0; NIC=em1\n"
    command = "bridgekit bridge br0 --lang zh"
    (state / "bridge-br0").write_text(line.format(7, command) + "finished\t2026-01-01T00:00:01Z\n")
    (state / "other").write_text(
        line.format(8, command).replace("\t1\tbridge", f"\t{os.stat('/proc/self/ns/net').st_ino}\tbridge")
    )
    (state / "cut").write_text("started")
    odd, first, second = rendered("runs").splitlines()
    assert odd.split() == ["cut", "?", "unfinished", "?"]
    assert first.split() == ["bridge-br0", "2026-01-01T00:00:00", "elsewhere", *command.split()]
    assert second.split()[2] == "unfinished"
    form = json.loads(rendered("runs --json"))[1]
    assert (form["name"], form["order"], form["holds"], form["variables"]) == ("bridge-br0", 7, None, {"NIC": "em1"})
    assert (form["command"], form["plan"]) == (command, ["bridgekit", "bridge", "br0"])
    assert answer("check").code == 1
    assert answer("check", "bridge-br0").code == 3


def test_runs_and_undo_of_nothing() -> None:
    assert rendered("runs") == ""
    assert rendered("runs --json") == "[]\n"
    assert rendered("undo --all") == ""


def test_version() -> None:
    assert rendered("--version").startswith("bridgekit ")
