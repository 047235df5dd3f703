"""One plan of each kind that a recipe can make, and each lesson: what the tests of pure text go through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridgekit import recipes
from bridgekit.lab import building
from bridgekit.lab.loading import load
from bridgekit.lessons import LESSONS
from bridgekit.plan import Plan


def lab(file: Path, machine: str = "") -> Plan:
    """The plan of a topology file, or of one machine's part of it."""
    return building.plan(load(str(file)), file.name, machine)


RECIPE_PLANS: dict[str, Callable[[], Plan]] = {
    "bridge": lambda: recipes.bridge("br0", address="10.0.0.1/24"),
    "attach": lambda: recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1", mtu=1400, mac="02:00:00:00:00:02"),
    "attach six": lambda: recipes.attach("netns:red", "fd00::2/64", gateway="fd00::1"),
    "attach pid": lambda: recipes.attach("pid:7", "10.0.0.2/24", handle="symlink"),
    "attach queued": lambda: recipes.attach("web", "10.0.0.2/24", txqueuelen=7),
    "macvlan": lambda: recipes.macvlan("web", "10.0.0.2/24", parent="em1", gateway="10.0.0.1", mac="02:00:00:00:00:02"),
    "macvlan six": lambda: recipes.macvlan("netns:red", "fd00::2/64", parent="em1", mode="vepa", mtu=1400),
    "attach, all of it": lambda: recipes.attach(
        "web",
        "10.0.0.2/24",
        bridge="br20",
        vlan="20@em1",
        inherit_mtu=True,
        add_address=["10.0.1.2/24", "fd00::2/128"],
        via=["192.0.2.1", "fe80::1"],
        keep_replies=True,
        route=["10.9.0.0/16@10.0.0.9", "10.8.0.0/16"],
        forward=True,
        notify=True,
    ),
    "attach, no address": lambda: recipes.attach("web", "0/0"),
    "macvlan by MAC": lambda: recipes.macvlan(
        "web", "10.0.0.2/24", parent="mac:02:00:00:00:00:01", vlan=20, host_route=True, notify=True
    ),
    "macvlan, the host's way by both": lambda: recipes.macvlan(
        "web", "10.0.0.2/24", parent="em1", host_route=True, add_address=["fd00::2/64"]
    ),
    "attach on a VLAN": lambda: recipes.attach("web", "10.0.0.2/24", vlan="20"),
    "move by MAC": lambda: recipes.move("web", "mac:02:00:00:00:00:01", "10.0.0.2/24", interface="eth1"),
    "pipework, several": lambda: recipes.pipework(
        ["br1", "web", "10.0.0.2/24", "+", "em1", "web", "udhcpc", "--timeout", "7"]
    ),
    "ipvlan": lambda: recipes.ipvlan("web", "10.0.0.2/24", parent="em1", mode="l3", via=["10.0.0.1"], notify=True),
    "vlan": lambda: recipes.vlan("em1", 20),
    "vlan in a bridge": lambda: recipes.vlan("em1", 20, bridge="br20"),
    "move": lambda: recipes.move(
        "web", "em1", "10.0.0.2/24", interface="eth1", mac="02:00:00:00:00:02", mtu=1400, notify=True
    ),
    "move six": lambda: recipes.move("netns:red", "em1", "fd00::2/64", gateway="fd00::1"),
    "dummy": lambda: recipes.dummy("web", "10.0.0.2/32", mac="02:00:00:00:00:02", mtu=1400),
    "ovs": lambda: recipes.ovs("web", "10.0.0.2/24", vlan=20, via=["10.0.0.1"], notify=True),
    "ovs netns": lambda: recipes.ovs("netns:red", "fd00::2/64", mtu=1400),
    "ipoib": lambda: recipes.ipoib("web", "10.0.0.2/24", parent="ib0", pkey="8001", notify=True),
    "pipework lxc": lambda: recipes.pipework(["br1", "lxc:web", "0/0"]),
    "pipework": lambda: recipes.pipework(["br1", "-i", "eth2", "web", "10.0.0.2/24@10.0.0.1", "U:web"]),
    "pipework nic": lambda: recipes.pipework(["em1", "-a", "6", "podman:db", "fd00::2/64@fd00::1"]),
    "pipework dhcp": lambda: recipes.pipework(["br1", "web", "dhclient", "@20", "--type", "ovs"]),
    "pipework, any client": lambda: recipes.pipework(["eth0", "netns:red", "dhcp"]),
    "pipework route": lambda: recipes.pipework(["route", "web", "add", "10.0.5.0/24", "via", "10.0.0.1"]),
    "outbound": lambda: recipes.outbound("10.0.0.0/24"),
    "outbound six": lambda: recipes.outbound("fd00::/64", uplink="em1"),
    "mesh": lambda: recipes.mesh("br0", "10.0.0.0/24", ["web", "podman:db"], count=2),
    "mesh six": lambda: recipes.mesh("br0", "fd00::/64", count=2),
    "p2p": lambda: recipes.p2p("web", "10.1.1.1", "podman:db", "10.1.1.2"),
    "p2p six": lambda: recipes.p2p("pid:7", "fd00::1", "netns:red", "fd00::2", handle="symlink"),
    "p2p host": lambda: recipes.p2p("web", "10.1.1.1", "host", "10.1.1.2"),
    "vrf": lambda: recipes.vrf("data", "em1", "192.168.1.2/24", gateway="192.168.1.1"),
    "vrf six": lambda: recipes.vrf("data", "em1", "fd00::2/64"),
    "leak": lambda: recipes.leak("red", "blue", "192.168.9.0/24"),
    "leak six": lambda: recipes.leak("red", "blue", "2001:db8:9::/64", link="fd00:9::/64"),
    "vm": lambda: recipes.vm("tap0"),
    "vm nic": lambda: recipes.vm("tap0", bridge="br7", nic="em1", gateway="2001:db8:113::2"),
    "forwarding on": lambda: recipes.forwarding("on"),
    "forwarding on six": lambda: recipes.forwarding("on", ipv6=True),
    "forwarding off six": lambda: recipes.forwarding("off", ipv6=True),
    "own bridge": lambda: recipes.own_bridge("bridge0", "192.168.5.1/24"),
    "cleanup": lambda: recipes.cleanup(),
    "install": lambda: recipes.install(distro="debian"),
    "install, upgrading": lambda: recipes.install(distro="ubuntu", upgrade=True),
    "install, alpine": lambda: recipes.install(distro="alpine", docker=False),
    "install, fedora": lambda: recipes.install(distro="fedora"),
    "install, arch": lambda: recipes.install(distro="arch"),
    "docker0": lambda: recipes.docker0(),
    "docker0 apart": lambda: recipes.docker0(bip="10.7.0.1/24", icc="false", userland_proxy="false"),
    "docker0 of another": lambda: recipes.docker0(bridge="br5", iptables="false", ip_forward="false"),
    "network": lambda: recipes.network("blue"),
    "network apart": lambda: recipes.network("blue", subnet="10.8.0.0/24", gateway="10.8.0.254", icc="false"),
    "network inside": lambda: recipes.network("blue", internal=True, userland_proxy="false", bridge_name="blue0"),
    "docker0 of 2014": lambda: recipes.docker0(layout="2014", icc="false"),
    "docker0 for containers": lambda: recipes.docker0(mtu=1400, ip="127.0.0.1", fixed_cidr="172.17.1.0/24"),
    "wire": lambda: recipes.wire("web", publish=["8080:80", "127.0.0.1::53/udp"], link=["db:database:5432"]),
    "wire, all of it": lambda: recipes.wire(
        "podman:web",
        network="blue",
        ip="10.8.0.9",
        mac="02:00:00:00:00:09",
        publish_all=True,
        expose=["80", "53/udp"],
        dns=["203.0.113.2"],
        dns_search=["a.test"],
        hostname="web.example.test",
        add_host=["db:10.0.0.3", "here:host-gateway"],
        interface="eth1",
        made_by="network blue --subnet 10.8.0.0/24 --icc false --userland-proxy false",
    ),
    "wire beside an engine's": lambda: recipes.wire("web", network="blue", highest=True, publish=["53/udp"]),
    "wire apart": lambda: recipes.wire(
        "netns:red",
        link=["pid:7:db:80,53/udp"],
        publish=["7000-7001:80-81"],
        made_by="docker0 --icc false --mtu 1400 --default-gateway 172.17.0.254 --layout 2014 --userland-proxy false",
    ),
    "wire to a bridge": lambda: recipes.wire("pid:7", made_by="docker0 --bridge br5 --iptables false"),
    "wire, none": lambda: recipes.wire("web", network="none", hostname="web", dns=["203.0.113.2"]),
    "wire, searching": lambda: recipes.wire("web", dns_search=["."], network="blue", add_host=["here:host-gateway"]),
    "wire, host": lambda: recipes.wire("web", network="host"),
    "wire, container": lambda: recipes.wire("netns:red", network="container:web"),
    "publish": lambda: recipes.publish("web", ["8080:80", "127.0.0.1::81"]),
    "publish for datagrams": lambda: recipes.publish("web", ["5353:53/udp", "127.0.0.1:69:69/udp"]),
    "publish at localhost": lambda: recipes.publish("web", ["127.0.0.1:8080:80"]),
    "publish at one address": lambda: recipes.publish("web", ["192.0.2.1:8080:80"]),
    "publish on a network": lambda: recipes.publish("netns:red", ["53/udp"], network="blue"),
    "link": lambda: recipes.link("web", "netns:red", port=["80", "53/udp"]),
    "link on a network": lambda: recipes.link("pid:7", "db", port=["80"], network="bridge"),
    "docker0 on a bridge": lambda: recipes.docker0(bridge="br5", ip_masq="false"),
    "dhcp": lambda: recipes.dhcp("web"),
    "dhcp, all of it": lambda: recipes.dhcp(
        "podman:web", interface="eth2", client="dhcpcd", timeout=9, hostname="app", option=["-m 7", "-O mtu"]
    ),
    "dhcp netns": lambda: recipes.dhcp("netns:red", client="dhclient"),
    "dhcp pid": lambda: recipes.dhcp("pid:7", client="udhcpc", option=["-r 10.0.0.7 -C"]),
    "route": lambda: recipes.route("web", ["add", "10.0.5.0/24", "via", "10.0.0.1", "dev", "eth1", "mtu", "1400"]),
    "route six": lambda: recipes.route(
        "netns:red", ["replace", "default", "via", "fd00::1", "metric", "7", "table", "5", "onlink"]
    ),
    "route del": lambda: recipes.route("pid:7", ["delete", "224.0.0.0/4"]),
    "route blackhole": lambda: recipes.route("podman:web", ["-4", "add", "blackhole", "10.0.6.0/24"]),
    "rule": lambda: recipes.rule("web", ["add", "from", "10.0.0.2", "table", "5", "priority", "100"]),
    "rule del": lambda: recipes.rule(
        "netns:red", ["-6", "del", "to", "fd00::/64", "fwmark", "0x1/0xff", "iif", "eth0", "lookup", "main"]
    ),
    "tc": lambda: recipes.tc("web", ["qdisc", "add", "dev", "eth1", "root", "netem", "delay", "50ms", "loss", "1%"]),
    "tc replace": lambda: recipes.tc("pid:7", ["qdisc", "replace", "dev", "eth1", "root", "handle", "1:", "pfifo"]),
    "tc del": lambda: recipes.tc("netns:red", ["qdisc", "del", "dev", "eth1", "root"]),
    "dns": lambda: recipes.dns("web", hostname="app", dns=["203.0.113.2"], search=["a.test"], host=["db:10.0.0.3"]),
    "dns netns": lambda: recipes.dns("netns:red", dns=["fd00::53", "10.0.0.53"], host=["db:fd00::3"]),
}
LABS = Path(__file__).parent / "cases/lab"
LAB_PLANS: dict[str, Callable[[], Plan]] = {
    "lab": lambda: lab(LABS / "all.yaml"),
    "lab of containers": lambda: lab(LABS / "boxes.yaml"),
    "lab, one machine's part": lambda: lab(LABS / "machines.yaml", "m1"),
}
PLANS: dict[str, Callable[[], Plan]] = (
    RECIPE_PLANS | LAB_PLANS | {f"learn {name}": LESSONS[name].make for name in LESSONS}
)
