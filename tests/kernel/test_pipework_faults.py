"""pipework's faults, by their number in the record, and what its users asked for in vain."""

from __future__ import annotations

import shlex
import socket
import subprocess
import time
from pathlib import Path

from bridgekit import recipes
from bridgekit.render import vocabulary
from tests.kernel import measure
from tests.kernel.cases import MAC, in_the_host, mac_of, written
from tests.kernel.test_links import inside
from tests.kernel.test_pipework import pipework
from tests.kernel.test_publishing import ATTACHED, HOST, UNREACHED, seen as seen_by_server
from tests.kernel.trial import bash
from tests.kernel.world import in_throwaway_host, shell


@in_throwaway_host("web", "db")
def test_fault_14_15_17_19_what_is_there_stays_what_it_is() -> None:
    shell(
        "docker run -d --net=host --name open x sleep infinity; ip link add mine type bridge; "
        "ip link add brlan type bridge"
    )
    before = measure.state()
    for words, said in (
        ("br1 -l mine web 192.168.1.1/24", "mine"),
        ("br1 open 192.168.1.1/24", "shares"),
        ("broken0 web 192.168.1.1/24", "there is no interface broken0"),
        ("--direct-phys brlan web 192.168.1.1/24", "brlan is a bridge"),
        ("em1.20 web 192.168.1.1/24", "there is no interface em1.20"),
        ("em1 web 192.168.1.1/24 @20", "CONFIG_VLAN_8021Q"),
        ("br1 web 192.168.1.1/24 @20", "CONFIG_BRIDGE_VLAN_FILTERING"),
        ("dummy web 192.168.1.1/24", "CONFIG_DUMMY"),
        ("em1 --mode l2 web 192.168.1.1/24", "CONFIG_IPVLAN"),
        ("ovs0 web 192.168.1.1/24", "openvswitch-switch"),
    ):
        given = pipework(words, check=False)
        assert given.returncode == 3, (words, given)
        assert said in given.stderr, (words, given)
        measure.same(before, measure.state(), words)
    pipework("brlan web 192.168.1.1/24")
    pipework("brlan db 192.168.1.2/24")
    assert "UP" in shell("ip -br link show dev brlan").stdout
    assert shell(f"{inside('web')}ping -c 1 -W 2 192.168.1.2", check=False).returncode == 0
    shell("bridgekit undo --all")
    measure.same(before, measure.state(), "by undo")


@in_throwaway_host("web")
def test_fault_20_30_31_32_33_35_36_nothing_half_done_and_all_of_it_taken_back() -> None:
    enter = inside("web")
    shell(
        f"{enter}ip link add d0 type bridge; {enter}ip link set d0 up; {enter}ip addr add 172.17.0.2/16 dev d0; "
        f"{enter}ip route add default via 172.17.0.1; {enter}ip route add default via 172.17.0.9 metric 7"
    )
    before, routes = measure.state(), shell(f"{enter}ip route").stdout
    own = pipework("br1 web 192.168.1.1/24@172.17.0.2", check=False)
    assert (own.returncode, "an address of the guest itself" in own.stderr) == (3, True), own
    for gateway, link in (("8.8.8.8", "d0"), ("172.17.0.3", "lo")):
        assert _word("replace_default", "-4", gateway, link, enter=enter), "the kernel refuses it"
        assert shell(f"{enter}ip route").stdout == routes
    shell(f"{enter}ip link add eth1 type bridge")
    assert pipework("br1 web 192.168.1.1/24@192.168.1.9", check=False).returncode == 3
    shell(f"{enter}ip link del eth1")
    measure.same(before, measure.state(), "by what was refused")
    pipework("br1 web 192.168.1.1/24@192.168.1.9")
    assert shell(f"{enter}ip route show default").stdout == "default via 192.168.1.9 dev eth1 \n"
    up = measure.state()
    assert pipework("br1 web 192.168.1.1/24@192.168.1.9").returncode == 0
    measure.same(up, measure.state(), "by the same again")
    assert pipework("br1 web 192.168.1.2/24", check=False).returncode == 3
    pipework("em1 -i eth2 web 203.0.113.7/24")
    again = pipework("em1 -i eth2 web 203.0.113.7/24").stdout
    assert {line.split()[0] for line in again.splitlines()} == {"ok", "same"}, again
    listed = shell("bridgekit pipework --list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["pipework-web-eth1", "pipework-web-eth2"]
    shell("bridgekit pipework --remove web eth2")
    measure.same(up, measure.state(), "by removing the second")
    assert shell("bridgekit pipework --remove web eth2", check=False).returncode == 3
    shell("bridgekit pipework --replace --yes br1 web 192.168.1.2/24")
    assert (
        shell(f"{enter}ip route").stdout
        == routes + "192.168.1.0/24 dev eth1 proto kernel scope link src 192.168.1.2 \n"
    )
    shell("bridgekit pipework --remove web")
    measure.same(before, measure.state(), "by removing all")


def _frames(link: str) -> socket.socket:
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    heard.bind((link, 0))
    heard.settimeout(5)
    return heard


def _hears(heard: socket.socket, mark: bytes, at: int) -> bool:
    """Whether a frame with these bytes there comes, in time."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        frame = heard.recv(2000)
        if frame[at : at + len(mark)] == mark:
            return True
    return False


@in_throwaway_host("web", "db")
def test_fault_21_43_45_neighbours_are_told_at_once_and_pass_the_firewall() -> None:
    shell("ip link add br1 type bridge; ip link set br1 up; iptables -P FORWARD DROP; ip6tables -P FORWARD DROP")
    for what in ("all", "default"):  # as an engine has it
        shell(f"{inside('web')}sysctl -qw net.ipv6.conf.{what}.disable_ipv6=1")
    heard = _frames("br1")
    script = written(recipes.pipework(["br1", "web", "192.168.1.1/24", "fd00::1/64"]))
    assert not {"arping", "sleep"} & set(script.read_text().split()), "nobody waits"
    first = bash(script)
    assert first.code == 0, first
    own = socket.inet_aton("192.168.1.1")
    assert _hears(heard, own + b"\0" * 6 + own, 28)  # a gratuitous ARP: sender and target are one
    heard = _frames("br1")
    second = bash(written(recipes.pipework(["br1", "db", "fd00::2/64", "192.168.1.2/24"])))
    assert second.code == 0, second
    assert _hears(heard, b"\x88\0", 54)  # an unsolicited neighbour advertisement
    for address in ("192.168.1.2", "fd00::2"):
        assert shell(f"{inside('web')}ping -c 1 -W 2 {address}", check=False).returncode == 0, address
    shell("bridgekit pipework --remove db; bridgekit pipework --remove web")
    for guest, address in (("web", "192.168.1.1/24"), ("db", "192.168.1.2/24")):
        pipework(f"br1 --no-forward {guest} {address}")
    assert shell(f"{inside('web')}ping -c 1 -W 1 192.168.1.2", check=False).returncode != 0, "so the rule is what helps"


@in_throwaway_host("web", "db")
def test_fault_22_two_runs_for_one_guest_at_once() -> None:
    started = [
        subprocess.Popen(["bridgekit", "pipework", "--yes", "br1", "-i", f"eth{number}", "web", f"10.0.{number}.2/24"])
        for number in range(1, 4)
    ]
    assert [each.wait(timeout=60) for each in started] == [0, 0, 0]
    for number in range(1, 4):
        assert f"10.0.{number}.2/24" in shell(f"{inside('web')}ip -o addr show dev eth{number}").stdout


def _word(word: str, *words: str, stub: str = "", enter: str = "") -> int:
    """How a word of the scripts ends."""
    steps = Path(vocabulary.TEMPLATES, "shell/steps.sh").read_text("utf-8")
    asking = steps.partition("# Questions.")[2].partition("# What is said.")[0].partition("\n")[2]
    known = vocabulary.definitions(vocabulary.used(word), "en")
    text = f"exec 8>/dev/null; STATE=/run/bridgekit\n{stub}\n{asking}\n{known}\n{word} {shlex.join(words)}"
    return shell(f"{enter}bash -c {shlex.quote(text)}", check=False).returncode


@in_throwaway_host("web")
def test_fault_05_18_25_26_what_is_asked_is_asked_of_the_right_one() -> None:
    shell("ip link add em1.20 type bridge")
    assert _word("vlan_or_free", "em1", "20", "em1.20"), "a bridge of that name is no VLAN"
    assert not _word("vlan_or_free", "em1", "20", "em1.21")
    ports = "ovs-vsctl() { case $1 in br-exists) [ $2 = ovs0 ] ;; *) printf 'vethX1\\nveth.12\\n' ;; esac; }"
    assert _word("ovs_has_port", "ovs0", "veth.1", stub=ports)
    assert not _word("ovs_has_port", "ovs0", "veth.12", stub=ports)
    mac = mac_of("em1")
    shell(
        f"ip link set em1.20 address {mac}; ip link add mv0 link em1 type macvlan; ip link set mv0 address {mac}",
        check=False,
    )
    pipework(f"mac:{mac.upper()} web 203.0.113.7/24")
    assert "@if" in shell(f"{inside('web')}ip -o link show dev eth1 type macvlan").stdout
    shell(f"bridgekit undo --all; ip link add nic1 type veth peer name cable; ip link set nic1 address {mac}")
    two = pipework(f"mac:{mac} web 203.0.113.7/24", check=False)
    assert (two.returncode, "em1" in two.stderr and "nic1" in two.stderr) == (3, True), two
    none = pipework(f"mac:{MAC} web 203.0.113.7/24", check=False)
    assert (none.returncode, MAC in none.stderr) == (3, True), none
    shell('printf \'#!/bin/sh\\n[ "$2" = box ] && docker inspect -f "{{.State.Pid}}" web\\n\' >/usr/local/bin/lxc-info')
    shell("chmod +x /usr/local/bin/lxc-info")
    pipework("br1 lxc:box 192.168.1.1/24")
    assert "192.168.1.1/24" in shell(f"{inside('web')}ip -o addr show dev eth1").stdout
    assert pipework("br1 lxc:other 192.168.1.1/24", check=False).returncode == 3


@in_throwaway_host()
def test_a_published_port_works_beside_a_new_default_route() -> None:
    shell(f"{ATTACHED}; bridgekit publish web 8080:80 --yes")
    assert seen_by_server("outside", HOST, 8080) == "203.0.113.2"
    pipework("br1 --no-replies web 192.168.1.1/24@192.168.1.254")
    assert seen_by_server("outside", HOST, 8080) == UNREACHED, "the reply takes the new way"
    shell("bridgekit pipework --remove web; bridgekit pipework --yes br1 web 192.168.1.1/24@192.168.1.254")
    assert seen_by_server("outside", HOST, 8080) == "203.0.113.2"
    shell("bridgekit pipework --remove web")
    assert "suppress" not in shell(f"{inside('web')}ip rule").stdout


@in_the_host
def test_the_old_default_route_comes_back_in_any_order() -> None:
    enter = inside("web")
    shell(f"{enter}ip link add d0 type bridge; {enter}ip link set d0 up; {enter}ip addr add 172.17.0.2/16 dev d0")
    shell(f"{enter}ip route add default via 172.17.0.1")
    measure.name_guests()
    before = measure.state()
    for order in ("eth1 eth2", "eth2 eth1"):
        pipework("br1 web 192.168.1.1/24@192.168.1.9")
        pipework("br2 -i eth2 web 192.168.2.1/24@192.168.2.9")
        assert shell(f"{enter}ip route show default").stdout == "default via 192.168.2.9 dev eth2 \n"
        for interface in order.split():
            shell(f"bridgekit pipework --remove web {interface}")
        measure.same(before, measure.state(), order)


@in_throwaway_host("web", "db")
def test_the_host_reaches_guests_on_macvlans_each_as_long_as_it_is_there() -> None:
    before, addresses = measure.state(), {"web": "203.0.113.7", "db": "203.0.113.8"}
    for guest, address in addresses.items():
        pipework(f"em1 --host-route {guest} {address}/24")
    for guest, address in addresses.items():
        assert shell(f"ping -c 1 -W 2 {address}", check=False).returncode == 0, address
        assert shell(f"{inside(guest)}ping -c 1 -W 2 203.0.113.1", check=False).returncode == 0, guest
    assert shell("ping -c 1 -W 2 203.0.113.2", check=False).returncode == 0, "its own network as before"
    shell("bridgekit pipework --remove web")
    assert shell("ping -c 1 -W 1 203.0.113.7", check=False).returncode != 0
    assert shell("ping -c 1 -W 2 203.0.113.8", check=False).returncode == 0
    shell("bridgekit pipework --remove db")
    measure.same(before, measure.state(), "by both")
