"""`trace` on a real kernel: what it says of each fault that is injected into one small network."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import Any

import pytest

from bridgekit.facts import snapshot
from bridgekit.facts.spaces import within
from bridgekit.trace import Trace, netlink, traced
from bridgekit.trace.ends import split
from tests.kernel.world import in_throwaway_host, shell

FAULTS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))
PATIENCE = 0.2  # seconds: here all that answers does so in less than a hundredth of them
MORE = 1.2  # after a mend: a question that waits for a neighbour is put again after a second
BEFORE = Path("/run/host/before-its-faults")
WORDS = """
set -e
w() { ip netns exec web "$@"; }; d() { ip netns exec db "$@"; }; o() { ip netns exec outside "$@"; }
mac() { ip -j ${1:+-n "$1"} link show "$2" | grep -o '"address":"[^"]*' | cut -d'"' -f4; }
six() {
  ip addr add fd00::1/64 dev br0 nodad; ip -n web addr add fd00::2/64 dev eth0 nodad
  ip -n web -6 route add default via fd00::1; sysctl -qw net.ipv6.conf.all.forwarding=1
  ip -6 route show default | grep -q . || ip -6 route add default via 2001:db8:113::2
  ip -n outside -6 route replace fd00::/64 via 2001:db8:113::1
}
other() {  # a second bridge, with db on it
  ip link add br1 type bridge; ip addr add 10.0.5.1/24 dev br1; ip link set br1 up; ip link set vdb master br1
  ip -n db addr flush dev eth0; ip -n db addr add 10.0.5.5/24 dev eth0; ip -n db route add default via 10.0.5.1
}
uplink2() {  # a second way to outside
  ip link add em2 type veth peer name eth1 netns outside; ip addr add 198.51.100.1/24 dev em2; ip link set em2 up
  ip -n outside addr add 198.51.100.2/24 dev eth1; ip -n outside link set eth1 up
}
rp_filter() {  # outside sends by the second way, from an address to which the first one leads
  uplink2; ip -n outside addr add 192.0.2.7/32 dev lo; sysctl -qw net.ipv4.conf.em2.rp_filter=$1
  ip -n outside route add 10.0.0.0/24 via 198.51.100.1 src 192.0.2.7
}
router() {  # db - rt - sv
  ip netns add rt; ip netns add sv
  ip link add vrt type veth peer name eth0 netns rt; ip link set vrt master br0 up
  ip -n rt link add eth1 type veth peer name eth0 netns sv
  ip -n rt addr add 10.0.0.9/24 dev eth0; ip -n rt addr add 10.9.0.1/24 dev eth1; ip -n sv addr add 10.9.0.2/24 dev eth0
  for link in rt:eth0 rt:eth1 sv:eth0; do ip -n ${link%:*} link set ${link#*:} up; done
  ip -n sv route add default via 10.9.0.1; ip -n db route add 10.9.0.0/24 via 10.0.0.9
  ip netns exec rt sysctl -qw net.ipv4.ip_forward=1
}
"""
LAB = """
ip netns add web; ip netns add db
ip -batch - <<'HOST'
link add br0 type bridge
addr add 10.0.0.1/24 brd + dev br0
link set br0 up
link add vweb type veth peer name eth0 netns web
link add vdb type veth peer name eth0 netns db
link set vweb master br0 up
link set vdb master br0 up
HOST
for guest in web:2 db:3; do ip -n ${guest%:*} -batch - <<GUEST
link set lo up
addr add 10.0.0.${guest#*:}/24 brd + dev eth0
link set eth0 up
route add default via 10.0.0.1
GUEST
done
sysctl -qw net.ipv4.ip_forward=1
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
iptables -t nat -A PREROUTING -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination 10.0.0.2:80
"""
# Deleting a link takes its addresses, routes and settings with it; rules and settings of the host are put back.
END = """
clean='*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n*nat\nCOMMIT\n*mangle\nCOMMIT\n*raw\nCOMMIT\n'
printf "$clean" | iptables-restore & printf "$clean" | ip6tables-restore &
for name in $(ip -o link | sed -n 's/^[0-9]*: \\([^:@]*\\).*/\\1/p' | grep -vx -e lo -e em1); do
  echo link set "$name" group 77  # deleted at once: the kernel waits a moment for each
done | ip -force -batch -
ip link del group 77
for name in web db rt sv; do ! [ -e /run/netns/$name ] || ip netns del $name; done
rm -rf /run/bridgekit
o ip -6 route del fd00::/64 2>/dev/null || :
sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
wait
"""


def before() -> tuple[str, ...]:
    """This host before its first fault."""
    if not BEFORE.exists():
        BEFORE.write_text(json.dumps(snapshot()))
    return tuple(json.loads(BEFORE.read_text()))


@contextlib.contextmanager
def network(fault: dict[str, str]) -> Iterator[None]:
    """The small network with a fault in it; afterwards the host is as it was."""
    before()
    with contextlib.ExitStack() as opened:
        try:
            shell(WORDS + LAB)
            opened.enter_context(listening("web 0.0.0.0 80"))
            if "listens" in fault:
                opened.enter_context(listening(fault["listens"]))
            if "nft" in fault:
                opened.enter_context(guard(fault["nft"]))
            shell(WORDS + fault["do"])
            if "sends" in fault:
                say(*fault["sends"].split())
                shell(WORDS + fault["then"])
            yield
        finally:
            opened.close()
            shell(WORDS + "set +e\n" + fault.get("back", ":"), check=False)  # what mended it may have done so
            shell(WORDS + END)
    assert snapshot() == before()


@contextlib.contextmanager
def listening(words: str) -> Iterator[None]:
    """A program that listens, without a program: the kernel itself takes connections in."""
    place, address, port, *how = words.split()
    kind = socket.SOCK_DGRAM if how == ["udp"] else socket.SOCK_STREAM
    with within(f"/run/netns/{place}", lambda: socket.socket(socket.AF_INET, kind)) as opened:
        opened.bind((address, int(port)))
        with contextlib.ExitStack() as clients:
            if kind == socket.SOCK_STREAM:
                opened.listen(0 if how else 8)
            if how == ["full"]:
                client = within(f"/run/netns/{place}", lambda: socket.socket(socket.AF_INET))
                clients.enter_context(client).connect((address, int(port)))
            yield


@contextlib.contextmanager
def guard(source: str) -> Iterator[None]:
    """A table of nft's own, as no iptables shows it: it drops what comes from a source, or by its policy all."""
    text, attribute, pair, nested = netlink._text, netlink._attribute, netlink._pair, netlink._nested
    nft, inet = netlink._NFT, netlink._INET
    table = attribute(1, text("guard"))
    hook = nested(4, pair(1, 2), pair(2, 10))
    chain = table + attribute(3, text("guardf")) + hook + attribute(7, text("filter"))
    chain += pair(5, netlink.DROP if source == "policy" else netlink.ACCEPT)
    batch = [
        netlink._message(16, 1, 0, resource=10),
        netlink._message(nft | netlink._NEW_TABLE, 0x401, inet, table),
        netlink._message(nft | netlink._NEW_CHAIN, 0x401, inet, chain),
    ]
    if source != "policy":
        register, address = attribute(1, netlink._number(1)), socket.inet_aton(source)
        expressions = (
            netlink._expression("payload", register, pair(2, 1), pair(3, 12), pair(4, 4)),
            netlink._expression("cmp", register, pair(2, 0), nested(3, attribute(1, address))),
            netlink._expression("immediate", pair(1, 0), nested(2, nested(2, pair(1, netlink.DROP)))),
        )
        rule = table + attribute(2, text("guardf")) + nested(4, *expressions)
        batch.append(netlink._message(nft | netlink._NEW_RULE, 0xC01, inet, rule))
    ask([*batch, netlink._message(17, 1, 0, resource=10)])
    try:
        yield
    finally:
        removed = netlink._message(nft | 2, 1, inet, table)
        ask([batch[0], removed, netlink._message(17, 1, 0, resource=10)])


def ask(batch: list[bytes]) -> None:
    """Have the kernel do a batch of nft's messages."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as kernel:
        kernel.bind((0, 0))
        kernel.send(b"".join(batch))
        kernel.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            refused = kernel.recv(4096)
            assert not refused, refused


def say(place: str, sport: str, address: str, port: str) -> None:
    """Send a datagram."""
    with within(f"/run/netns/{place}", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sent:
        sent.bind(("", int(sport)))
        sent.sendto(pack("!I", 0), (address, int(port)))


def trace(packet: str, patience: float = PATIENCE, sport: int | None = None) -> Trace:
    """Trace as the command line would, but with less patience, and from a port that no other case has."""
    source, to, *options = packet.split()
    target, port, protocol = split(to)
    own = zip(options[::2], options[1::2], strict=True)
    given: dict[str, Any] = {"sport": sport} | {name[2:]: int(value) for name, value in own}
    return traced(source, target, port, protocol, patience=patience, **given)


def fits(said: str, wanted: str) -> bool:
    """Whether a sentence is the one wanted, where `[..]` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, wanted.split("[..]"))), said) is not None


@pytest.mark.parametrize("fault", FAULTS)
@in_throwaway_host(again=lambda **_: True)
def test_a_fault_is_named(fault: str) -> None:
    wanted = FAULTS[fault]
    with network(wanted):
        # What conntrack remembers of a case is not to be met by another.
        sport = 20000 + 4 * list(FAULTS).index(fault)
        found = trace(wanted["packet"], sport=sport)
        assert not found.answered
        assert fits(found.reason, wanted["says"]), found.reason
        assert fits(found.mend, wanted.get("mend", "")), found.mend
        if found.mend and shutil.which(shlex.split(found.mend)[0]):
            shell(WORDS + found.mend)
            # A link that came up, a neighbour who was asked in vain: on a busy machine they take their time.
            again = (trace(wanted["packet"], MORE, sport + number) for number in (1, 2, 3))
            assert any(each.answered for each in again), found.mend
