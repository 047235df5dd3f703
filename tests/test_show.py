"""A picture of a network, drawn as a tree and as JSON, and what `show` refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.cli import as_tree, show as shown
from bridgekit.errors import HostError, InputError
from bridgekit.facts import Bridge, End, Firewall, Guest, Interface, Picture, Ruleset, Stale
from bridgekit.journal import Run
from bridgekit.translation import tr

FORWARD = ("-j FIRST", "-o br666 -g SECOND", "-i br666 -j ACCEPT")
CHAINS = {"FIRST": ("-i br666 -j SECOND", "-j RETURN"), "SECOND": ("-o br667 -j DROP",), "OTHER": ("-j ACCEPT",)}
NONE = Firewall(4, (), "ACCEPT", (), False, {}, "ACCEPT", ())
STALE = Stale("container db was started again", "ip netns del db", "db")
WEB = Guest(
    (),
    (
        Interface("eth0", "veth", True, 1500, ("10.0.0.2/24",), End("this host", "veth1", True, (), "br666")),
        Interface("lo", "loopback", False, 65536),
    ),
    ("default via 10.0.0.1 dev eth0", "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2"),
    (NONE,),
    name="web",
    containers=("web",),
)
DB = Guest((), (), (), (NONE,), name="netns:db", netns=("db",), stale=STALE)
PICTURE = Picture(
    bridges=(
        Bridge(
            "br666",
            True,
            1500,
            ("10.0.0.1/24",),
            (
                Interface("veth1", "veth", True, 1500, (), End("web", "eth0", True, ("10.0.0.2/24",)), mac="02::1"),
                Interface("veth2", "veth", False, 1400, (), End("")),
            ),
        ),
        Bridge("br667", False, 1500),
    ),
    others=(Interface("lo", "loopback", True, 65536), Interface("dum", "dummy", True, 1500, ("10.9.9.9/32",))),
    routes=(),
    firewalls=(
        Firewall(4, ("POSTROUTING -j MASQUERADE",), "DROP", FORWARD, True, CHAINS),
        Firewall(6, (), "", (), None),
    ),
    namespaces=("db", "web"),
    guests=(DB, WEB),
)


def test_a_picture_is_drawn_as_a_tree() -> None:
    assert as_tree.tree(PICTURE).splitlines() == [
        "bridges",
        "├─ br666  10.0.0.1/24",
        "│  ├─ veth1 ── web: eth0  10.0.0.2/24",
        "│  └─ veth2  down  mtu 1400 ── a namespace that cannot be seen from here",
        "└─ br667  down",
        "other interfaces",
        "└─ dum  dummy  10.9.9.9/32",
        "routes",
        "└─ none",
        "nat",
        "└─ POSTROUTING -j MASQUERADE",
        "forward (policy DROP)",
        "├─ -j FIRST",
        "│  ├─ -i br666 -j SECOND",
        "│  │  └─ -o br667 -j DROP",
        "│  └─ -j RETURN",
        "├─ -o br666 -g SECOND",
        "└─ -i br666 -j ACCEPT",
        "nat IPv6",
        "└─ not known",
        "forward IPv6",
        "└─ not known",
        "forwarding",
        "├─ IPv4 on",
        "└─ IPv6 not known",
        "guests",
        "├─ netns:db  stale: container db was started again -> ip netns del db",
        "└─ web",
        "   ├─ eth0  10.0.0.2/24 ── this host: veth1  part of br666",
        "   └─ default via 10.0.0.1 dev eth0",
    ]


def _lines(usual: bool = False, **changed: object) -> list[str]:
    return as_tree.tree(replace(PICTURE, **changed), usual).splitlines()  # type: ignore[arg-type]


def _guest(**changed: object) -> list[str]:
    lines = _lines(guests=(replace(WEB, **changed),))  # type: ignore[arg-type]
    return lines[lines.index("guests") + 1 :]


ODD = Interface("v", "veth", True, 9000, (), None, None, "02::7", "br0", "listening", True, True)
BELOW = Interface("eth1", "macvlan", True, 1500, ("203.0.113.7/24",), None, End("this host", "em1", True))


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (ODD, "v  mtu 9000  listening  isolated  hairpin"),
        (replace(ODD, mtu=1500, state="forwarding", isolated=False, hairpin=False), "v"),
        (replace(ODD, up=False, mtu=1500, state="disabled", isolated=False, hairpin=False), "v  down"),
        (BELOW, "eth1  macvlan on em1 of this host  203.0.113.7/24"),
        (replace(BELOW, parent=End("")), "eth1  macvlan on a link that cannot be seen from here  203.0.113.7/24"),
    ],
)
def test_of_a_link_what_is_not_usual(each: Interface, words: str) -> None:
    assert as_tree.interface(each) == words


def test_a_link_of_a_vrf_is_not_lost() -> None:
    lines = _lines(others=(Interface("em2", "ether", True, 1500, master="vrf1"),))
    assert lines[lines.index("other interfaces") + 1] == "└─ em2  part of vrf1"


def test_all_says_what_is_usual_too() -> None:
    lines = _lines(usual=True)
    assert lines[1:3] == [
        "├─ br666  mtu 1500  10.0.0.1/24  STP off  multicast snooping on",
        "│  ├─ veth1  mtu 1500  MAC 02::1 ── web: eth0  10.0.0.2/24",
    ]
    assert "   └─ 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2" in lines
    assert as_tree.interface(replace(ODD, state="forwarding"), usual=True).split("  ")[3] == "forwarding"


def test_of_a_bridge_what_is_not_usual() -> None:
    odd = Bridge("br0", True, 1500, stp=True, snooping=False, vlans=True)
    assert _lines(bridges=(odd,))[1] == "└─ br0  STP on  filters by VLAN  multicast snooping off"


def test_rules_of_other_programs_are_named() -> None:
    found = (
        Ruleset("iptables-legacy", "filter", ("FORWARD DROP",), 1, ("FORWARD -i a -j DROP",)),
        Ruleset("nft", "inet netavark", ("forward", "input drop"), 12),
    )
    lines = _lines(rulesets=found)
    at = lines.index("rules of others")
    assert lines[at + 1 : at + 4] == [
        "├─ iptables-legacy filter  FORWARD DROP  rules: 1",
        "│  └─ FORWARD -i a -j DROP",
        "└─ nft inet netavark  forward  input drop  rules: 12",
    ]


def test_input_and_routing_rules_are_told_where_there_are_any() -> None:
    guarded = replace(NONE, input_policy="DROP", input=("-i lo -j ACCEPT",))
    lines = _lines(firewalls=(guarded,), rules=("100: from 10.0.0.0/24 lookup 5",))
    assert lines[lines.index("routing rules") + 1] == "└─ 100: from 10.0.0.0/24 lookup 5"
    assert lines[lines.index("input (policy DROP)") + 1] == "└─ -i lo -j ACCEPT"
    assert not [line for line in _lines(firewalls=(NONE,)) if line.startswith(("input", "routing"))]


def test_a_namespace_that_routes_has_its_own_rules() -> None:
    wall = Firewall(4, ("POSTROUTING -o eth1 -j MASQUERADE",), "DROP", ("-i eth0 -j ACCEPT",), True, {}, "ACCEPT", ())
    second = Interface("eth1", "veth", True, 1500, (), End("isp", "eth0", True))
    changed = {"others": (*WEB.others, second), "firewalls": (wall,), "rules": ("5: from all lookup 7",)}
    assert _guest(**changed) == [
        "└─ web  forwards IPv4",
        "   ├─ eth0  10.0.0.2/24 ── this host: veth1  part of br666",
        "   ├─ eth1 ── isp: eth0",
        "   ├─ default via 10.0.0.1 dev eth0",
        "   ├─ rule 5: from all lookup 7",
        "   ├─ nat POSTROUTING -o eth1 -j MASQUERADE",
        "   └─ forward (policy DROP)",
        "      └─ -i eth0 -j ACCEPT",
    ]
    assert _guest(firewalls=(replace(NONE, forwarding=True),))[0] == "└─ web", "with one link it forwards nothing"


def test_a_guest_keeps_its_name_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    lines = _lines(guests=(replace(WEB, name="bridge"),))
    assert lines[lines.index("客体") + 1] == "└─ bridge"
    assert as_tree.interface(_veth_to("outside")) == "v ── outside: eth0"
    assert as_tree.interface(_veth_to(tr("this host"))) == "v ── 本机: eth0"


def _veth_to(guest: str) -> Interface:
    return Interface("v", "veth", True, 1500, (), End(guest, "eth0", True))


def test_containers_that_share_a_namespace() -> None:
    assert _guest(name="sidecar, web", containers=("sidecar", "web"))[0] == "└─ sidecar, web  share a namespace"


@pytest.mark.parametrize(
    ("inside", "container", "mend"),
    [
        (("db",), "db", "bridgekit repair --anew attach-db-eth0"),
        (("db",), "", "bridgekit undo attach-db-eth0"),
        (("web",), "db", "ip netns del db"),
    ],
)
def test_a_stale_guest_of_a_run_is_freed_by_the_run(inside: tuple[str, ...], container: str, mend: str) -> None:
    seen = replace(PICTURE, guests=(replace(DB, stale=replace(STALE, container=container)), WEB))
    run = Run("attach-db-eth0", inside=inside)
    found, other = shown.by_runs(seen, [run]).guests
    assert found.stale is not None
    assert (found.stale.mend, other) == (mend, WEB)


@pytest.mark.parametrize("root", [True, False])
def test_show_prints_json_alone_and_says_what_needs_root(
    root: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown, "picture", lambda: PICTURE)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    shown.show("json", usual=False)
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["bridges"][0]["ports"][0]["peer"]["guest"] == "web"
    assert told["bridges"][0]["ports"][0]["mac"] == "02::1"
    assert [each["stale"] and each["stale"]["mend"] for each in told["guests"]] == ["ip netns del db", None]
    assert printed.err.count("\n") == (0 if root else 1)


@pytest.mark.parametrize(
    ("form", "first"), [("dot", "graph network {"), ("mermaid", "flowchart TB"), ("svg", "<svg/>")]
)
def test_show_draws_boxes_and_cables(
    form: str, first: str, fp: FakeProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown, "picture", lambda: PICTURE)
    monkeypatch.setattr("bridgekit.drawing.as_svg.present", lambda _: True)
    fp.register(["dot", "-Tsvg"], stdout="<svg/>\n")
    shown.show(form, usual=False)
    assert capsys.readouterr().out.splitlines()[0] == first


def test_what_show_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "picture", lambda: pytest.fail("nothing must be asked"))
    monkeypatch.setattr("bridgekit.drawing.as_svg.present", lambda _: False)
    with pytest.raises(InputError, match="--all is for the tree"):
        shown.show("json", usual=True)
    with pytest.raises(HostError, match="apt-get install graphviz"):
        shown.show("svg", usual=False)
