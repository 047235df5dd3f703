"""A picture of a network, drawn and as JSON."""

from __future__ import annotations

import json

import pytest

from bridgekit.cli import show as shown
from bridgekit.facts import Bridge, End, Firewall, Interface, Picture

FORWARD = ("-j FIRST", "-o br666 -g SECOND", "-i br666 -j ACCEPT")
CHAINS = {"FIRST": ("-i br666 -j SECOND", "-j RETURN"), "SECOND": ("-o br667 -j DROP",), "OTHER": ("-j ACCEPT",)}
PICTURE = Picture(
    bridges=(
        Bridge(
            "br666",
            True,
            1500,
            ("10.0.0.1/24",),
            (
                Interface("veth1", "veth", True, 1500, (), End("web", "eth0", True, ("10.0.0.2/24",))),
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
    namespaces=("web",),
)


def test_a_picture_is_drawn_as_a_tree() -> None:
    assert shown.tree(PICTURE).splitlines() == [
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
        "named namespaces",
        "└─ web",
    ]


@pytest.mark.parametrize("root", [True, False])
def test_show_prints_json_alone_and_says_what_needs_root(
    root: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown, "picture", lambda: PICTURE)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    shown.show(json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["bridges"][0]["ports"][0]["peer"]["guest"] == "web"
    assert printed.err.count("\n") == (0 if root else 1)
