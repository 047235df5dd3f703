"""Pictures as boxes and cables: the graph, and what each writer makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridgekit import facts
from bridgekit.drawing.drops import drops
from bridgekit.drawing.graph import End, Graph, Node, Port
from bridgekit.drawing.of_picture import graph
from bridgekit.drawing.translations import Translation, translations
from bridgekit.facts import Bridge, Firewall, Guest, Interface, Picture, Stale


def _guest(name: str, *links: Interface, nat: tuple[str, ...] = (), forwards: bool = False) -> Guest:
    routes = (f"default via 10.0.0.1 dev {links[0].name}",) if links else ()
    return Guest((), links, routes, (Firewall(4, nat, "ACCEPT", (), forwards),), name=name)


def _veth(name: str, guest: str, far: str, *addresses: str) -> Interface:
    return Interface(name, "veth", True, 1500, addresses, facts.End(guest, far, True))


WEB = _guest("web", _veth("eth0", "this host", "v-web", "10.0.0.2/24"))
MODEM = _guest(
    "modem",
    _veth("eth0", "isp", "eth1", "10.25.1.65/16"),
    _veth("eth1", "this host", "v-modem", "10.0.0.254/24"),
    nat=("POSTROUTING -o eth0 -j MASQUERADE",),
    forwards=True,
)
ISP = _guest("isp", _veth("eth1", "modem", "eth0", "10.25.1.1/32"))
BR0 = Bridge(
    "br0",
    True,
    1500,
    ("10.0.0.1/24",),
    (
        _veth("v-web", "web", "eth0"),
        replace(_veth("v-modem", "modem", "eth1"), isolated=True),
        Interface("tap0", "tun", True, 1500),
    ),
)
NAT = ("POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE",)
PICTURE = Picture(
    (BR0,),
    (Interface("em1", "ether", True, 1500, ("203.0.113.1/24",)), Interface("down0", "dummy", False, 1500)),
    ("default via 203.0.113.2 dev em1",),
    (Firewall(4, NAT, "DROP", ("-i br0 -o tun0 -j DROP",), True),),
    guests=(ISP, MODEM, WEB),
)


def _node(drawn: Graph, key: str) -> Node:
    return next(node for node in drawn.nodes if node.key == key)


def _cables(drawn: Graph) -> list[str]:
    def said(end: End) -> str:
        return f"{end.node}/{end.port}" if end.port else end.node

    return [f"{said(edge.one)} {'..' if edge.loose else '--'} {said(edge.other)} {edge.label}" for edge in drawn.edges]


def test_a_picture_is_boxes_and_cables() -> None:
    drawn = graph(PICTURE)
    assert _cables(drawn) == [
        "link:tap0 -- bridge:br0 ",
        "guest:isp/eth1 -- nat:modem:eth0 ",
        "nat:modem:eth0 -- guest:modem/eth0 ",
        "bridge:br0 -- guest:modem/eth1 v-modem  isolated",
        "guest:web/eth0 -- bridge:br0 v-web",
        "host/em1 -- nat:this host:em1 ",
        "nat:this host:em1 -- outside ",
        "bridge:br0 -- host ",
    ]
    assert {node.key: (node.kind, node.cluster) for node in drawn.nodes} == {
        "guest:isp": ("guest", "host"),
        "guest:modem": ("router", "host"),
        "guest:web": ("guest", "host"),
        "bridge:br0": ("bridge", "host"),
        "link:tap0": ("link", "host"),
        "host": ("host", "host"),
        "nat:modem:eth0": ("nat", "host"),
        "nat:this host:em1": ("nat", "host"),
        "outside": ("outside", ""),
    }
    host = _node(drawn, "host")
    assert host.ports == (Port("em1", ("203.0.113.1/24",)),), "what is down and leads nowhere is left out"
    assert host.lines == ("forwards IPv4", "IPv4: what no rule accepts is dropped", "dropped: br0 → tun0")
    assert _node(drawn, "nat:this host:em1").lines == ("masquerade 10.0.0.0/24",)


def test_who_is_at_the_other_end_of_the_way_out_is_outside_of_the_host() -> None:
    uplink = _veth("em1", "world", "eth0", "203.0.113.1/24")
    world = _guest("world", _veth("eth0", "this host", "em1", "203.0.113.2/24"))
    drawn = graph(replace(PICTURE, others=(uplink,), guests=(world,), bridges=()))
    assert (_node(drawn, "guest:world").kind, _node(drawn, "guest:world").cluster) == ("outside", "")
    assert _cables(drawn) == ["host/em1 -- nat:this host:em1 ", "nat:this host:em1 -- guest:world/eth0 "]


def test_the_way_out_may_be_a_bridge_with_a_network_card() -> None:
    bridge = Bridge("br9", True, 1500, ("203.0.113.9/24",), (Interface("em2", "ether", True, 1500),))
    rules = (
        "POSTROUTING -o br9 -j MASQUERADE",
        "POSTROUTING -o tun0 -j MASQUERADE",
        "POSTROUTING -o br0 -j MASQUERADE",
    )
    changed = {"bridges": (BR0, bridge), "others": (), "routes": ("default via 203.0.113.2 dev br9",), "guests": (WEB,)}
    drawn = graph(replace(PICTURE, firewalls=(Firewall(4, rules, "ACCEPT", (), False),), **changed))  # type: ignore[arg-type]
    assert _cables(drawn)[1:] == [
        "bridge:br9 -- link:em2 ",
        "link:em2 -- outside ",
        "guest:web/eth0 -- bridge:br0 v-web",
        "bridge:br0 -- unseen v-modem  isolated",
        "bridge:br0 -- host ",
        "host -- bridge:br9 ",
    ]
    assert _node(drawn, "host").lines == ("masquerade (br9)", "masquerade (tun0)"), (
        "into a bridge of guests is no way out"
    )


def test_a_stale_guest_one_that_cannot_be_seen_and_a_macvlan() -> None:
    stale = replace(WEB, stale=Stale("", ""))
    below = Interface("eth9", "macvlan", True, 1500, (), None, facts.End("this host", "em1", True))
    ports = (_veth("v-web", "web", "eth0"), Interface("v", "veth", True, 1500, (), facts.End("")))
    drawn = graph(replace(PICTURE, bridges=(replace(BR0, ports=ports),), guests=(stale, _guest("mac", below))))
    assert (_node(drawn, "guest:web").kind, _node(drawn, "guest:web").lines) == ("stale", ("stale",))
    assert "bridge:br0 -- unseen v" in _cables(drawn)
    assert "guest:mac/eth9 .. host macvlan on em1" in _cables(drawn)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE", [Translation("masquerade 10.0.0.0/24", "em1")]),
        ("POSTROUTING -s 10.0.0.0/24 ! -o br0 -j MASQUERADE", [Translation("masquerade 10.0.0.0/24")]),
        ("POSTROUTING -o em1 -j SNAT --to-source 203.0.113.9", [Translation("NAT: as 203.0.113.9", "em1")]),
        ("POSTROUTING -s 10.0.0.2/32 -d 10.0.0.2/32 -p tcp -j MASQUERADE", []),
        (
            "DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
            [Translation("8080/tcp → 172.17.0.2:80")],
        ),
        (
            "PREROUTING -d 203.0.113.1/32 -i em1 -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.0.2:53",
            [Translation("203.0.113.1:53/udp → 10.0.0.2:53", "em1")],
        ),
        ("PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080", [Translation("80/tcp → :8080")]),
        ("OUTPUT -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80", []),
        ("PREROUTING -m addrtype --dst-type LOCAL -j DOCKER", []),
    ],
)
def test_a_rule_of_nat_in_few_words(rule: str, found: list[Translation]) -> None:
    assert translations([rule, rule]) == found


def test_what_is_dropped_is_told_for_each_way_through_the_chains() -> None:
    chains = {
        "ONE": ["-i blue ! -o blue -j TWO", "-i red ! -o red -j TWO", "-j RETURN"],
        "TWO": ["-o red -j DROP", "-o blue -j DROP"],
        "SELF": ["-j SELF"],
    }
    assert drops(["-j ONE", "-j SELF", "-i blue -o blue -j ACCEPT"], chains) == [
        "dropped: blue → red",
        "dropped: red → blue",
    ]
    assert drops(["-i tun0 -s 10.0.0.0/8 -j DROP"], {}) == ["dropped: -i tun0 -s 10.0.0.0/8"]
    assert drops(["! -i a -o b -j DROP"], {}) == ["dropped: -o b ! -i a"]
    assert drops(["-j REJECT --reject-with icmp-port-unreachable"], {}) == ["all else is dropped"]
