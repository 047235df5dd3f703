"""One plan of each kind that a recipe can make, and each lesson: what the tests of pure text go through."""

from __future__ import annotations

from collections.abc import Callable

from bridgekit import recipes
from bridgekit.dialects import DOCUMENTS, MODERN
from bridgekit.lessons import LESSONS
from bridgekit.plan import Plan

RECIPE_PLANS: dict[str, Callable[[], Plan]] = {
    "bridge": lambda: recipes.bridge("br0", address="10.0.0.1/24"),
    "attach": lambda: recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1", mtu=1400, mac="02:00:00:00:00:02"),
    "attach six": lambda: recipes.attach("netns:red", "fd00::2/64", gateway="fd00::1"),
    "attach pid": lambda: recipes.attach("pid:7", "10.0.0.2/24", handle="symlink"),
    "outbound": lambda: recipes.outbound("10.0.0.0/24"),
    "outbound six": lambda: recipes.outbound("fd00::/64", uplink="em1"),
    "mesh": lambda: recipes.mesh("br0", "10.0.0.0/24", ["web", "podman:db"], count=2),
    "mesh six": lambda: recipes.mesh("br0", "fd00::/64", count=2),
    "p2p": lambda: recipes.p2p("web", "10.1.1.1", "podman:db", "10.1.1.2"),
    "p2p six": lambda: recipes.p2p("pid:7", "fd00::1", "netns:red", "fd00::2", handle="symlink"),
    "p2p host": lambda: recipes.p2p("web", "10.1.1.1", "host", "10.1.1.2"),
    "forwarding on": lambda: recipes.forwarding("on"),
    "forwarding off six": lambda: recipes.forwarding("off", ipv6=True),
    "cleanup": lambda: recipes.cleanup(),
    "dns": lambda: recipes.dns("web", hostname="app", dns=["203.0.113.2"], search=["a.test"], host=["db:10.0.0.3"]),
    "dns netns": lambda: recipes.dns("netns:red", dns=["fd00::53", "10.0.0.53"], host=["db:fd00::3"]),
}
PLANS: dict[str, Callable[[], Plan]] = RECIPE_PLANS | {f"learn {name}": LESSONS[name].make for name in LESSONS}

# Each dialect by the name of its cases in tests/cases/tools.
DIALECTS = {"modern": MODERN} | {
    "document" if key == "000" else f"document-{key}": dialect for key, dialect in DOCUMENTS.items()
}
