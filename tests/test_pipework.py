"""pipework's command line: what each form of it is in our words, what is refused, and its faults, by number.

tests/cases/pipework.json has the forms with the commands that the old tool types; those that this kernel can run are
compared by their state in tests/kernel/test_pipework.py, the others by their commands here.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from bridgekit import recipes, render
from bridgekit.errors import InputError
from bridgekit.recipes import RECIPES, pipe_forms
from bridgekit.recipes.reading import from_words
from tests.test_cli import answer

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases/pipework.json").read_text("utf-8"))


def explained(words: str) -> str:
    """The recipe command that a command line stands for."""
    plans = [call.plan() for call in pipe_forms.calls(shlex.split(words))]
    return "; ".join(plan.command.removeprefix("bridgekit ") for plan in plans)


def typed(words: str) -> list[str]:
    """The commands of a form, as plain text."""
    text = render.plain(recipes.pipework(shlex.split(words)))
    words = re.compile(r"[# }]|\w+\(\) \{|export |$")  # the script's own
    return [line for line in text.splitlines() if not words.match(line)]


def script(words: str) -> str:
    """The script of a form."""
    return str(render.script(recipes.pipework(shlex.split(words))))


# ------------------------------------------------------------------------- each form, in our words

PAIR = "--interface eth1 --inherit-mtu --forward --notify"
FORMS = {
    "br1 web dhclient": f"attach web 0/0 --bridge br1 {PAIR}; dhcp web --client dhclient",
    "br1 -i eth2 web udhcpc-f": "attach web 0/0 --bridge br1 --interface eth2 --inherit-mtu --forward --notify; "
    "dhcp web --interface eth2 --client udhcpc",
    "br1 web dhcp": f"attach web 0/0 --bridge br1 {PAIR}; dhcp web",
    "br1 web dhcp:-f": f"attach web 0/0 --bridge br1 {PAIR}; dhcp web",
    "br1 web 'dhcp:-r 10.0.0.7'": f"attach web 0/0 --bridge br1 {PAIR}; "
    "dhcp web --client udhcpc --option '-r 10.0.0.7'",
    "eth0 web dhcpcd 02:00:00:00:00:07": "macvlan web 0/0 --parent eth0 --interface eth1 --mac 02:00:00:00:00:07 "
    "--notify; dhcp web --client dhcpcd",
    "route web add 10.0.5.0/24 via 10.0.0.1": "route web add 10.0.5.0/24 via 10.0.0.1",
    "rule web -6 add from all table 5": "rule -- web -6 add from all table 5",
    "tc web qdisc add dev eth1 root netem loss 30%": "tc web qdisc add dev eth1 root netem loss 30%",
    "br1 web 192.168.1.1/24": f"attach web 192.168.1.1/24 --bridge br1 {PAIR}",
    "br1 -i eth2 -l app web 10.0.0.2/24": "attach web 10.0.0.2/24 --bridge br1 --interface eth2 --veth app "
    "--inherit-mtu --forward --notify",
    "br1 web 10.0.0.2/24@10.0.0.1": "attach web 10.0.0.2/24 --bridge br1 --interface eth1 --inherit-mtu --via 10.0.0.1 "
    "--keep-replies "
    "--forward --notify",
    "br1 web 0/0": f"attach web 0/0 --bridge br1 {PAIR}",
    "br1 podman:web 10.0.0.2/24": f"attach podman:web 10.0.0.2/24 --bridge br1 {PAIR}",
    "br1 lxc:web 10.0.0.2/24": f"attach lxc:web 10.0.0.2/24 --bridge br1 {PAIR}",
    "br1 web 10.0.0.2/24 FE:19:54:7D:E1:CE": "attach web 10.0.0.2/24 --bridge br1 --interface eth1 "
    "--mac fe:19:54:7d:e1:ce --inherit-mtu --forward --notify",
    "br20@eth0 web 10.0.0.2/24 @20": "attach web 10.0.0.2/24 --bridge br20 --interface eth1 --inherit-mtu "
    "--vlan 20@eth0 --forward --notify",
    "--type bridge lan web 10.0.0.2/24": f"attach web 10.0.0.2/24 --bridge lan {PAIR}",
    "eth0 web 10.0.0.2/24": "macvlan web 10.0.0.2/24 --parent eth0 --interface eth1 --notify",
    "mac:02:00:00:00:00:0A web 10.0.0.2/24": "macvlan web 10.0.0.2/24 --parent mac:02:00:00:00:00:0a --interface eth1 "
    "--notify",
    "eth0 web 10.0.0.2/24 fe:19:54:7d:e1:ce@20": "macvlan web 10.0.0.2/24 --parent eth0 --interface eth1 "
    "--mac fe:19:54:7d:e1:ce --vlan 20 --notify",
    "eth0 web 10.0.0.2/24 @20": "macvlan web 10.0.0.2/24 --parent eth0 --interface eth1 --vlan 20 --notify",
    "eth0 --mode vepa --host-route web 10.0.0.2/24": None,
    "eth0 --mode l3 web 10.0.0.2/24": "ipvlan web 10.0.0.2/24 --parent eth0 --mode l3 --interface eth1 --notify",
    "eth0 --host-route web 10.0.0.2/24": "macvlan web 10.0.0.2/24 --parent eth0 --interface eth1 --host-route --notify",
    "--direct-phys eth0 web 10.0.0.2/24": "move web eth0 10.0.0.2/24 --interface eth1 --notify",
    "--direct-phys mac:02:00:00:00:00:0A web 10.0.0.2/24": "move web mac:02:00:00:00:00:0a 10.0.0.2/24 "
    "--interface eth1 --notify",
    "br1 web 10.0.0.2/24 @20": "attach web 10.0.0.2/24 --bridge br1 --interface eth1 --inherit-mtu --vlan 20 "
    "--forward --notify",
    "br1 web udhcpc --timeout 7": f"attach web 0/0 --bridge br1 {PAIR}; dhcp web --client udhcpc --timeout 7",
    "br1 web 10.0.0.2/24 + eth0 web 10.0.1.2/24": f"attach web 10.0.0.2/24 --bridge br1 {PAIR}; "
    "macvlan web 10.0.1.2/24 --parent eth0 --interface eth2 --notify",
    "dummy web 10.0.0.2/32": "dummy web 10.0.0.2/32 --interface eth1",
    "ovs0 web 10.0.0.2/24 @20": "ovs web 10.0.0.2/24 --vlan 20 --interface eth1 --notify",
    "ib0 web 10.0.0.2/24 @8001": "ipoib web 10.0.0.2/24 --parent ib0 --pkey 8001 --notify",
    "br1 web 10.0.0.2/24 fd00::2/64@fe80::1 --route 10.9.0.0/16@10.0.0.9 --mtu 1400 --no-forward": "attach web "
    "10.0.0.2/24 --bridge br1 --interface eth1 --mtu 1400 --add-address fd00::2/64 --via fe80::1 "
    "--route 10.9.0.0/16@10.0.0.9 --keep-replies --notify",
}


@pytest.mark.parametrize(("words", "recipe"), [each for each in FORMS.items() if each[1]])
def test_each_form_is_a_recipe(words: str, recipe: str) -> None:
    assert explained(words) == recipe
    name, *rest = shlex.split(recipe.rpartition("; ")[2])
    assert from_words(RECIPES[name], rest).steps[-1] == recipes.pipework(shlex.split(words)).steps[-1]


def test_explain_prints_it() -> None:
    assert (
        answer("pipework", "--explain", "br1", "web", "10.0.0.2/24").out == f"bridgekit attach web 10.0.0.2/24 "
        f"--bridge br1 {PAIR}\n"
    )


def test_the_run_is_the_guests_interface() -> None:
    plan = recipes.pipework(["br1", "-i", "eth2", "podman:web", "10.0.0.2/24"])
    assert (plan.name, plan.recipe, plan.guests) == ("pipework-podman-web-eth2", "pipework", ("podman:web",))
    assert plan.command == "bridgekit pipework br1 -i eth2 podman:web 10.0.0.2/24"


@pytest.mark.parametrize("options", ["--lang zh --name mine", "--style batch", ""])
def test_options_of_ours_come_before_the_old_words(options: str) -> None:
    said = answer("pipework", "-n", *options.split(), "br1", "-i", "eth2", "web", "10.0.0.2/24")
    assert (said.code, said.err) == (0, "")
    made_by = next(line for line in said.out.splitlines() if "bridgekit pipework" in line).partition("bridgekit ")[2]
    again = answer("pipework", "-n", *shlex.split(made_by)[1:])
    assert again.out == said.out


@pytest.mark.parametrize("words", list(combinations(("--explain", "--list", "--wait", "--remove"), 2)), ids=" ".join)
def test_one_thing_at_a_time(words: tuple[str, str]) -> None:
    """What shall explain must not take back, nor wait."""
    said = answer("pipework", *words, "web")
    assert (said.code, said.out) == (2, "")
    assert " and ".join(words) in said.err


@pytest.mark.parametrize("words", ["--remove --sandbox", "--list --replace", "--wait --sandbox", "--wait -n"])
def test_options_that_it_would_not_heed_are_refused(words: str) -> None:
    said = answer("pipework", *words.split(), "web")
    assert (said.code, said.out) == (2, "")
    assert words.split()[0] in said.err


def test_an_option_of_ours_behind_the_old_words_says_where_it_belongs() -> None:
    said = answer("pipework", "br1", "web", "10.0.0.2/24", "--dry-run")
    assert said.code == 2
    assert "bridgekit pipework --dry-run HOSTIF" in said.err


# ------------------------------------------------------------------------- the record's commands

_FRAME = (
    "pid=",
    "id=",
    "mtu=",
    "ip netns add ",
    "mount ",
    "ip -n P link set lo ",
    "ip netns exec P sysctl ",
    "iptables ",
)
_NAMES = {
    r"\bveth_[0-9a-f]{7}_p\b": "G",
    r"\bveth_[0-9a-f]{7}\b": "L",
    r"\b(macvlan|dummy|ipoib)_[0-9a-f]{7}\b|\bphP\b|\bduP\b|\bib0(\.8001)?\.P\b": "X",
    r"\$id\b": "ID",
    r"\$pid\b": "PID",
    r"\bcontainername=web\b": "containername=GUEST",
    r"(netns|-n|exec) web\b": r"\1 P",
    r'"': "",
}


def canonical(commands: list[str]) -> list[str]:
    """Commands without what is only a matter of spelling: names of the host's ends, -4, brd, mtu, `dev` or `name`."""
    return sorted(word for command in commands for word in _canonical(command))


def _canonical(command: str) -> Iterator[str]:
    for pattern, name in _NAMES.items():
        command = re.sub(pattern, name, command)
    if command.startswith(_FRAME) or "address $(" in command:
        return
    command = re.sub(r"^(N|ip netns exec P) ip |^ip -n P ", "in P: ", command)
    if found := re.search(r"bash replace_default -\d (\S+) (\S+)$", command):
        yield "in P: route delete default"
        command = f"in P: route replace default via {found[1]} dev {found[2]}"
    command = re.sub(r" -[46]\b| brd (\+|[0-9.]+)| mtu \$?\w+", "", command.replace("in P: -4", "in P:"))
    command = re.sub(r"link set dev ", "link set ", command)
    if command.startswith("ip link add "):
        words, kind = command.removeprefix("ip link add ").split(" type ")
        pairs = dict(zip(words.split()[::2], words.split()[1::2], strict=True))
        command = f"ip link add {pairs.get('name') or pairs['dev']} on {pairs.get('link')} type {kind}"
    yield command


UNKNOWN = [each for each in CASES if "kernel" in each]


@pytest.mark.parametrize("case", UNKNOWN, ids=[each["form"] for each in UNKNOWN])
def test_what_this_kernel_cannot_is_typed_as_the_record_types_it(case: dict[str, Any]) -> None:
    assert canonical(typed(case["words"].replace("GUEST", "web"))) == canonical(case["commands"])
    needs = script(case["words"].replace("GUEST", "web"))
    assert re.search(rf"^  need .*{case['kernel']}", needs, re.M)


def test_the_comparison_sees_a_difference() -> None:
    case = UNKNOWN[0]
    words = case["words"].replace("GUEST", "web")
    assert canonical(typed(words.replace("/24", "/25"))) != canonical(case["commands"])
    assert canonical(typed(words.replace("@20", "@21"))) != canonical(case["commands"])


# ------------------------------------------------------------------------- what is refused, before anything is done

REFUSED = {
    "": "HOSTIF, GUEST and an address",
    "br1 web": "HOSTIF, GUEST and an address",
    "br1 web 10.0.0.2": "did you mean 10.0.0.2/24?",
    "br1 web 192.168.4.28@192.168.4.1": "did you mean 192.168.4.28/24@192.168.4.1?",
    "br1 web fd00::2@fd00::1": "did you mean fd00::2/64@fd00::1?",
    "br1 web 10.0.0.2/33": "not an address",
    "br1 web 10.0.0.2/255.255.255.0": "did you mean 10.0.0.2/24?",
    "br1 web 10.0.0.0/24": "the address of the network itself",
    "br1 web 10.0.0.2/24@10.0.0.999": "not an address",
    "br1 web 10.0.0.2/24@": "not an address",
    "br1 web 10.0.0.2/24@10.0.0.1@10.0.0.3": "not an address",
    "br1 web 10.0.0.2/24@10.0.0.2": "the guest's own address",
    "br1 web 10.0.0.2/24@10.0.0.1 10.0.1.2/24@10.0.1.1": "two default routes of one family",
    "br1 web 0/0 10.0.0.2/24": "0/0 alone",
    "br1 web 10.0.0.2/24 10.0.0.2/24": "one address twice",
    "br1 web 10.0.0.2/24 01:00:00:00:00:01": "multicast",
    "br1 web 10.0.0.2/24 02:00:00": "not a MAC address",
    "br1 web 10.0.0.2/24 02:00:00:00:00:01 02:00:00:00:00:02": "a second MAC address",
    "br1 web 02:00:00:00:00:01": "no address",
    "br1 web 02:00:00:00:00:01 10.0.0.2/24": "behind the MAC address",
    "br1 web 10.0.0.2/24 --route 0.0.0.0/0@10.0.0.1": "no subnet of hosts",
    "br1 web 10.0.0.2/24 --route 10.9.0.0/16@10.1.0.1": "no neighbour that could lead there",
    "br1 web 10.0.0.2/24 --route 10.9.0.0/16@fd00::1": "two of one family",
    "br1 web 10.0.0.2/24 --mtu 67": "68 to 65535",
    "br1 web 10.0.0.2/24 --mtu": "an option without its value",
    "br1 web 10.0.0.2/24 -i eth1 -i eth2": "an option twice",
    "br1 web 10.0.0.2/24 -x": "not an option of pipework",
    "br1 web 10.0.0.2/24 @": "no VLAN behind the @",
    "br1 web 10.0.0.2/24 @4095": "1 to 4094",
    "dummy web 10.0.0.2/24 @20": "@VLAN is not for a HOSTIF of this kind",
    "br1 web 10.0.0.2/24 --timeout 7": "a time to wait, and no DHCP client: 7",
    "br1 web udhcpc --timeout 0": "1 to 3600 seconds",
    "br1 web udhcpc --timeout x": "not a whole number",
    "br1 web 10.0.0.2/24 +": "HOSTIF, GUEST and an address",
    "+ br1 web 10.0.0.2/24": "HOSTIF, GUEST and an address",
    "br1 web 10.0.0.2/24 + br1 db 10.0.0.3/24": "several guests in one call: db, web",
    "br1 web 10.0.0.2/24 + br1 -i eth1 web 10.0.0.3/24": "one name for two interfaces: 'eth1+eth1'",
    "br1 web 10.0.0.2/24@10.0.0.1 + br2 web 10.0.1.2/24@10.0.1.1": "two default routes of one family",
    "br1 web 10.0.0.2/24 + route web add 10.0.5.0/24": "not an address",
    "br20@eth0 web 10.0.0.2/24": "without its VLAN",
    "eth0 web 10.0.0.2/24 @4095": "1 to 4094",
    "eth0 web 10.0.0.2/24 @x": "not a whole number",
    "eth0 --mode open web 10.0.0.2/24": "bridge, private, vepa, passthru",
    "eth0 --mode vepa --host-route web 10.0.0.2/24": "no way between macvlans in mode 'vepa'",
    "eth0 --host-route web 0/0": "no address that the host could have a route to",
    "ib0 web 10.0.0.2/24 @7fffff": "not a partition key",
    "--direct-phys eth0 web 10.0.0.2/24 @20": "moves the card itself",
    "br1 web 'udhcpc-f:-s /x'": "not an option for udhcpc: '-s'",
    "br1 web dhcpfoo": "not an address",
    "route web": "GUEST and arguments behind 'route'",
    "route web show": "nothing that undo takes back",
    "lo web 10.0.0.2/24": "'lo'",
    "br1 -i lo web 10.0.0.2/24": "'lo'",
    "$(id) web 10.0.0.2/24": "not an interface name",
    "mac:$(id) web 10.0.0.2/24": "not a MAC address",
    "br1 web 10.0.0.2/24 --type vdev": "bridge, nic, ovs, ipoib, dummy",
}


@pytest.mark.parametrize(("words", "said"), REFUSED.items())
def test_refused(words: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        recipes.pipework(shlex.split(words) if "$(" not in words else words.split())
