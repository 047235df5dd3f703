"""What p2p and mesh make, seen from inside: who connects to whom, and who does not."""

from __future__ import annotations

import json
import sys
from itertools import permutations

import pytest

from bridgekit import facts, recipes
from bridgekit.plan import Plan
from tests.kernel import measure
from tests.kernel.cases import GATEWAY, WEB, in_the_host, written
from tests.kernel.trial import bash
from tests.kernel.world import shell

FAR, NEAR = {4: "10.1.1.2", 6: "fd00:1::2"}, {4: "10.1.1.1", 6: "fd00:1::1"}
BOTH = pytest.mark.parametrize("family", [4, 6])
# A server answers one connection with the address it came from; the client prints that.
SERVER = """
import socket, sys
with socket.create_server((sys.argv[1], 7), family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET) as server:
    print("listens", flush=True)
    client, peer = server.accept()
    client.sendall(peer[0].encode())
    client.close()
"""
CLIENT = "import socket, sys; print(socket.create_connection((sys.argv[1], 7), 2).recv(99).decode())"


def up(plan: Plan) -> None:
    """Run a plan on this host."""
    done = bash(written(plan))
    assert done.code == 0, done


def inside(guest: str) -> str:
    """The beginning of a command in a container's, a namespace's or the host's network."""
    if guest == "host":
        return ""
    if guest.startswith("netns:"):
        return f"nsenter --net=/run/netns/{guest[6:]} "
    engine = "podman" if guest == "pod" else "docker"
    return f"nsenter --net=/proc/$({engine} inspect -f '{{{{.State.Pid}}}}' {guest})/ns/net "


def connects(client: str, server: str, address: str) -> str:
    """The address that a TCP connection comes from; empty if there is none."""
    done = shell(
        f"coproc {inside(server)}{sys.executable} -c '{SERVER}' {address} && read -r -u \"${{COPROC[0]}}\" && "
        f"{inside(client)}{sys.executable} -c '{CLIENT}' {address}; code=$?; kill $COPROC_PID; exit $code",
        check=False,
    )
    return done.stdout.strip()


@BOTH
@in_the_host
def test_each_end_connects_to_the_other_and_nobody_else(family: int) -> None:
    up(recipes.p2p("web", NEAR[family], "db", FAR[family]))
    assert connects("web", "db", FAR[family]) == NEAR[family]
    assert connects("db", "web", NEAR[family]) == FAR[family]
    assert connects("host", "db", FAR[family]) == ""
    assert connects("pod", "db", FAR[family]) == ""


@BOTH
@in_the_host
def test_a_link_to_the_host(family: int) -> None:
    up(recipes.p2p("web", NEAR[family], "host", FAR[family]))
    assert connects("web", "host", FAR[family]) == NEAR[family]
    assert connects("host", "web", NEAR[family]) == FAR[family]
    assert connects("db", "web", NEAR[family]) == ""


@BOTH
@in_the_host
def test_beside_an_ordinary_network_both_paths_work(family: int) -> None:
    on_bridge = {4: "10.0.0.3", 6: "fd00:10::3"}[family]
    prefix = WEB[family].partition("/")[2]
    up(recipes.attach("web", WEB[family], gateway=GATEWAY[family]))
    up(recipes.attach("db", f"{on_bridge}/{prefix}", gateway=GATEWAY[family]))
    up(recipes.p2p("web", NEAR[family], "db", FAR[family]))
    assert connects("web", "db", on_bridge) == WEB[family].partition("/")[0]
    assert connects("web", "db", FAR[family]) == NEAR[family]


@in_the_host
def test_links_of_one_guest_do_not_collide() -> None:
    measure.name_guests()
    before = facts.snapshot()
    plans = [
        recipes.p2p("web", "10.1.1.1", "db", "10.1.1.2"),
        recipes.p2p("web", "10.1.2.1", "podman:pod", "10.1.2.2"),
        recipes.p2p("web", "10.1.3.1", "db", "10.1.3.2", handle="bind").renamed("again"),
    ]
    for plan in plans:
        up(plan)
    assert connects("web", "db", "10.1.1.2") == "10.1.1.1"
    assert connects("web", "db", "10.1.3.2") == "10.1.3.1"
    assert connects("web", "pod", "10.1.2.2") == "10.1.2.1"
    for plan in plans:
        assert bash(written(plan), "down").code == 0
    measure.same(before, facts.snapshot(), "by three links and their undo")


@BOTH
@in_the_host
def test_everyone_of_a_mesh_reaches_everyone(family: int) -> None:
    subnet = {4: "10.9.0.0/24", 6: "fd00:9::/64"}[family]
    up(recipes.mesh("br9", subnet, ["web", "podman:pod", "netns:red"], count=2))
    stem = {4: "10.9.0.", 6: "fd00:9::"}[family]
    members = {
        name: f"{stem}{n}" for n, name in enumerate(("web", "pod", "netns:red", "netns:br9-1", "netns:br9-2"), 1)
    }
    for one, other in permutations(members, 2):
        assert connects(one, other, members[other]) == members[one], (one, other)
    assert connects("host", "web", members["web"]) == ""


@in_the_host
def test_cleanup_removes_names_that_lead_to_no_namespace_and_nothing_else() -> None:
    """Links that dangle, files that were only touched, or from which the namespace was unmounted."""
    shell("ln -s /proc/self/ns/net /run/netns/alive; ln -s /proc/0/ns/net /run/netns/gone; : >/run/netns/file")
    shell("ip netns add bare; umount /run/netns/bare; echo mine >/run/netns/note")
    before = sorted(json.loads(shell("ip -j netns").stdout or "[]"), key=str)
    up(recipes.cleanup())
    after = sorted(json.loads(shell("ip -j netns").stdout or "[]"), key=str)
    assert {each["name"] for each in before} - {each["name"] for each in after} == {"gone", "file", "bare"}
    assert bash(written(recipes.cleanup()), "down").code == 0
    assert shell("readlink /run/netns/gone").stdout == "/proc/0/ns/net\n"
    assert shell("stat -c '%a %s' /run/netns/file /run/netns/bare").stdout == "644 0\n0 0\n"
