"""Leases, routes, rules and queue disciplines of guests: what is asked for, and what a script makes of an answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bridgekit import recipes, render
from bridgekit.errors import InputError
from bridgekit.names import dhcp, routes
from bridgekit.names.dhcp import CLIENTS
from bridgekit.plan import Plan
from bridgekit.recipes import inside, leasing, wiring

SHELL = Path(__file__).resolve().parents[1] / "templates/shell"


def run(plan: Plan) -> list[str]:
    """What a plan's steps start."""
    return [line.split(maxsplit=1)[1] for line in str(render.script(plan)).splitlines() if line.startswith("  run   ")]


def bash(words: str, **variables: str) -> list[str]:
    """The lines that words of the client's script print."""
    done = subprocess.run(
        ["bash", "-ufc", f'. "{SHELL}/leases.sh"; {words}'], capture_output=True, text=True, env=variables
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


def party(guest: str) -> wiring.Party:
    return wiring.Party(wiring.names.guest(guest))


# The client's options


@pytest.mark.parametrize(
    ("client", "texts", "words"),
    [
        ("udhcpc", ["-r 10.0.0.7", "-x 0x3d:0100", "-o"], ("-r", "10.0.0.7", "-x", "0x3d:0100", "-o")),
        ("udhcpc", ["-f"], ()),
        ("any", ["-f"], ()),
        ("dhclient", ["-s 10.0.0.1 -v"], ("-s", "10.0.0.1", "-v")),
        ("dhcpcd", ["-I 'a:b'", "-G"], ("-I", "a:b", "-G")),
    ],
)
def test_options_are_the_clients_own(client: str, texts: list[str], words: tuple[str, ...]) -> None:
    assert dhcp.options(client, tuple(texts)) == words


@pytest.mark.parametrize(
    ("client", "text", "said"),
    [
        ("udhcpc", "-s /tmp/mine", "not an option for udhcpc: '-s'"),
        ("udhcpc", "-q", "not an option for udhcpc: '-q'"),
        ("udhcpc", "-r '10.0.0.7;reboot'", "not a value of -r"),
        ("udhcpc", "-r", "not a value of -r: ''"),
        ("udhcpc", "-x 'a\nb'", "not a value of -x"),
        ("udhcpc", "-x 'a", "a quotation mark without its pair"),
        ("dhclient", "-sf /tmp/mine", "not an option for dhclient"),
        ("dhclient", "-e A=b", "not an option for dhclient"),
        ("dhcpcd", "eth0", "not an option for dhcpcd"),
        ("any", "-r 10.0.0.7", "name the client"),
    ],
)
def test_options_by_which_bridgekit_runs_a_client_are_refused(client: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        dhcp.options(client, (text,))
    assert said in str(error.value)


@pytest.mark.parametrize("wrong", [{"client": "dhcpfoo"}, {"timeout": 0}, {"hostname": "a b"}, {"interface": "a/b"}])
def test_bad_input_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        recipes.dhcp("web", **wrong)  # type: ignore[arg-type]  # one of them is a number


def test_the_server_is_told_the_guests_name_where_it_can_be_one() -> None:
    told = {text: leasing.wanted(party(text), "eth1").hostname for text in ("web", "podman:db", "pid:7", "a_b")}
    assert told == {"web": "web", "podman:db": "db", "pid:7": "", "a_b": ""}
    assert leasing.wanted(party("pid:7"), "eth1", hostname="app").hostname == "app"


def test_folders_are_told_apart() -> None:
    pairs = [("web", "eth1"), ("podman:web", "eth1"), ("web-eth1", "x"), ("web", "eth1-x"), ("netns:web", "eth1")]
    folders = {leasing.wanted(party(guest), interface).folder for guest, interface in pairs}
    assert len(folders) == len(pairs)


# The record's faults


@pytest.mark.parametrize("client", CLIENTS)
def test_fault_10_the_lease_is_kept_where_only_this_client_looks(client: str) -> None:
    (taken,) = [line for line in run(recipes.dhcp("web", client=client)) if line.startswith("take_lease ")]
    assert taken.startswith(f"take_lease /run/bridgekit-dhcp.web-eth1 {client} web eth1 30 ")


@pytest.mark.parametrize("client", CLIENTS)
def test_fault_12_nothing_is_announced_for_an_address_that_is_none(client: str) -> None:
    assert not [line for line in run(recipes.dhcp("web", client=client)) if "arping" in line or "0/0" in line]


def test_fault_45_examples_that_fail_as_printed() -> None:
    with pytest.raises(InputError, match=r"not a network: '10.0.5.6/24'\n  hint: did you mean 10.0.5.0/24\?"):
        recipes.route("web", ["add", "10.0.5.6/24", "via", "192.168.2.1"])
    with pytest.raises(InputError, match=r"10.2.3.5.78"):
        recipes.route("web", ["add", "10.0.5.0/24", "via", "10.2.3.5.78"])
    assert run(recipes.route("netns:red", ["add", "10.0.5.0/24", "via", "10.2.3.5"])) == [
        "ip -n red -4 route add 10.0.5.0/24 via 10.2.3.5"
    ]


# What a server says


@pytest.mark.parametrize(
    ("variables", "lines"),
    [
        ({"router": "10.0.0.1 10.0.0.2"}, ["0.0.0.0/0 10.0.0.1"]),
        ({"new_routers": "10.0.0.1"}, ["0.0.0.0/0 10.0.0.1"]),
        ({"router": "$(reboot)"}, []),
        ({"router": "0.0.0.0"}, []),
        ({"router": "255.255.255.255"}, []),
        ({}, []),
        (
            {"staticroutes": "10.7.0.0/16 10.0.0.9 0.0.0.0/0 10.0.0.8", "router": "10.0.0.1"},
            ["10.7.0.0/16 10.0.0.9", "0.0.0.0/0 10.0.0.8"],
        ),
        (
            {"new_classless_routes": "16 10 7 10 0 0 9 0 10 0 0 8 25 10 6 5 128 0 0 0 0"},
            ["10.7.0.0/16 10.0.0.9", "0.0.0.0/0 10.0.0.8", "10.6.5.128/25 0.0.0.0"],
        ),
        ({"new_classless_routes": "16 10"}, []),
        ({"staticroutes": "10.7.0.0/16 ;reboot"}, []),
    ],
)
def test_the_routes_that_a_server_tells(variables: dict[str, str], lines: list[str]) -> None:
    assert bash("routes_told", PATH="/usr/bin:/bin", **variables) == lines


UNFIT = ["0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255", "10.0.0.256"]
MASKS = ["0.0.0.0", "254.0.0.0", "255.0.255.0"]


@pytest.mark.parametrize(
    ("address", "mask"), [(each, "255.255.255.0") for each in UNFIT] + [("10.0.0.2", each) for each in MASKS]
)
def test_what_no_host_can_have_is_no_lease(address: str, mask: str, tmp_path: Path) -> None:
    """Whoever answers first is the server: it must not give away the loopback, nor lead all addresses to itself."""
    words = 'ip() { echo "touched: ip $*"; }; ! new_lease'
    given = {"link": "eth1", "client": "udhcpc", "folder": str(tmp_path), "ip": address, "subnet": mask, "lease": "60"}
    assert bash(words, PATH="/usr/bin:/bin", **given) == []
    assert (tmp_path / "refused").read_text() == f"{address} {mask}\n"


@pytest.mark.parametrize(("address", "mask"), [("10.0.0.2", "255.0.0.0"), ("223.255.255.1", "255.255.255.255")])
def test_what_a_host_can_have_is_usable(address: str, mask: str) -> None:
    assert bash(f"usable {address} {mask}", PATH="/usr/bin:/bin") == []


@pytest.mark.parametrize(
    ("client", "variables", "lines"),
    [
        ("udhcpc", {"dns": "0.0.0.0 10.0.0.1 255.255.255.255", "domain": "bad"}, ["nameserver 10.0.0.1"]),
        ("udhcpc", {"dns": "10.0.0.1", "search": "a.example. b"}, ["search a.example b", "nameserver 10.0.0.1"]),
        ("dhclient", {"new_domain_name_servers": "10.0.0.1", "domain": "bad"}, ["search bad", "nameserver 10.0.0.1"]),
        ("dhclient", {"new_domain_name_servers": "0.0.0.0"}, ["nameserver 192.0.2.1"]),
    ],
)
def test_the_names_that_a_server_tells(
    client: str, variables: dict[str, str], lines: list[str], tmp_path: Path
) -> None:
    """Where busybox's is told what is no name, it says `bad`."""
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    given = {"client": client, "folder": str(tmp_path), "resolv": str(tmp_path / "resolv.conf")}
    assert bash(f'. "{SHELL}/carried.sh"; tell_names', PATH="/usr/bin:/bin", **given, **variables) == []
    assert (tmp_path / "resolv.conf").read_text().splitlines() == lines


def test_addresses_among_words() -> None:
    assert bash("ipv4_of '10.0.0.1 x * 1.2.3 $(reboot) 255.255.255.255'", PATH="/usr/bin:/bin") == [
        "10.0.0.1",
        "255.255.255.255",
    ]


# route, rule, tc


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("route", "show", "nothing that undo takes back: 'ip route show'"),
        ("route", "", "nothing that undo takes back: 'ip route'"),
        ("route", "add", "no destination"),
        ("route", "add 0.0.0.0/0 via 10.0.0.1", "write: default"),
        ("route", "add 10.0.5.0/33", "not a destination"),
        ("route", "add 10.0.5.0/24 nexthop via 10.0.0.1", "not understood: 'nexthop'"),
        ("route", "add 10.0.5.0/24 via", "nothing behind 'via'"),
        ("route", "add 10.0.5.0/24 via 10.0.0.1 via 10.0.0.2", "twice the same"),
        ("route", "add 10.0.5.0/24 via fd00::1", "addresses of both families"),
        ("route", "add 10.0.5.0/24 dev eth1;reboot", "not an interface name"),
        ("route", "add 10.0.5.0/24 table $(reboot)", "not a name or a number"),
        ("route", "add 10.0.5.0/24 table 4294967296", "0 to 4294967295"),
        ("route", "add 10.0.5.0/24 proto 256", "0 to 255"),
        ("route", "add 10.0.5.0/24 scope 256", "0 to 255"),
        ("route", "add 10.0.5.0/24 metric -1", "not a number"),
        ("rule", "add fwmark 0x1/4294967296 table 5", "0 to 4294967295"),
        ("rule", "list", "nothing that undo takes back"),
        ("rule", "add from 10.0.0.2", "no table"),
        ("rule", "add from 10.0.0.2/24 table 5", "did you mean 10.0.0.0/24?"),
        ("rule", "add fwmark x table 5", "not a mark"),
        ("tc", "qdisc show", "nothing that undo takes back: 'tc qdisc show'"),
        ("tc", "class add dev eth1 parent 1: classid 1:1 htb rate 1mbit", "nothing that undo takes back"),
        ("tc", "qdisc add dev eth1 parent 1:1 netem", "nothing that undo takes back"),
        ("tc", "qdisc add dev eth1 root", "no queue discipline"),
        ("tc", "qdisc add dev eth1 root handle 1:", "no queue discipline"),
        ("tc", "qdisc add dev eth1 root netem delay $(reboot)", "not a word of tc"),
    ],
)
def test_words_that_are_refused(command: str, words: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        list(getattr(inside, command)(party("web"), words.split()))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("guest", "typed"),
    [
        ("web", "nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' web)/ns/net ip route show"),
        ("pid:7", "nsenter --net=/proc/7/ns/net ip route show"),
        ("netns:red", "nsenter --net=/run/netns/red ip route show"),
    ],
)
def test_the_command_to_type_is_named(guest: str, typed: str) -> None:
    with pytest.raises(InputError) as error:
        recipes.route(guest, ["show"])
    assert error.value.hint == f"type it: {typed}"


def test_other_words_for_the_same() -> None:
    assert routes.pairs(["protocol", "static", "preference", "5"], routes.OF_ROUTE) == {
        "proto": "static",
        "metric": "5",
    }
    assert routes.pairs(["pref", "5", "lookup", "main"], routes.OF_RULE) == {"priority": "5", "table": "main"}
    assert routes.pairs(["preference", "5"], routes.OF_RULE) == {"priority": "5"}


def test_what_is_typed_is_what_runs() -> None:
    words = ["qdisc", "add", "dev", "eth1", "root", "netem", "delay", "50ms", "loss", "1%"]
    assert run(recipes.tc("netns:red", words)) == [f"ip netns exec red tc {' '.join(words)}"]
    assert run(recipes.tc("netns:red", ["qdisc", "add", "root", "dev", "eth1", "pfifo"])) == [
        "ip netns exec red tc qdisc add dev eth1 root pfifo"
    ]
    plan = recipes.rule("netns:red", ["-6", "add", "from", "all", "table", "5"])
    assert run(plan) == ["ip -n red -6 rule add from all table 5"]
    assert json.loads(render.to_json(plan))["command"] == "bridgekit rule -- netns:red -6 add from all table 5"
