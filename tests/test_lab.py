"""Topology files: what they say, what is refused and where, and the plan that they become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridgekit import render
from bridgekit.cli.options import Options
from bridgekit.errors import InputError
from bridgekit.lab import building, models, reading
from bridgekit.lab.containerlab import IGNORED, REFUSED
from bridgekit.lab.loading import Loaded, from_content, load
from bridgekit.lab.resolving import resolved
from bridgekit.lab.writing import differences
from bridgekit.translation import TEMPLATES

CASES = Path(__file__).parent / "cases/lab"
WRONG = json.loads((CASES / "wrong.json").read_text("utf-8"))
SHIPPED = reading.shipped()


def written(folder: Path, text: str) -> str:
    """A file of that text."""
    path = folder / "lab.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def made(folder: Path, text: str) -> Loaded:
    """The lab of that text."""
    return load(written(folder, text))


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_where_it_stands(case: str, tmp_path: Path) -> None:
    text, place, message, hint = WRONG[case]
    with pytest.raises(InputError) as caught:
        building.plan(made(tmp_path, text), "lab.yaml")
    assert (caught.value.message, caught.value.hint) == (f"{tmp_path}/lab.yaml:{place}: {message}", hint)
    assert caught.value.exit_code == 2


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    levels = "\n".join(f"  - &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9))
    with pytest.raises(InputError, match=r"lab\.yaml:\d+:\d+: too much, when all aliases are written out"):
        made(tmp_path, f"name: x\nbomb:\n  - &a [x, x, x, x, x, x, x, x, x]\n{levels}\n")


def test_a_ring_of_aliases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lab\.yaml:\d+:\d+: "):
        made(tmp_path, "name: x\ntopology: &a\n  nodes: *a\n")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1:1: more than 1000000 bytes"):
        made(tmp_path, "#" * 10_000_000)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_bytes(b"name: a\nx: \xff\n")
    with pytest.raises(InputError, match=r"lab\.yaml:2:4: not text in UTF-8"):
        load(str(tmp_path / "lab.yaml"))


def test_a_shipped_lab_is_known_by_its_name_and_a_near_one_is_told() -> None:
    assert load("hello").lab.name == "hello"
    with pytest.raises(InputError) as caught:
        load("helo")
    assert caught.value.hint == "did you mean hello?"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_content_is_the_lab(name: str) -> None:
    """A run is its parameters: what the journal keeps gives the same plan again."""
    loaded = load(name)
    again = from_content(loaded.content)
    assert again.content == loaded.content
    assert building.plan(again, name) == building.plan(loaded, name)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("style", "lang"), [("script", "en"), ("plain", "zh"), ("batch", "zh")])
def test_every_style_and_language(name: str, style: str, lang: str) -> None:
    assert render.text(building.plan(load(name), name), style, "modern", lang)


def test_the_file_to_begin_with_is_one_in_each_language(tmp_path: Path) -> None:
    english, chinese = (reading.beginning(lang) for lang in ("en", "zh"))
    assert made(tmp_path, english).content == made(tmp_path, chinese).content == load("hello").content
    assert english.count("#") == chinese.count("#") >= 12
    assert not any(letter >= "\u4e00" for letter in english)


def test_the_style_of_a_lab_is_told_where_it_is_not_the_usual_one() -> None:
    plan = building.plan(load("hello"), "hello")
    for style, command in (("batch", "bridgekit lab up hello"), ("script", "bridgekit lab up hello --style script")):
        text = render.text(plan, style, typed=Options(style=style, usual="batch").as_typed())
        assert f"\n# Made by: {command}\n" in text


def test_a_difference_is_told_value_by_value(tmp_path: Path) -> None:
    head = "name: a\ntopology:\n  nodes:\n"
    before = made(tmp_path, f"{head}    x: {{extra_hosts: {{a.test: 10.0.0.1}}}}\n    y: {{}}\n")
    after = made(
        tmp_path, f"{head}    x: {{routes: [{{to: 10.8.0.0/16, dev: e}}]}}\n    y: {{kind: router}}\n    z: {{}}\n"
    )
    found = differences(before, after)
    assert [line for each in found for line in each.lines()] == [
        "+ topology.nodes.x.routes: {to: 10.8.0.0/16, dev: e}",
        "- topology.nodes.x.extra_hosts: {a.test: 10.0.0.1}",
        "+ topology.nodes.y.kind: router",
        "+ topology.nodes.z: {}",
    ]
    assert differences(before, before) == []
    assert found[2].to_json() == {"path": ["topology", "nodes", "y", "kind"], "before": None, "after": "router"}


def test_what_is_shared_is_put_together(tmp_path: Path) -> None:
    loaded = made(
        tmp_path,
        "name: a\n"
        "topology:\n"
        "  defaults: {sysctls: {net.ipv4.ip_forward: 0, net.ipv4.tcp_syncookies: 0}}\n"
        "  kinds: {router: {sysctls: {net.ipv4.ip_forward: 1}}, linux: {sysctls: {net.ipv4.tcp_syncookies: 2}}}\n"
        "  nodes: {r: {kind: router}, g: {sysctls: {net.ipv4.ip_forward: 7}}}\n",
    )
    nodes = resolved(loaded).nodes
    assert dict(nodes["r"].sysctls) == {"net.ipv4.ip_forward": "1", "net.ipv4.tcp_syncookies": "0"}
    assert dict(nodes["g"].sysctls) == {"net.ipv4.ip_forward": "7", "net.ipv4.tcp_syncookies": "2"}


def test_addresses_are_handed_out_in_order_but_those_that_are_written(tmp_path: Path) -> None:
    loaded = made(
        tmp_path,
        "name: a\nsubnets: {lan: 10.0.0.0/29}\ntopology:\n  nodes:\n    s: {kind: bridge, addresses: [10.0.0.3/29]}\n"
        "    x: {interfaces: {e: {addresses: [lan]}}, routes: [{to: default, via: 10.0.0.1}]}\n"
        "    y: {interfaces: {e: {addresses: [lan]}}}\n    z: {interfaces: {e: {addresses: [lan]}}}\n"
        '  links:\n  - endpoints: ["x:e", "s:x"]\n  - endpoints: ["y:e", "s:y"]\n  - endpoints: ["z:e", "s:z"]\n',
    )
    nodes = resolved(loaded).nodes
    assert [str(nodes[name].ends[0].addresses[0]) for name in "xyz"] == ["10.0.0.2/29", "10.0.0.4/29", "10.0.0.5/29"]


def test_names_on_the_host_are_prefixed_and_short_enough(tmp_path: Path) -> None:
    loaded = made(
        tmp_path, "name: playground\ntopology:\n  nodes:\n    lan: {kind: bridge}\n    exampleCOM: {kind: bridge}\n"
    )
    devices = [node.device for node in resolved(loaded).nodes.values()]
    assert devices == ["playground-lan", "example-1008198"]


def test_a_containerlab_file_is_put_into_our_words(tmp_path: Path) -> None:
    loaded = made(
        tmp_path,
        "name: clab\nprefix: x\nmgmt: {network: m}\ntopology:\n  nodes:\n"
        "    a:\n      kind: linux\n      labels: {x: y}\n      exec:\n"
        "      - ip addr add 10.0.0.1/24 dev eth1\n      - ip link set dev eth1 up\n"
        "      - ip route add default via 10.0.0.2\n"
        "    b: {kind: linux, exec: [ip address add 10.0.0.2/24 dev eth1, sysctl -w net.ipv4.ip_forward=1]}\n"
        "    br: {kind: bridge}\n"
        '  links:\n  - endpoints: ["a:eth1", "br:eth1"]\n  - endpoints: ["b:eth1", "br:eth2"]\n'
        '  - endpoints: ["b:eth2", "host:bhost"]\n',
    )
    nodes = resolved(loaded).nodes
    assert [str(nodes[name].ends[0].addresses[0]) for name in "ab"] == ["10.0.0.1/24", "10.0.0.2/24"]
    assert (nodes["a"].routes[0].via, dict(nodes["b"].sysctls)) == (("10.0.0.2",), {"net.ipv4.ip_forward": "1"})
    assert nodes["host"].ends[0].device == "bhost"
    place = f"{tmp_path}/lab.yaml"
    assert [note.partition(": the")[0] for note in loaded.notes] == [
        f"{place}:2:1: ignored: prefix",
        f"{place}:3:1: ignored: mgmt: there is no management network here".partition(": the")[0],
        f"{place}:8:7: ignored: labels: it changes nothing of the network",
    ]


def test_no_key_is_both_ignored_and_refused() -> None:
    for level in IGNORED:
        assert not set(IGNORED[level]) & set(REFUSED[level])


def test_the_schema_that_is_shipped_is_that_of_the_models() -> None:
    shipped = json.loads((TEMPLATES / "labs/schema.json").read_text("utf-8"))
    assert shipped == models.schema()


def test_a_thousand_guests_are_few_steps_each(tmp_path: Path) -> None:
    """Eight a guest with a gateway, and nothing that asks for each guest apart before the first of them."""
    count = 1000
    nodes = "".join(f"    c{n}: {{interfaces: {{e: {{addresses: [lan]}}}}}}\n" for n in range(count))
    links = "".join(f'  - endpoints: ["c{n}:e", "s:p{n}"]\n' for n in range(count))
    head = "name: a\nsubnets: {lan: 10.0.0.0/16}\ntopology:\n  nodes:\n    s: {kind: bridge}\n"
    plan = building.plan(made(tmp_path, f"{head}{nodes}  links:\n{links}"), "lab.yaml")
    numbered = [step for step in plan.steps if not step.is_need]
    assert len(numbered) <= 7 * count + 4
    assert len(plan.steps) - len(numbered) <= 3
