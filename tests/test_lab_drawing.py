"""A lab as boxes and cables."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgekit.drawing import FORMATS, draw
from bridgekit.lab.drawing import graph
from bridgekit.lab.loading import load
from bridgekit.lab.reading import shipped
from bridgekit.lab.resolving import resolved
from tests.test_cli import answer

MACHINES = """
name: two
machines: {m1: {address: 192.0.2.1}, m2: {address: 192.0.2.2}}
topology:
  nodes:
    a: {machine: m1, interfaces: {e: {addresses: [10.0.0.1/24]}}}
    b: {machine: m2, kind: bridge, isolated: true}
  links:
    - endpoints: ["a:e", "b:p"]
"""


@pytest.mark.parametrize("name", shipped())
def test_each_node_is_a_box_and_each_link_a_cable(name: str) -> None:
    topology = resolved(load(name))
    drawn = graph(topology)
    assert [box.name for box in drawn.nodes] == list(topology.nodes)
    assert len(drawn.edges) == len(topology.links)
    ports = {(box.key, port.name) for box in drawn.nodes for port in box.ports}
    ends = [end for edge in drawn.edges for end in (edge.one, edge.other) if end.port]
    assert {(end.node, end.port) for end in ends} <= ports


def test_each_machine_is_a_frame(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(MACHINES)
    drawn = graph(resolved(load(str(file))))
    assert [frame.name for frame in drawn.clusters] == ["m1", "m2"]
    assert [[box.name for box in drawn.inside(frame.key)] for frame in drawn.clusters] == [["a"], ["b"]]
    assert "its ports are kept apart" in draw(drawn, "mermaid")


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "svg"])
def test_shown_on_the_command_line(form: str) -> None:
    code, out, _ = answer("lab", "show", "playground", "--format", form)
    assert code == 0
    assert "masquerades out of eth0" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "png"), "not a format: 'png'\n  hint: one of: tree, dot, mermaid, svg, json"),
        (("--format", "dot", "--json"), "exclude each other"),
    ],
)
def test_another_format_is_refused(words: tuple[str, ...], said: str) -> None:
    for command in (("show",), ("lab", "show", "hello")):
        code, out, err = answer(*command, *words)
        assert (code, out) == (2, "")
        assert said in err
