"""Labs on many machines: what is refused and where, whose part is what, MTUs, and what is written for Ansible."""

from __future__ import annotations

import json
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bridgekit.errors import InputError
from bridgekit.lab import building, machines
from bridgekit.lab.loading import from_content, load
from bridgekit.lab.resolving import resolved
from bridgekit.lab.topology import Topology
from tests.test_cli import answer

TOP = """name: a
machines:
  m1: {address: 192.0.2.1}
  m2: {address: 192.0.2.2, user: deploy, port: 2222}
topology:
  nodes:
"""
TWO = f"""{TOP}    x: {{machine: m1}}
    y: {{machine: m2}}
  links:
  - endpoints: ["x:e", "y:e"]
"""
SIX = TWO.replace("192.0.2.1", '"2001:db8::1"').replace("192.0.2.2,", '"2001:db8::2",')
# A bridge on each machine, joined; a guest on each; and a third guest elsewhere.
WIDE = f"""{TOP}    s: {{kind: bridge, machine: m1}}
    t: {{kind: bridge, machine: m2, isolated: true}}
    x: {{machine: m1, interfaces: {{e: {{addresses: [10.0.0.1/24]}}, o: {{addresses: [10.1.0.1/24]}}}}}}
    y: {{machine: m2, interfaces: {{e: {{addresses: [10.0.0.2/24]}}}}}}
    z: {{machine: m1, interfaces: {{o: {{addresses: [10.1.0.2/24]}}}}}}
    v: {{machine: m1}}
  links:
  - endpoints: ["x:e", "s:x"]
  - endpoints: ["y:e", "t:y"]
  - endpoints: ["s:t", "t:s"]
  - endpoints: ["x:o", "z:o"]
  - endpoints: ["v:e", "t:v"]
probes:
- {{from: x, to: y}}
- {{from: y, to: x, port: 80, works: false}}
- {{from: x, to: z}}
"""
WRONG = json.loads((Path(__file__).parent / "cases/lab/machines.json").read_text("utf-8"))


def of(folder: Path, text: str) -> Topology:
    """The topology of that text."""
    (folder / "lab.yaml").write_text(text, "utf-8")
    return resolved(load(str(folder / "lab.yaml")))


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_where_it_stands(case: str, tmp_path: Path) -> None:
    text, place, message, hint = WRONG[case]
    with pytest.raises(InputError) as caught:
        of(tmp_path, text)
    assert caught.value.message == f"{tmp_path}/lab.yaml:{place}: {message}"
    assert hint in (None, caught.value.hint)


def test_a_machine_comes_from_what_nodes_share(tmp_path: Path) -> None:
    shared = TWO.replace("  nodes:\n", "  defaults: {machine: m1}\n  kinds: {router: {machine: m2}}\n  nodes:\n")
    nodes = of(
        tmp_path, shared.replace("x: {machine: m1}", "x: {}").replace("y: {machine: m2}", "y: {kind: router}")
    ).nodes
    assert [node.machine for node in nodes.values()] == ["m1", "m2"]


def test_what_fits_through_a_tunnel_holds_on_its_whole_segment(tmp_path: Path) -> None:
    """A bridge drops what is too large for one of its ports, and tells nobody."""
    assert [first.mtu for first, _ in of(tmp_path, WIDE).links] == [1450, 1450, 1450, 0, 1450]
    said = WIDE.replace('"t:s"]', '"t:s"]\n    mtu: 1400').replace(
        "address: 192.0.2.1", "address: 192.0.2.1, mtu: 9000"
    )
    assert [first.mtu for first, _ in of(tmp_path, said).links] == [1400, 1400, 1400, 0, 1400]
    assert of(tmp_path, TWO.replace("192.0.2.1}", "192.0.2.1, mtu: 1280}")).links[0][1].mtu == 1230
    assert of(tmp_path, SIX).links[0][0].mtu == 1430


def test_each_machine_makes_its_part(tmp_path: Path) -> None:
    whole = of(tmp_path, WIDE)
    one, two = (machines.of_machine(whole, name) for name in ("m1", "m2"))
    assert (list(one.nodes), list(two.nodes)) == (["s", "x", "z", "v"], ["t", "y"])
    assert [[(first.node, second.node) for first, second in each.links] for each in (one, two)] == [
        [("x", "s"), ("x", "z")],
        [("y", "t")],
    ]
    assert [(each.end.node, each.far.node, each.vni) for each in one.tunnels] == [
        ("s", "t", machines.vni("a", 2)),
        ("v", "t", machines.vni("a", 4)),
    ]
    mirrored = [(each.far, each.end, each.vni, each.remote, each.local) for each in two.tunnels]
    assert [(each.end, each.far, each.vni, each.local, each.remote) for each in one.tunnels] == mirrored
    assert [(probe.source, probe.to) for probe in one.probes] == [("x", "10.0.0.2"), ("x", "z")]
    assert [(probe.source, probe.to) for probe in two.probes] == [("y", "10.0.0.1")]


def test_numbers_of_tunnels_are_the_lab_s_and_the_link_s() -> None:
    assert machines.vni("a", 0) == machines.vni("a", 0)
    every = [machines.vni(lab, at) for lab in ("a", "b") for at in (0, 1, 4094)]
    assert len(set(every)) == 6
    assert all(0 < each < 1 << 24 for each in every)
    assert {each >> 12 for each in every[:3]} == {every[0] >> 12}


def test_a_guest_beyond_a_tunnel_is_kept_apart_too(tmp_path: Path) -> None:
    of(tmp_path, WIDE)
    plan = building.plan(load(str(tmp_path / "lab.yaml")), "lab.yaml", "m2")
    apart = [str(step.facts["port"]) for step in plan.steps if step.note == "lab-isolated"]
    assert [name.partition("_")[0] for name in apart] == ["veth", "vxlan"]  # y's, and v's; not the other bridge


def test_of_a_file_with_machines_one_is_named(tmp_path: Path) -> None:
    of(tmp_path, TWO)
    file = str(tmp_path / "lab.yaml")
    for words, message, hint in (
        (
            (),
            "several machines make this lab: m1, m2",
            "--machine m1; all of them: bridgekit lab export ansible DIR FILE",
        ),
        (("--machine", "m3"), "a machine that is not there: 'm3'", "did you mean 'm1'?"),
    ):
        given = answer("lab", "up", file, "-n", *words)
        assert (given.code, given.out) == (2, "")
        assert message in given.err
        assert hint in given.err or "one of: m1, m2" in given.err
    given = answer("lab", "up", "hello", "-n", "--machine", "m1")
    assert (given.code, "`machines:` says what they are" in given.err) == (2, True)


def test_a_run_is_its_machine_s_too(tmp_path: Path) -> None:
    of(tmp_path, TWO)
    loaded = load(str(tmp_path / "lab.yaml"))
    plans = [building.plan(loaded, "lab.yaml", name) for name in ("m1", "m2")]
    assert plans[0].identity != plans[1].identity
    assert plans[0].command == "bridgekit lab up lab.yaml --machine m1"
    assert building.plan(from_content(loaded.content), "lab.yaml", "m1") == plans[0]


# ------------------------------------------------------------------------- for Ansible


def exported(folder: Path, text: str, to: str = "out") -> Path:
    (folder / "lab.yaml").write_text(text, "utf-8")
    given = answer("lab", "export", "ansible", str(folder / to), str(folder / "lab.yaml"))
    assert (given.code, given.err) == (0, "")
    assert [str(path.relative_to(folder)) for path in map(Path, given.out.split())] == [
        f"{to}/{name}"
        for name in ("README.md", "inventory.yaml", "playbook.yaml", *(f"scripts/{m}.sh" for m in _names(text)))
    ]
    return folder / to


def _names(text: str) -> list[str]:
    return re.findall(r"^  (\S+): \{address", text, re.M)


def test_what_is_written_is_the_dry_run(tmp_path: Path) -> None:
    folder = exported(tmp_path, TWO)
    for name in ("m1", "m2"):
        dry = answer("lab", "up", str(tmp_path / "lab.yaml"), "--machine", name, "-n").out
        assert (folder / "scripts" / f"{name}.sh").read_text("utf-8") == dry
        assert os.access(folder / "scripts" / f"{name}.sh", os.X_OK)
    assert YAML(typ="safe").load(folder / "inventory.yaml") == {
        "all": {
            "vars": {"bridgekit_run": "lab-a", "ansible_python_interpreter": "auto_silent"},
            "hosts": {
                "m1": {"ansible_host": "192.0.2.1", "ansible_port": 22, "ansible_user": "root"},
                "m2": {
                    "ansible_host": "192.0.2.2",
                    "ansible_port": 2222,
                    "ansible_user": "deploy",
                    "ansible_become": True,
                },
            },
        }
    }
    assert [each["name"] for each in YAML(typ="safe").load(folder / "playbook.yaml")] == [
        "Up, or with --check what is missing",
        "Down",
    ]
    assert "| m2 | 192.0.2.2 | scripts/m2.sh |" in (folder / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["1", "on", "null", "1e3", "0x1f", "2001-01-01"])
def test_a_machine_s_name_stays_a_name(name: str, tmp_path: Path) -> None:
    text = TWO.replace("  m1:", f"  {name}:").replace("machine: m1", f'machine: "{name}"')
    (tmp_path / "lab.yaml").write_text(text, "utf-8")
    given = answer("lab", "export", "ansible", str(tmp_path / "out"), str(tmp_path / "lab.yaml"))
    assert given.code == 0, given.err
    hosts = YAML(typ="safe").load(tmp_path / "out/inventory.yaml")["all"]["hosts"]
    assert list(hosts) == [name, "m2"]


@pytest.mark.parametrize("name", ["all", "ungrouped", "localhost"])
def test_what_ansible_means_by_it_is_no_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(TWO.replace("m1", name), "utf-8")
    given = answer("lab", "export", "ansible", str(tmp_path / "out"), str(tmp_path / "lab.yaml"))
    assert (given.code, (tmp_path / "out").exists()) == (2, False)
    assert f"a name that Ansible has taken: '{name}'" in given.err


def test_only_a_folder_of_its_own_is_written_to(tmp_path: Path) -> None:
    folder = exported(tmp_path, TWO)
    (folder / "ansible.cfg").write_text("[defaults]\n")
    (folder / "scripts/m3.sh").write_text(
        (folder / "scripts/m1.sh").read_text().replace("--machine m1", "--machine m3")
    )
    (folder / "scripts/mine.sh").write_text("mine")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(victim)
    exported(tmp_path, TWO.replace("192.0.2.1", "192.0.2.7"))
    assert victim.read_text() == "precious"
    assert sorted(path.name for path in folder.rglob("*.sh")) == ["m1.sh", "m2.sh", "mine.sh"]
    assert (folder / "ansible.cfg").exists()
    assert "192.0.2.7" in (folder / "inventory.yaml").read_text()
    assert not [path for path in folder.iterdir() if path.name.startswith(".new")]


@pytest.mark.parametrize(
    "kind", ["another's file", "another's playbook", "scripts elsewhere", "a file", "a file in it"]
)
def test_another_folder_is_refused_and_left_alone(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    match kind:
        case "another's file":
            folder.mkdir()
            (folder / "site.yml").write_text("mine")
        case "another's playbook":
            folder.mkdir()
            (folder / "playbook.yaml").write_text("- hosts: all\n")
        case "scripts elsewhere":
            exported(tmp_path, TWO)
            (folder / "scripts").rename(tmp_path / "elsewhere")
            (folder / "scripts").symlink_to(tmp_path / "elsewhere")
            (tmp_path / "elsewhere/mine.sh").write_text("mine")
        case "a file":
            folder.write_text("mine")
        case "a file in it":
            (tmp_path / "x").write_text("mine")
            folder = tmp_path / "x/out"
    (tmp_path / "lab.yaml").write_text(TWO, "utf-8")
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    given = answer("lab", "export", "ansible", str(folder), str(tmp_path / "lab.yaml"))
    assert given.code == 2
    assert str(folder) in given.err.replace("\n", "")
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_a_lab_for_this_machine_is_not_exported(tmp_path: Path) -> None:
    given = answer("lab", "export", "ansible", str(tmp_path / "out"), "hello")
    assert (given.code, (tmp_path / "out").exists()) == (2, False)
    assert "a lab without machines: 'hello'" in given.err
    given = answer("lab", "export", "ansibel", str(tmp_path / "out"), "hello")
    assert "not an engine: 'ansibel'" in given.err


def test_the_playbook_says_nothing_of_one_lab(tmp_path: Path) -> None:
    """So that who has read it once has read it."""
    texts = [exported(tmp_path, text, f"out{at}") / "playbook.yaml" for at, text in enumerate((TWO, WIDE, SIX))]
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairwise(texts))
