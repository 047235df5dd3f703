"""What makes a host unready: the plan that is then refused, and why."""

from __future__ import annotations

from collections.abc import Callable

from bridgekit import lessons, recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import (
    DHCP,
    GATEWAY,
    ON_DHCP,
    OUTSIDE,
    SUBNET,
    WEB,
    process,
    written,
)
from tests.kernel.world import shell

WEB_NET = "nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' web)/ns/net"


def attach(guest: str = "web", family: int = 4, bridge: str = "br666", veth: str | None = None) -> Plan:
    return recipes.attach(guest, WEB[family], gateway=GATEWAY[family], bridge=bridge, veth=veth)


# A container as `--uts=host` makes one: the stand-in's record of it names a process of the host.
HOSTS_OWN_NAME = (
    "cp -r /run/host/containers/podman/pod* /run/host/containers/podman/open00000000; "
    "cd /run/host/containers/podman/open00000000; echo open >name; echo $PPID >pid"
)
PORT = "ip link add br9 type bridge; ip link set"
HOPS = (
    "ip addr add 10.8.0.1/24 dev em1; ip link add nic1 type veth peer name cable; ip link set cable up; "
    "ip link set nic1 up; ip addr add 10.7.0.1/24 dev nic1; "
    "ip route add 10.6.0.0/16 nexthop via 10.7.0.2 dev nic1 nexthop via 10.8.0.2 dev em1"
)


NIC1 = "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 up"
MACVLAN = "ip link add mv0 link em1 type macvlan mode bridge"


def macvlan(parent: str = "em1", mode: str = "bridge", guest: str = "web") -> Plan:
    return recipes.macvlan(guest, "203.0.113.7/24", parent=parent, mode=mode, gateway=OUTSIDE[4])


def own_bridge(address: str = "192.168.5.1/24") -> Plan:
    return recipes.own_bridge("bridge0", address)


ON_BR666 = "bridgekit attach web 10.0.0.2/24 --yes; bridgekit attach db 10.0.0.3/24 --yes"
LISTENER = 'import socket; s = socket.create_server(("", 8080)); s.accept()'
# What makes the host unready, the plan, and a word of the refusal.
REASONS: dict[str, tuple[str, Callable[[], Plan], str]] = {
    "bridge is no bridge": ("", lambda: attach(bridge="em1"), "em1"),
    "bridge is no bridge 2": ("", lambda: recipes.bridge("em1", address="10.0.0.1/24"), "em1"),
    "no such guest": ("", lambda: attach("nobody"), "nobody"),
    "no such namespace": ("", lambda: attach("netns:nobody"), "nobody"),
    "no such process": ("", lambda: attach("pid:4194303"), "4194303"),
    "stopped guest": ("docker stop web", attach, "not running"),
    "the host's network": ("docker run -d --net=host --name open x sleep infinity", lambda: attach("open"), "shares"),
    "the host's own name": ("ip netns attach here $$", lambda: attach("netns:here"), "shares"),
    "eth0 in use": (f"{WEB_NET} ip link add eth0 type bridge", attach, "eth0"),
    "eth0 is another pair's": (f"{WEB_NET} ip link add eth0 type veth peer name eth9", attach, "eth0"),
    "veth in use": ("ip link add tap0 type bridge", lambda: attach(veth="tap0"), "tap0"),
    "veth of another pair": ("ip link add tap0 type veth peer name tap1", lambda: attach(veth="tap0"), "tap0"),
    "a port of another bridge": (
        "bridgekit attach web 10.0.0.2/24 --bridge br9 --name first --yes",
        attach,
        "a port of something other",
    ),
    "wired elsewhere": (
        "bridgekit network blue --yes; bridgekit attach web 10.0.0.2/24 --yes",
        lambda: recipes.wire("web", network="blue"),
        "a port of something other",
    ),
    "a subnet of another network": (
        "bridgekit network red --yes",
        lambda: recipes.network("blue"),
        "overlaps 172.18.0.0/16",
    ),
    "a part of another network's": (
        "bridgekit network red --yes",
        lambda: recipes.network("blue", subnet="172.18.5.0/24"),
        "overlaps 172.18.5.0/24",
    ),
    "name of another namespace": ("ip netns add web", attach, "web"),
    "another default route": (
        f"{WEB_NET} sh -c 'ip link add d0 type bridge; ip link set d0 up; ip addr add 10.9.9.2/24 dev d0; "
        "ip route add default via 10.9.9.1'",
        attach,
        "default route",
    ),
    "another default route, IPv6": (
        f"{WEB_NET} sh -c 'ip link add d0 type bridge; ip link set d0 up; ip addr add fd00:9::2/64 dev d0 nodad; "
        "ip route add default via fd00:9::1'",
        lambda: attach(family=6),
        "default route",
    ),
    "publish: no address": ("bridgekit bridge br666 --yes", lambda: recipes.publish("web", ["8080:80"]), "address"),
    "publish: published": (
        f"{ON_BR666}; bridgekit publish web 8080:80 --yes",
        lambda: recipes.publish("db", ["127.0.0.1:8080:80"]),
        "already allocated",
    ),
    "publish: taken": (
        f"{ON_BR666}; python3 -c '{LISTENER}' >/dev/null 2>&1 & "
        "until ss -Hltn 'sport = :8080' | grep -q .; do sleep 0.05; done",
        lambda: recipes.publish("web", ["127.0.0.1:8080:80"]),
        "in use",
    ),
    "link: not on the bridge": (ON_BR666, lambda: recipes.link("web", "podman:pod", port=["80"]), "not on it"),
    "wire: no network": ("", lambda: recipes.wire("web"), "make the network first: bridgekit docker0"),
    "wire: no such network": ("", lambda: recipes.wire("web", network="blue"), "bridgekit network blue"),
    "wire: published": (
        "bridgekit docker0 --yes; bridgekit wire db -p 8080:80 --yes",
        lambda: recipes.wire("web", publish=["8080:81"]),
        "already allocated",
    ),
    "wire: address taken": (
        "bridgekit docker0 --yes; bridgekit wire db --yes",
        lambda: recipes.wire("web", ip="172.17.0.2"),
        "no free address",
    ),
    "wire: no address left": (
        "bridgekit docker0 --bip 10.0.0.1/30 --yes; bridgekit wire db --yes",
        lambda: recipes.wire("web"),
        "no free address",
    ),
    "wire, none: it has a network": (
        "bridgekit docker0 --yes; bridgekit wire web --yes",
        lambda: recipes.wire("web", network="none"),
        "has an address",
    ),
    "wire, host": ("", lambda: recipes.wire("web", network="host"), "must work"),
    "macvlan: no parent": ("", lambda: macvlan("nic9"), "no interface nic9"),
    "move: no such card": ("", lambda: recipes.move("web", "nic9", "10.0.0.2/24"), "no interface nic9"),
    "move: a bridge": (
        "ip link add br9 type bridge",
        lambda: recipes.move("web", "br9", "10.0.0.2/24"),
        "br9 is a bridge and no network card",
    ),
    "move: its name there in use": (
        f"{NIC1}; {WEB_NET} ip link add eth1 type bridge",
        lambda: recipes.move("web", "nic1", "10.0.0.2/24", interface="eth1"),
        "has an interface nic1 or eth1 already",
    ),
    "move: a guest's own that we did not move": (
        f"{WEB_NET} ip link add nic1 type bridge",
        lambda: recipes.move("web", "nic1", "10.0.0.2/24"),
        "no interface nic1",
    ),
    "vlan: no kernel": ("", lambda: recipes.vlan("em1", 20), "CONFIG_VLAN_8021Q"),
    "ipvlan: no kernel": ("", lambda: recipes.ipvlan("web", "10.0.0.2/24", parent="em1"), "CONFIG_IPVLAN"),
    "dummy: no kernel": ("", lambda: recipes.dummy("web", "10.0.0.2/24"), "CONFIG_DUMMY"),
    "ipoib: no kernel": ("", lambda: recipes.ipoib("web", "10.0.0.2/24", parent="em1"), "CONFIG_INFINIBAND_IPOIB"),
    "ovs: no program": ("", lambda: recipes.ovs("web", "10.0.0.2/24"), "openvswitch-switch"),
    "attach: its own gateway": (
        f"{WEB_NET} ip addr add 192.0.2.7/32 dev lo",
        lambda: recipes.attach("web", WEB[4], via=["192.0.2.7"]),
        "an address of the guest itself",
    ),
    "macvlan: no address of the host's": (
        f"{NIC1}",
        lambda: recipes.macvlan("web", "10.0.0.2/24", parent="nic1", host_route=True),
        "no IPv4 address from which the host could speak",
    ),
    "macvlan: a port": (f"{PORT} em1 master br9", macvlan, "port"),
    "macvlan: on a macvlan": (f"{MACVLAN}; ip link set mv0 up", lambda: macvlan("mv0"), "a macvlan itself"),
    "macvlan: the host's network": (
        "docker run -d --net=host --name open x sleep infinity",
        lambda: macvlan(guest="open"),
        "shares",
    ),
    "macvlan: eth0 in use": (f"{WEB_NET} ip link add eth0 type bridge", macvlan, "eth0"),
    "macvlan: eth0 is one of another mode": (
        "bridgekit macvlan web 203.0.113.8/24 --parent em1 --mode vepa --yes",
        lambda: macvlan().renamed("other"),
        "no macvlan on em1 in mode bridge",
    ),
    "macvlan: its name here in use": ("ip link add macvlan_84aa61e type bridge", macvlan, "macvlan_84aa61e"),
    "macvlan: another default route": (
        "bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --interface eth1 --yes",
        macvlan,
        "default route",
    ),
    "macvlan: passthru beside another": (MACVLAN, lambda: macvlan(mode="passthru"), "for itself"),
    "macvlan: passthru beside another's guest": (
        "bridgekit macvlan db 203.0.113.8/24 --parent em1 --yes",
        lambda: macvlan(mode="passthru"),
        "for itself",
    ),
    "macvlan: beside one in passthru": (
        "bridgekit macvlan db 203.0.113.8/24 --parent em1 --mode passthru --yes",
        macvlan,
        "for itself",
    ),
    "dhcp: no such interface": ("", lambda: recipes.dhcp("web"), "no interface eth1"),
    "dhcp: the host's network": (
        "docker run -d --net=host --name open x sleep infinity",
        lambda: recipes.dhcp("open"),
        "shares",
    ),
    "dhcp: another client": (
        f"{DHCP}; {ON_DHCP.format('web', process('docker', 'web'), 'eth1')}; "
        "bridgekit dhcp web --client udhcpc --name other --yes",
        lambda: recipes.dhcp("web", client="dhclient"),
        "another DHCP client",
    ),
    "route: no such interface": (
        "",
        lambda: recipes.route("netns:red", ["add", "10.0.5.0/24", "dev", "eth9"]),
        "no interface eth9",
    ),
    "route: several": (
        "ip -n red link set lo up; ip -n red route add 10.0.5.0/24 dev lo; "
        "ip -n red route add 10.0.5.0/24 dev lo metric 5",
        lambda: recipes.route("netns:red", ["del", "10.0.5.0/24"]),
        "metric NUMBER",
    ),
    "rule: several": (
        "ip -n red rule add from 10.0.0.2 table 5; ip -n red rule add from 10.0.0.2 table 5 priority 9",
        lambda: recipes.rule("netns:red", ["del", "from", "10.0.0.2", "table", "5"]),
        "priority NUMBER",
    ),
    "tc: no such kind": (
        "",
        lambda: recipes.tc("netns:red", ["qdisc", "add", "dev", "lo", "root", "nosuch"]),
        "its module is sch_nosuch",
    ),
    "tc: words that it does not take": (
        "",
        lambda: recipes.tc("netns:red", ["qdisc", "add", "dev", "lo", "root", "tbf", "rate", "fast"]),
        "tc does not take these words",
    ),
    "tc: a tree": (
        "tc -n red qdisc add dev lo root handle 1: htb; "
        "tc -n red class add dev lo parent 1: classid 1:1 htb rate 1mbit",
        lambda: recipes.tc("netns:red", ["qdisc", "replace", "dev", "lo", "root", "pfifo"]),
        "could not make again",
    ),
    "no way out": ("ip route del default", lambda: recipes.outbound(SUBNET[4]), "default route"),
    "no way out, IPv6": ("ip -6 route del default", lambda: recipes.outbound(SUBNET[6]), "default route"),
    "vrf: no such interface": ("", lambda: recipes.vrf("red", "nic9", WEB[4]), "nic9"),
    "vrf: a port": (f"{PORT} em1 master br9", lambda: recipes.vrf("data", "em1", WEB[4]), "port"),
    "vrf: several next hops": (HOPS, lambda: recipes.vrf("data", "em1", WEB[4]), "next hops"),
    "leak: no such namespace": ("", lambda: recipes.leak("red", "nobody", SUBNET[4]), "nobody"),
    "leak: the host's own name": ("ip netns attach here $$", lambda: recipes.leak("red", "here", SUBNET[4]), "shares"),
    "vm: no such interface": ("", lambda: recipes.vm("tap0", nic="nic9", gateway=OUTSIDE[4]), "nic9"),
    "vm: a port": (f"{PORT} em1 master br9", lambda: recipes.vm("tap0", nic="em1", gateway=OUTSIDE[4]), "port"),
    "vm: the tap is a port": (
        f"ip tuntap add dev tap0 mode tap; {PORT} tap0 master br9",
        lambda: recipes.vm("tap0"),
        "tap0 is a port",
    ),
    "vm: several next hops": (HOPS, lambda: recipes.vm("tap0", nic="em1"), "next hops"),
    "vm: no bridge": ("ip link add br0 type veth peer name tap1", lambda: recipes.vm("tap0"), "br0"),
    "vm: no tap": ("ip link add tap0 type veth peer name tap1", lambda: recipes.vm("tap0"), "tap0 exists"),
    "vm: a tun": ("ip tuntap add dev tap0 mode tun", lambda: recipes.vm("tap0"), "tap0 exists"),
    "vm: no way out": ("ip route del default", lambda: recipes.vm("tap0"), "--nic"),
    "vm: no gateway": ("ip route del default", lambda: recipes.vm("tap0", nic="em1"), "--gateway"),
    "lesson without an engine": ("", lessons.docker0, "Docker engine"),
    "an engine that is stopped": ("", lambda: own_bridge(), "does not run"),
    "a route in the way": ("service docker start", lambda: own_bridge("203.0.113.9/28"), "overlaps"),
    "a route around it": (
        "service docker start; ip route add 192.168.0.0/16 dev em1",
        lambda: own_bridge(),
        "overlaps",
    ),
    "the engine would take another address": (
        "service docker start; ip link add bridge0 type bridge; ip addr add 10.9.9.1/24 dev bridge0",
        lambda: own_bridge(),
        "another IPv4 address",
    ),
    "dns, no such namespace": ("", lambda: recipes.dns("netns:nobody", host=["db:10.0.0.3"]), "nobody"),
    "dns, stopped guest": ("docker stop web", lambda: recipes.dns("web", host=["db:10.0.0.3"]), "not running"),
    "dns, the host's own name": (HOSTS_OWN_NAME, lambda: recipes.dns("podman:open", hostname="app"), "host's name"),
    "dns, no file": (
        "umount /etc/hostname 2>/dev/null; rm /etc/hostname",
        lambda: recipes.dns("netns:red", hostname="app"),
        "/etc/hostname",
    ),
    "dns, no file of the engine's": (
        "rm /run/host/containers/docker/web*/hosts",
        lambda: recipes.dns("web", host=["db:10.0.0.3"]),
        "containers/docker/web000000000/hosts",
    ),
    "lesson's bridge": ("ip link add br666 type veth peer name tap1", lessons.docker_by_hand, "br666"),
}


def refused(there: str, make: Callable[[], Plan], dialect: str, word: str) -> None:
    """With this on the host, the plan's script ends with that word in its refusal, and nothing is touched."""
    shell(there)
    before = measure.state()
    result = trial.bash(written(make(), dialect))
    assert result.code == 3, result
    assert word in result.err, result
    measure.same(before, measure.state(), there)
