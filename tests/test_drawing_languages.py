"""Graphs in the languages of pictures: Graphviz', mermaid's, svg."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.cli.spoken import ours
from bridgekit.drawing.as_dot import dot
from bridgekit.drawing.as_mermaid import mermaid
from bridgekit.drawing.as_svg import svg
from bridgekit.drawing.graph import KINDS, Cluster, Edge, End, Graph, Node, Port
from bridgekit.drawing.of_picture import graph
from bridgekit.errors import HostError
from tests.test_drawing import PICTURE, WEB

HOSTILE = 'a"b<c>&amp;\\n#35;`|]\n\x1b[31m-->%%{x}'


SMALL = Graph(
    (
        Node("a", "web", "guest", (), (Port("eth0", ("10.0.0.2/24",)),), "h"),
        Node("b", "br0", "bridge", ("10.0.0.1/24",), cluster="h"),
        Node("r", "router", "router", ("forwards IPv4",), (Port("eth0"), Port("eth1", ("10.1.0.1/24", "fd00::1/64")))),
    ),
    (Edge(End("a", "eth0"), End("b"), "v-web"), Edge(End("b"), End("r", "eth1")), Edge(End("r"), End("a"), loose=True)),
    (Cluster("h", "this host"),),
)


def test_a_graph_in_graphviz_language() -> None:
    """A cable ends at the interface: below its box if it leads on, above it if it comes from above."""
    lines = [re.sub(r"<table [^>]*>", "<t>", line.strip()) for line in dot(SMALL).splitlines()]
    assert lines[0] == "graph network {"
    assert lines[4:] == [
        "subgraph cluster_0 {",
        'label="this host"; style=rounded; color="#999999"; bgcolor="#fcfcfc"; margin=14',
        "n1 [label=<<t><tr><td><b>br0</b></td></tr><tr><td>10.0.0.1/24</td></tr></table>>]",
        'n0 [label=<<t><tr><td><b>web</b></td></tr><tr><td port="p0">eth0  10.0.0.2/24</td></tr></table>>]',
        "}",
        'n2 [label=<<t><tr><td port="p1">eth1  10.1.0.1/24<br/>fd00::1/64</td></tr><tr><td><b>router</b></td></tr>'
        '<tr><td>forwards IPv4</td></tr><tr><td port="p0">eth0</td></tr></table>>]',
        'n0:p0:s -- n1 [label="v-web"]',
        "n1 -- n2:p1:n",
        "n2 -- n0 [style=dashed]",
        "}",
    ]


def test_a_graph_in_mermaid_s_language() -> None:
    assert mermaid(SMALL).splitlines() == [
        "flowchart TB",
        '  subgraph c0["this host"]',
        '    n0["<b>web</b><br>eth0  10.0.0.2/24"]:::guest',
        '    n1(["<b>br0</b><br>10.0.0.1/24"]):::bridge',
        "  end",
        '  n2["<b>router</b><br>forwards IPv4<br>eth0<br>eth1  10.1.0.1/24<br>fd00::1/64"]:::router',
        '  n0 ---|"v-web"| n1',
        '  n1 ---|"eth1"| n2',
        "  n2 -.- n0",
        "  style c0 fill:#fcfcfc,stroke:#999999",
        "  classDef guest fill:#e3f4e1,stroke:#3c8a3c,color:#222222",
        "  classDef bridge fill:#d9e8fb,stroke:#2f6db5,color:#222222",
        "  classDef router fill:#fde5cf,stroke:#c2641a,color:#222222",
    ]


def _hostile(name: str = HOSTILE) -> Graph:
    nodes = tuple(
        Node(kind, f"{kind} {name}", kind, (name,), (Port(name, (name,)), Port(f"{name}2")), "c") for kind in KINDS
    )
    edges = (Edge(End("guest", name), End("bridge", name), name), Edge(End("host"), End("guest", f"{name}2"), name))
    return Graph(nodes, edges, (Cluster("c", name),))


ESCAPED = HOSTILE.replace("\n", "\\n").replace("\x1b", "\\x1b")


def test_hostile_names_stay_names_in_dot() -> None:
    """Outside of what is quoted or escaped there is nothing but the writer's own words."""
    text = dot(_hostile())
    tame = dot(_hostile("x"))
    assert text.count("\n") == tame.count("\n")
    quoted = re.findall(r'label="((?:[^"\\]|\\.)*)"', text)
    told = {html.unescape(each.replace('\\"', '"').replace("\\\\", "\\")) for each in quoted}
    assert told == {ESCAPED}
    rows = re.findall(r"<td[^>]*>(?:<b>)?([^<]*)", text)
    assert {html.unescape(row) for row in rows if row} == {
        *(f"{kind} {ESCAPED}" for kind in KINDS),
        ESCAPED,
        f"{ESCAPED}  {ESCAPED}",
        f"{ESCAPED}2",
    }


def test_hostile_names_stay_names_in_mermaid() -> None:
    text = mermaid(_hostile())
    assert text.count("\n") == mermaid(_hostile("x")).count("\n")
    for line in text.splitlines():
        for label in re.findall(r'"([^"]*)"', line):
            bare = label.replace("<b>", "").replace("</b>", "").replace("<br>", "")
            assert re.fullmatch(r"(?:[\w ./:,()=+-]|#\d+;)*", bare), line
            decoded = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), bare)
            assert ESCAPED in decoded
        assert line.count('"') in (0, 2), line


def test_texts_are_told_in_the_reader_s_language() -> None:
    def told(text: str) -> str:
        return {"this host": "本机", "forwards IPv4": "转发 IPv4"}.get(text, text)

    for text in (dot(SMALL, told), mermaid(SMALL, told)):
        assert "本机" in text
        assert "转发 IPv4" in text


def test_every_text_of_a_picture_is_told_in_the_reader_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for names, addresses and what the kernel calls its things."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    text = mermaid(graph(replace(PICTURE, guests=(*PICTURE.guests, replace(WEB, name="bridge")))), ours)
    assert "<b>bridge</b>" in text, "a guest keeps its name"
    for line in ("本机", "转发 IPv4", "丢弃：br0 → tun0", "v-modem  隔离", "地址伪装 10.0.0.0/24", "外面"):
        assert line in text


def test_svg_is_drawn_by_graphviz(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridgekit.drawing.as_svg.present", lambda _: True)
    fp.register(["dot", "-Tsvg"], stdout="<svg/>")
    assert svg(SMALL) == "<svg/>"
    fp.register(["dot", "-Tsvg"], returncode=1)
    with pytest.raises(HostError, match="could not draw it"):
        svg(SMALL)


@pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not installed")
@pytest.mark.parametrize("drawn", [SMALL, _hostile(), graph(PICTURE)], ids=["small", "hostile", "picture"])
def test_what_graphviz_draws_holds_every_name(drawn: Graph) -> None:
    texts = ["".join(each.itertext()) for each in ElementTree.fromstring(svg(drawn)).iter() if each.tag[-4:] == "text"]
    joined = " ".join(texts).replace("\xa0", " ")
    for node in drawn.nodes:
        assert node.name.replace("\n", "\\n").replace("\x1b", "\\x1b") in joined
