"""What a file says of servers and of equal-cost routes, as the plan has it; labs that a throw-away host starts."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from bridgekit import operations as op, recipes, sandbox
from bridgekit.errors import InputError
from bridgekit.lab import building, loading, reading
from bridgekit.lab.further import COMMANDS
from bridgekit.lab.inforce import capturing
from bridgekit.lab.resolving import resolved
from bridgekit.lab.servers import SERVERS, command
from bridgekit.plan import Plan, Step
from bridgekit.recipes import RECIPES
from bridgekit.translation import TEMPLATES
from tests.golden import rendered

FILES = TEMPLATES / "labs" / "servers"
LAB = """\
name: x
topology:
  nodes:
    a:
      interfaces: {e: {addresses: [10.0.0.2/24]}, f: {addresses: [10.0.1.2/24]}}
      routes:
        - {to: 10.9.0.0/16, via: [10.0.0.1, 10.0.1.1]}
        - {to: 10.8.0.0/16, via: [10.0.0.1]}
      services:
        web: {server: web, listens: [80]}
        dns: {server: dns, args: ["--host-record=a.test,10.0.0.2"]}
    b: {kind: router, interfaces: {e: {addresses: [10.0.0.1/24]}, f: {addresses: [10.0.1.1/24]}}}
  links:
    - endpoints: ["a:e", "b:e"]
    - endpoints: ["a:f", "b:f"]
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    file = tmp_path / "x.yaml"
    file.write_text(LAB)
    return building.plan(loading.load(str(file)), "x.yaml")


def of(plan: Plan, kind: type[op.Operation]) -> list[Step]:
    return [step for step in plan.steps if isinstance(step.operation, kind)]


def test_several_routers_are_one_route(plan: Plan) -> None:
    assert [step.operation for step in of(plan, op.RouteSpread)] == [
        op.RouteSpread(("10.0.0.1", "10.0.1.1"), "e", "10.9.0.0/16")
    ]
    assert [step.operation for step in of(plan, op.RouteAdd)] == [op.RouteAdd("10.0.0.1", "e", "10.8.0.0/16")]


def test_a_server_is_its_file_with_its_node_s_name_or_the_program_with_its_words(plan: Plan) -> None:
    web, dns = (step.operation.command for step in of(plan, op.ProcessStart))
    assert web == ("python3", "-E", "-s", "-S", "-B", str(FILES / "web.py"), "a")
    assert (dns[0], dns[-1]) == ("dnsmasq", "--host-record=a.test,10.0.0.2")
    waited = [step.operation.ports for step in of(plan, op.Look)]
    assert waited == [("80/tcp",), ("53/tcp", "53/udp")]  # what it says itself, or the usual ones


def test_what_services_start_is_asked_for_once(plan: Plan) -> None:
    needs = [step.operation for step in of(plan, op.Need)]
    programs = {need.program: need.package for need in needs if need.what == "Program"}
    assert programs == {"python3": "python3", "openssl": "openssl", "dnsmasq": "dnsmasq-base"}


def test_each_server_has_its_file_or_its_program() -> None:
    there = {path.stem for path in FILES.glob("*.py")}
    for name, server in SERVERS.items():
        assert server.command or name in there
        assert command(name, "node", ("more",))[-1] == "more"


@pytest.mark.parametrize("path", sorted(FILES.glob("*.py")), ids=lambda path: path.stem)
def test_a_server_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= (60 if path.stem != "lines" else 97)


@pytest.mark.parametrize("path", sorted((TEMPLATES / "labs").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_lab_says_what_it_is_for_and_is_of_a_page(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 120
    for language in ("en", "zh"):
        page = (TEMPLATES / "help" / language / "labs.md").read_text("utf-8")
        assert f"[{path.stem}](../../labs/{path.name})" in page


def test_a_throw_away_host_starts_labs_that_are_there() -> None:
    assert "BRIDGEKIT_GUESTS=web lab:hello" in " ".join(sandbox.command(["true"], ("web", "lab:hello"))).replace(
        "docker:web", "web"
    )
    for name in ("helo", "../labs/hello", "hello web", ""):
        with pytest.raises(InputError) as caught:
            sandbox.command(["true"], (f"lab:{name}",))
        assert caught.value.message == f"no lab of that name: {name!r}"
        assert caught.value.hint == f"one of: {', '.join(reading.shipped())}"


def test_a_capture_is_written_as_root_and_told_by_one_without_rights() -> None:
    node = resolved(loading.load("hello")).nodes["a"]
    inside = ["nsenter", "--net=/run/netns/hello-a"]
    assert capturing(node, "eth0", None) == [*inside, "tcpdump", "-n", "-i", "eth0", "-l"]
    assert capturing(node, "", "/x") == [*inside, "tcpdump", "-n", "-i", "any", "-Z", "root", "-U", "-w", "/x"]
    own = [*inside, sys.executable, "-I", "-S", "own.py", "eth0"]
    assert capturing(node, "eth0", "/x", "own.py") == [*own, "/x"]
    assert capturing(node, "eth0", "-", "own.py") == own
    assert capturing(node, "eth0", None, "own.py")[:2] == ["bash", "-c"]


def test_every_command_is_one_of_a_file_or_named_with_what_is_in_its_place() -> None:
    for language in ("en", "zh"):
        page = (TEMPLATES / "help" / language / "labs.md").read_text("utf-8")
        rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
        named = {word for row in rows for word in re.findall("`([a-z0-9-]+)`", row)}
        assert set(RECIPES) <= named
        (guests,), (host,) = ([row for row in rows if f"`{first}`" in row] for first in ("macvlan", "vrf"))
        assert set(COMMANDS) == set(re.findall("`([a-z0-9-]+)`", guests + host))


def test_what_else_is_done_with_a_node_are_the_steps_of_that_command(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    text = LAB.replace("    b: {kind", "    host: {kind: host, also: [{vlan: {parent: em1, number: 7}}]}\n    b: {kind")
    words = "add 10.7.0.0/24 via 10.0.0.1 metric 5"
    file.write_text(
        text.replace("      services:", f"      also: [{{route: {{arguments: {words}}}}}]\n      services:")
    )
    steps = building.plan(loading.load(str(file)), "x.yaml").steps
    also = [*recipes.route("netns:x-a", words.split()).steps, *recipes.vlan("em1", 7).steps]
    assert list(steps[-len(also) :]) == also


def test_one_node_is_not_said_to_be_nodes(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("name: x\ntopology: {nodes: {a: {}}}\n")
    assert "\n# Lab x (nodes: 1, links: 0).\n" in rendered(f"lab up {tmp_path}/x.yaml -n")
