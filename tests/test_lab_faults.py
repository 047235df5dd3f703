"""Topology files with faults: several at once, and what can be and surely was not meant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bridgekit.cli import in_force
from bridgekit.errors import HostError, InputError
from bridgekit.lab import inforce, reading
from bridgekit.lab.loading import load
from bridgekit.lab.resolving import resolved

CASES = Path(__file__).parent / "cases/lab"
DOUBTFUL = json.loads((CASES / "doubtful.json").read_text("utf-8"))
RIGHT = [name for name in reading.shipped() if name != "broken"]
RIGHT += [str(path) for path in sorted(CASES.glob("**/*.y*ml"))]
SEVERAL = """\
name: a
subnets: {lan: 10.0.0.0/24}
topology:
  nodes:
    s: {kind: bridge, addresses: [10.0.0.1/24]}
    x: {interfaces: {e: {addresses: [lan, wan]}}, routes: [{to: default, via: 10.9.0.1}]}
    y: {interfaces: {f: {addresses: [lan]}}}
    z: {ports: ["8080:80"]}
    blue: {interfaces: {e: {addresses: [lan]}}, routes: [{to: default, via: 10.0.0.1}]}
    n: {interfaces: {e: {addresses: [lan]}}, routes: [{to: default, via: 10.9.0.1}, {to: 10.8.0.0/16}]}
  links:
  - endpoints: ["x:e", "s:x"]
  - endpoints: ["bleu:e", "s:blue"]
  - endpoints: ["n:e", "s:n"]
probes:
- {from: x, to: nobody}
"""
LINES = r"net/b = 0\n" * 6
# Of x and blue more would be wrong, because of what was told.
FOUND = ["6:43", "7:22", "8:9", "10:55", "10:85", "13:17", "16:13"]


def said(folder: Path, text: str) -> list[str]:
    """The places and what is told of the faults of a file."""
    path = folder / "lab.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        resolved(load(str(path)))
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines() if not line.startswith("  hint")]


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_surely_was_not_meant_is_told_where_it_stands(case: str, tmp_path: Path) -> None:
    text, *lines = DOUBTFUL[case]
    path = tmp_path / "lab.yaml"
    path.write_text(text, "utf-8")
    loaded = load(str(path))
    resolved(loaded)
    assert list(loaded.source.doubts) == [f"{path}:{line}" for line in lines]


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_doubted_by_nobody(name: str) -> None:
    loaded = load(name)
    resolved(loaded)
    assert not loaded.source.doubts


def test_doubts_are_told_and_nothing_is_refused(tmp_path: Path) -> None:
    text, line = DOUBTFUL["a router that nobody is"]
    path = tmp_path / "lab.yaml"
    for lang, warning in (("C", line), ("zh_CN.UTF-8", "5:63: 警告：")):
        path.write_text(text, "utf-8")
        words = [sys.executable, "-m", "bridgekit", "lab", "up", "-n", str(path)]
        done = subprocess.run(words, capture_output=True, text=True, env={"LC_ALL": lang, "PATH": "/usr/bin:/bin"})
        assert (done.returncode, done.stdout[:2]) == (0, "#!")
        assert done.stderr.startswith(f"{path}:{warning}")


def test_a_lab_that_bridgekit_brings_is_as_it_is_meant(tmp_path: Path) -> None:
    """But whoever mends a copy is helped."""
    (tmp_path / "broken.yaml").write_bytes((reading.SHELF / "broken.yaml").read_bytes())
    told = []
    for name in ("broken", str(tmp_path / "broken.yaml")):
        words = [sys.executable, "-m", "bridgekit", "lab", "up", "-n", name]
        told.append(subprocess.run(words, capture_output=True, text=True, check=True).stderr)
    assert told[0] == ""
    assert "10.20.1.254" in told[1]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    lines = said(tmp_path, SEVERAL)
    assert [line.partition(": ")[0] for line in lines] == FOUND
    assert lines[0] == "6:43: no subnet of that name: 'wan'"


def test_all_that_the_models_refuse_is_told_at_once(tmp_path: Path) -> None:
    head = "topologie: {}\ntopology:\n  nodes:\n"
    text = f"{head}    x: {{kinde: guest, mtu: 1, exec: [reboot], binds: [x]}}\n    y: {{routes: 5}}\n"
    places = [line.partition(": ")[0] for line in said(tmp_path, text)]
    assert places == ["1:1", "4:9", "4:23", "4:38", "4:47", "5:9"]


def test_all_keys_that_are_there_twice_are_told_at_once(tmp_path: Path) -> None:
    text = "name: a\nname: b\ntopology:\n  nodes:\n    x: {}\n    x: {}\n"
    assert [line.partition(": ")[0] for line in said(tmp_path, text)] == ["2:1", "6:5"]


def test_no_more_is_told_than_can_be_read(tmp_path: Path) -> None:
    nodes = "".join(f"    x{number}: {{kinde: guest}}\n" for number in range(30))
    lines = said(tmp_path, f"name: a\ntopology:\n  nodes:\n{nodes}")
    assert (len(lines), lines[0], lines[-1]) == (21, "4:10: an unknown key: 'kinde'", "and 10 more")


@pytest.mark.parametrize(
    ("name", "up", "hint"),
    [
        ("helo", ("hello", "two"), "did you mean hello?"),
        ("helo", ("two",), "these are up: two"),  # hello is one that bridgekit brings, and is not up
        ("helo", (), "none is; bridgekit lab up FILE"),
        ("hello", ("two",), "these are up: two"),
        ("hello", (), "none is; bridgekit lab up hello"),
    ],
)
def test_a_lab_that_is_not_up_is_told_from_those_that_are(
    name: str, up: tuple[str, ...], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inforce, "labs", lambda: [SimpleNamespace(name=each) for each in up])
    with pytest.raises(HostError) as caught:
        inforce.up(name)
    assert (caught.value.message, caught.value.hint) == (f"no lab of that name is up: {name!r}", hint)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (r"bash restore $'net/a = 1\n" + r"net/b = 0\n" * 50 + "'", rf"bash restore $'net/a = 1\n{LINES}...'"),
        (f"write_file /x {'a' * 200}", f"write_file /x {'a' * 80}..."),
        ("ip link del dev veth_1", "ip link del dev veth_1"),
    ],
)
def test_what_would_be_taken_back_is_told_in_lines_that_can_be_read(line: str, told: str) -> None:
    assert in_force.short(line) == told
