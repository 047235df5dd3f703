"""The plans by which the laws are proven, and the throw-away host that has what they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridgekit import lessons, recipes, render
from bridgekit.lab import building
from bridgekit.lab.loading import load
from bridgekit.plan import Plan
from tests.kernel.world import in_throwaway_host, shell

DIALECTS = ("document", "modern")
LABS = Path(__file__).resolve().parents[1] / "cases/lab"
GUESTS = ("web", "db", "podman:pod", "netns:red")
MAC = "02:42:0a:00:00:02"
GATEWAY = {4: "10.0.0.1", 6: "fd00:10::1"}
WEB = {4: "10.0.0.2/24", 6: "fd00:10::2/64"}
DB = {4: "10.0.0.3/24", 6: "fd00:10::3/64"}
SUBNET = {4: "10.0.0.0/24", 6: "fd00:10::/64"}
ON_BRIDGE = {4: "10.0.0.1/24", 6: "fd00:10::1/64"}
OUTSIDE = {4: "203.0.113.2", 6: "2001:db8:113::2"}

# The lesson's container is the one started after the guests.
IDS = ("web000000000", "db0000000000", "pod000000000", "6414d7278905")
in_the_host = in_throwaway_host(*GUESTS, ids=IDS)
# For tests of a case that leave the host as it was: what a case wants to be there before stays, and so does that host.
in_a_host = in_throwaway_host(*GUESTS, ids=IDS, again=lambda case, **_: case not in SETTING and case != "lesson")


def process(engine: str, guest: str) -> str:
    """A word of bash: the process id of a container."""
    return f"$({engine} inspect -f '{{{{.State.Pid}}}}' {guest})"


CASES: dict[str, Callable[[], Plan]] = {
    "bridge-4": lambda: recipes.bridge("br666", address=ON_BRIDGE[4]),
    "bridge-6": lambda: recipes.bridge("br666", address=ON_BRIDGE[6]),
    "attach-bind-4": lambda: recipes.attach("web", WEB[4], gateway=GATEWAY[4], mac=MAC, mtu=1400),
    "attach-bind-6": lambda: recipes.attach("podman:pod", WEB[6], gateway=GATEWAY[6]),
    "attach-symlink-4": lambda: recipes.attach("podman:pod", WEB[4], gateway=GATEWAY[4], handle="symlink"),
    "attach-symlink-6": lambda: recipes.attach(
        "web", WEB[6], gateway=GATEWAY[6], handle="symlink", mac=MAC, mtu=1400, netns="blue", interface="net0"
    ),
    "attach-netns-4": lambda: recipes.attach("netns:red", WEB[4], gateway=GATEWAY[4]),
    "attach-netns-6": lambda: recipes.attach("netns:red", WEB[6], gateway=GATEWAY[6], mac=MAC, mtu=1400),
    "attach-pid-4": lambda: recipes.attach(f"pid:{pid_of('db')}", WEB[4]),
    "attach-queue-4": lambda: recipes.attach("web", WEB[4], txqueuelen=7),
    "macvlan-4": lambda: recipes.macvlan("web", "203.0.113.7/24", parent="em1", gateway=OUTSIDE[4], mac=MAC, mtu=1400),
    "macvlan-6": lambda: recipes.macvlan("podman:pod", "2001:db8:113::7/64", parent="em1", gateway=OUTSIDE[6]),
    "macvlan-passthru-4": lambda: recipes.macvlan("netns:red", WEB[4], parent="nic1", mode="passthru"),
    "attach-whole-4": lambda: recipes.attach(
        "web",
        WEB[4],
        bridge="br7",
        interface="eth1",
        inherit_mtu=True,
        add_address=["10.0.5.2/32", "fd00:10::2/64"],
        via=["192.0.2.1", "fe80::1"],
        keep_replies=True,
        route=["10.9.0.0/16@10.0.0.9", "10.8.0.0/16"],
        forward=True,
        notify=True,
    ),
    "macvlan-host-4": lambda: recipes.macvlan(
        "web", "203.0.113.7/24", parent=f"mac:{mac_of('em1')}", host_route=True, via=[OUTSIDE[4]], notify=True
    ),
    "move-4": lambda: recipes.move("web", "nic1", WEB[4], interface="eth1", mac=MAC, mtu=1400, via=[GATEWAY[4]]),
    "move-6": lambda: recipes.move("netns:red", "nic1", WEB[6], gateway=GATEWAY[6]),
    "pipework-4": lambda: recipes.pipework(["br1", "-i", "eth2", "web", f"{WEB[4]}@{GATEWAY[4]}", "U:web"]),
    "pipework-6": lambda: recipes.pipework(["em1", "podman:pod", "2001:db8:113::7/64"]),
    "outbound-4": lambda: recipes.outbound(SUBNET[4]),
    "outbound-6": lambda: recipes.outbound(SUBNET[6]),
    "outbound-uplink-4": lambda: recipes.outbound(SUBNET[4], uplink="em1"),
    "outbound-uplink-6": lambda: recipes.outbound(SUBNET[6], uplink="em1"),
    "lesson": lambda: lessons.docker_by_hand(),
    "mesh-4": lambda: recipes.mesh("br666", SUBNET[4], ["web", "netns:red"], count=1),
    "mesh-6": lambda: recipes.mesh("br666", SUBNET[6], ["podman:pod"], count=1),
    "p2p-4": lambda: recipes.p2p("web", "10.1.1.1", "podman:pod", "10.1.1.2"),
    "p2p-6": lambda: recipes.p2p("db", "fd00:1::1", "netns:red", "fd00:1::2", handle="symlink"),
    "p2p-host-4": lambda: recipes.p2p("web", "10.1.1.1", "host", "10.1.1.2", handle="symlink"),
    "p2p-host-6": lambda: recipes.p2p("host", "fd00:1::1", "netns:red", "fd00:1::2"),
    "vrf-4": lambda: recipes.vrf("data", "em1", "192.168.1.2/24", gateway="192.168.1.1"),
    "vrf-6": lambda: recipes.vrf("red", "nic1", "fd00:1::2/64", gateway="fd00:1::1"),
    "leak-4": lambda: recipes.leak("red", "blue", "192.168.9.0/24"),
    "leak-6": lambda: recipes.leak("blue", "red", "fd00:9::/64", link="fd00:8::/126"),
    "vm": lambda: recipes.vm("tap0"),
    "vm-6": lambda: recipes.vm("tap0", bridge="br7", nic="em1", gateway=OUTSIDE[6], forward=True),
    "forwarding-on": lambda: recipes.forwarding("on"),
    "forwarding-on-6": lambda: recipes.forwarding("on", ipv6=True),
    "forwarding-off-6": lambda: recipes.forwarding("off", ipv6=True),
    "own-bridge": lambda: recipes.own_bridge("bridge0", "192.168.5.1/24"),
    "own-bridge-after-another": lambda: recipes.own_bridge("br666", "172.17.0.1/16"),
    "cleanup": lambda: recipes.cleanup(),
    "docker0": lambda: recipes.docker0(),
    "network-internal": lambda: recipes.network("blue", internal=True, icc="false"),
    "docker0-options": lambda: recipes.docker0(bridge="br5", icc="false", userland_proxy="false"),
    "docker0-2014": lambda: recipes.docker0(layout="2014", icc="false", mtu=1400),
    "wire": lambda: recipes.wire(
        "web",
        publish=["8080:80", "127.0.0.1::53/udp"],
        hostname="web.example.test",
        add_host=["here:host-gateway"],
        link=["db:database:80"],
        highest=True,
        made_by="docker0 --icc false --mtu 1400",
    ),
    "wire-old": lambda: recipes.wire(
        "netns:red",
        publish=["7000-7001:80-81"],
        link=["db:database:80"],
        ip="172.17.9.9",
        made_by="docker0 --layout 2014 --icc false --userland-proxy false",
    ),
    "wire-none": lambda: recipes.wire("web", network="none", hostname="app", dns=["203.0.113.2"]),
    "publish": lambda: recipes.publish("web", ["8080:80", "127.0.0.1::81", "5353:53/udp"]),
    "publish-local": lambda: recipes.publish("web", ["127.0.0.1:8080:80"]),
    "publish-network": lambda: recipes.publish("netns:red", ["81"], network="bridge"),
    "link": lambda: recipes.link("web", "netns:red", port=["80", "53/udp"]),
    "dhcp-udhcpc-4": lambda: recipes.dhcp("web", client="udhcpc"),
    "dhcp-dhclient-4": lambda: recipes.dhcp("netns:red", client="dhclient"),
    "dhcp-dhcpcd-4": lambda: recipes.dhcp("podman:pod", client="dhcpcd", interface="eth2"),
    "route-add-4": lambda: recipes.route("web", ["add", "10.0.5.0/24", "via", "10.0.0.1", "mtu", "1400"]),
    "route-replace-6": lambda: recipes.route("web", ["replace", "default", "via", "fd00:10::1", "metric", "7"]),
    "route-replace-4": lambda: recipes.route("netns:red", ["replace", "10.0.5.0/24", "via", "10.0.0.9", "dev", "eth0"]),
    "route-del-4": lambda: recipes.route("netns:red", ["del", "10.0.5.0/24", "metric", "9"]),
    "rule-add-4": lambda: recipes.rule("web", ["add", "from", "10.0.0.2", "table", "5"]),
    "rule-del-6": lambda: recipes.rule("netns:red", ["-6", "del", "to", "fd00:5::/64", "fwmark", "0x1", "table", "7"]),
    "tc-add": lambda: recipes.tc(
        "web", ["qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "1mbit", "burst", "32k", "latency", "50ms"]
    ),
    "tc-replace": lambda: recipes.tc("netns:red", ["qdisc", "replace", "dev", "eth0", "root", "pfifo", "limit", "9"]),
    "tc-del": lambda: recipes.tc("netns:red", ["qdisc", "del", "dev", "eth0", "root"]),
    "dns-docker": lambda: dns("web"),
    "dns-podman": lambda: dns("podman:pod"),
    "dns-netns": lambda: dns("netns:red"),
    "dns-netns-there": lambda: dns("netns:red"),
    "lab": lambda: lab(str(LABS / "laws.yaml"), "m1"),
    "lab-containers": lambda: lab(str(LABS / "contained.yaml")),
}
_OF_THE_USER = "iptables -A FORWARD -s 10.1.0.0/16 -j DROP; iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE"
_BRIDGE_OF_THE_USER = "ip link add br5 type bridge; ip addr add 10.5.0.1/24 dev br5; ip link set br5 up"
# Files as an editor of another system leaves them: odd bytes, other line ends, no end of the last line.
ODD_FILES = (
    r"cd {} && printf '127.0.0.1 localhost\r\n\377\0 x' >hosts && printf 'old\n\n' >hostname && "
    r"printf '# \344\nnameserver 192.0.2.1\noptions ndots:1\ndomain a.test\nnameserver\t192.0.2.2' >resolv.conf"
)
# A network with a DHCP server (a lease of dnsmasq's is two minutes at least); an interface in a guest that is on it,
# with a MAC address of its own: by that the server chooses.
DHCP = (
    "ip link add br9 type bridge; ip addr add 10.9.0.1/24 dev br9; ip link set br9 up; "
    "dnsmasq --conf-file=/dev/null --pid-file=/run/dhcpd.pid --user=root --group= --port=0 --no-resolv --no-hosts "
    "--log-facility=/run/dhcpd.log --log-dhcp --bind-interfaces --interface=br9 --except-interface=lo --no-ping "
    "--dhcp-leasefile=/run/dhcpd.leases --dhcp-authoritative --dhcp-range=10.9.0.50,10.9.0.99,255.255.255.0,2m "
    "--dhcp-option=option:dns-server,203.0.113.2 --dhcp-option=option:domain-name,example.test "
    "--dhcp-option=option:T1,3 --dhcp-option=option:T2,60"
)
ON_DHCP = (
    "ip link add at_{0} type veth peer name to_{0}; ip link set at_{0} master br9 up; "
    "ip link set to_{0} address 02:00:00:00:$(md5sum <<<{0} | sed -E 's/(..)(..).*/\\1:\\2/'); "
    "ip link set to_{0} netns {1} name {2}"
)
# What must be there before, beside the guests.
_FURNISH = (
    "ip addr add 203.0.113.9/24 dev em1 label em1:1; ip addr add 10.5.5.5 peer 10.5.5.6/32 dev em1; "
    "ip addr add 192.0.2.1/24 dev em1 valid_lft 9000 preferred_lft 8000; ip route add 10.9.9.1 dev em1; "
    "ip route add 10.10.0.0/16 via 10.9.9.1 metric 50 proto static; ip route add 10.8.0.0/16 via 10.9.9.1; "
    "ip route add 10.11.0.0/16 via 203.0.113.2 table 77; "
    "ip -6 route add 2001:db8:77::/64 via 2001:db8:113::2 metric 7; ip addr add fe80::1/64 dev em1 nodad; "
    "sysctl -qw net/ipv4/conf/em1/rp_filter=2 net/ipv6/conf/em1/accept_ra=0"
)
_NET0 = "bridgekit docker0 {} --yes; bridgekit wire db --yes {}; rm -rf /run/bridgekit"
_ON_BRIDGE = "bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes; {}rm -rf /run/bridgekit"
_IN_RED = (
    "bridgekit attach netns:red 10.0.0.3/24 --gateway 10.0.0.1 --yes; rm -rf /run/bridgekit; "
    "ip -n red route add 10.0.5.0/24 via 10.0.0.1 proto static; "
    "ip -n red route add 10.0.5.0/24 via 10.0.0.7 metric 9 mtu 1300; "
    "ip -n red rule add from 10.0.0.3 table 7; ip -n red -6 rule add to fd00:5::/64 fwmark 1 table 7 priority 50; "
    "tc -n red qdisc add dev eth0 root handle 7: tbf rate 2mbit burst 16k latency 20ms"
)
_IN_WEB = "bridgekit attach web {} --gateway {} --yes; rm -rf /run/bridgekit"
SETTING = {
    "route-add-4": _IN_WEB.format(WEB[4], GATEWAY[4]),
    "route-replace-6": _IN_WEB.format(WEB[6], GATEWAY[6]),
    "route-replace-4": _IN_RED,
    "route-del-4": _IN_RED,
    "rule-del-6": _IN_RED,
    "tc-add": _IN_WEB.format(WEB[4], GATEWAY[4]),
    "tc-replace": _IN_RED,
    "tc-del": _IN_RED,
    "docker0-2014": _OF_THE_USER,
    "wire": f"{_NET0.format('--icc false --mtu 1400', '')}; {_OF_THE_USER}",
    "wire-old": _NET0.format(
        "--layout 2014 --icc false --userland-proxy false",
        "--made-by 'docker0 --layout 2014 --icc false --userland-proxy false'",
    ),
    "publish": f"{_ON_BRIDGE.format('')}; {_OF_THE_USER}",
    "publish-local": _ON_BRIDGE.format(""),
    "publish-network": "bridgekit docker0 --yes; bridgekit wire netns:red -p 8080:80 --yes; rm -rf /run/bridgekit",
    "link": f"{_ON_BRIDGE.format('bridgekit attach netns:red 10.0.0.3/24 --yes; ')}; {_OF_THE_USER}",
    "macvlan-passthru-4": "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 up",
    "vrf-4": _FURNISH,
    "vrf-6": "ip link add nic1 type veth peer name cable; ip link set cable up; ip addr add 192.0.2.9/24 dev nic1; "
    "sysctl -qw net/ipv6/conf/nic1/disable_ipv6=1",
    # Default routes of all kinds, which come back: two, one of them with several next hops.
    "attach-whole-4": "ip link add br7 type bridge; ip link set br7 mtu 1400; "
    "n() { nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' web)/ns/net \"$@\"; }; "
    "n ip link add d0 type bridge; n ip link set d0 up; n ip addr add 172.17.0.2/16 dev d0; "
    "n ip addr add fd00:9::2/64 dev d0 nodad; n ip route add default via 172.17.0.1 proto static; "
    "n ip route add default metric 9 nexthop via 172.17.0.8 dev d0 weight 1 nexthop via 172.17.0.9 dev d0 weight 2; "
    "n ip -6 route add default via fd00:9::1 metric 50",
    "move-4": "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 up; "
    "ip addr add 192.0.2.9/24 dev nic1; ip route add 10.9.0.0/16 via 192.0.2.1; "
    "sysctl -qw net/ipv4/conf/nic1/rp_filter=2",
    "move-6": "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 mtu 1400",
    "leak-4": "ip netns add blue; ip -n red link set lo up",
    "leak-6": "ip netns add blue; ip netns exec red sysctl -qw net.ipv6.conf.all.accept_redirects=0",
    "vm": _FURNISH,
    "vm-6": _FURNISH,
    "forwarding-on-6": "ip -6 route add default via fe80::9 dev em1 proto ra metric 7",
    "forwarding-off-6": "sysctl -qw net.ipv6.conf.all.forwarding=1",
    "docker0": _OF_THE_USER,
    "network-internal": _OF_THE_USER,
    "docker0-options": f"{_OF_THE_USER}; {_BRIDGE_OF_THE_USER}",
    "own-bridge": "service docker start",
    "own-bridge-after-another": """
        ip link add br0 type bridge
        printf '{"mtu": 1400,\n"bridge":"br0" }' >/etc/docker/daemon.json
        service docker start
    """,
    "cleanup": "cd /run/netns; ln -s /proc/0/ns/net gone; ln -s nowhere './-odd name'; touch b; : >'./-f x'; chmod 0 b",
    "dhcp-udhcpc-4": f"{DHCP}; {ON_DHCP.format('web', process('docker', 'web'), 'eth1')}",
    "dhcp-dhclient-4": f"{DHCP}; {ON_DHCP.format('red', 'red', 'eth1')}",
    "dhcp-dhcpcd-4": f"{DHCP}; {ON_DHCP.format('pod', process('podman', 'pod'), 'eth2')}",
    "dns-docker": ODD_FILES.format("$(echo /run/host/containers/docker/web*)"),
    "dns-netns-there": "mkdir -p /etc/netns/red; ip -n red addr add 192.0.2.7/32 dev lo; "
    "ip -n red link add eth0 type bridge; ip -n red link set eth0 up; ip -n red addr add 10.9.9.2/24 dev eth0; "
    + ODD_FILES.format("/etc/netns/red"),
}


def lab(name: str, machine: str = "") -> Plan:
    """The plan of a topology file, or of one machine's part of it."""
    return building.plan(load(name), name, machine)


def dns(guest: str) -> Plan:
    """Every option of dns."""
    return recipes.dns(
        guest,
        hostname="app",
        dns=["203.0.113.2", "2001:db8::53"],
        search=["example.test", "b.test"],
        host=["db:10.0.0.3", "six.example.test:fd00::3"],
    )


def mac_of(link: str) -> str:
    """The MAC address of a link of this host."""
    return shell(f"ip -o link show dev {link} | sed 's|.* link/ether \\([^ ]*\\) .*|\\1|'").stdout.strip()


def pid_of(guest: str) -> str:
    """The process id of a container."""
    return shell(f"docker inspect -f '{{{{.State.Pid}}}}' {guest}").stdout.strip()


def written(plan: Plan, dialect: str = "modern") -> Path:
    """The plan's script, in a file of this host."""
    path = Path("/run", f"{plan.name}-{dialect}.sh")
    path.write_text(str(render.script(plan, dialect)))
    return path


# Their steps are those of another case, of the other IP version, for another kind of guest or with other options:
# they are not struck, nor compared in all styles.
ALIKE = (
    "attach-bind-6",
    "attach-netns-6",
    "attach-pid-4",
    "outbound-uplink-6",
    "mesh-6",
    "p2p-6",
    "p2p-host-6",
    "leak-6",
    "attach-symlink-6",
    "macvlan-6",
    "route-replace-6",
    "dhcp-dhclient-4",
    "dhcp-dhcpcd-4",
    "docker0-options",
    "wire-old",
)
