"""Units of systemd, as systemd reads them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridgekit import journal, recipes, unit
from bridgekit.errors import HostError
from bridgekit.plan import Plan
from tests.test_cli import answer

PROGRAM = "/usr/bin/env"  # stands for bridgekit: it must be there
SYSTEMD = "/lib/systemd/systemd"
HOSTILE = [
    "a b",
    "100%",
    "%n",
    "$HOME",
    "${HOME}",
    "$$",
    'say "so"',
    "it's",
    "back\\slash\\x41",
    ";",
    "; rm -rf /",
    "line\nExecStart=/bin/false",
    "tab\there",
    "\x7f\x85",
    "是",
    "#",
    "-",
    "@x",
    "",
    "a" * 500,
]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(journal, "STATE", tmp_path)
    return tmp_path


def in_force(folder: Path, plan: Plan, order: int = 1, typed: str = "", variables: str = "", command: str = "") -> str:
    """Note that a plan's run is in force; its name."""
    made = f"{command or plan.command}{typed}"
    told = ("started", str(order), "4026", plan.recipe, "1", "-", "2026-01-01T00:00:00.000Z", made)
    (folder / plan.name).write_text("\t".join((*told, f"{plan.command}{variables}")) + "\nfinished\tnow\n")
    return plan.name


def lines(text: str) -> dict[str, str]:
    """A unit's settings; each stands there once."""
    found = [line.partition("=")[::2] for line in text.splitlines() if "=" in line and not line.startswith("#")]
    assert len(dict(found)) == len(found), text
    return dict(found)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where others may read."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o777)
        yield Path(made)


def read_by_systemd(text: str, folder: Path) -> list[str]:
    """The words of a unit's ExecStart, as systemd itself has read them; it starts nothing.

    `--test` says what it would do, and is not for root.
    """
    if os.geteuid() != 0 or not Path(SYSTEMD).exists():
        pytest.skip("needs root and systemd")
    (folder / "x.service").write_text(text)
    done = subprocess.run(
        [
            *("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"),
            *("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"),
            *("env", "-i", f"HOME={folder}", f"XDG_RUNTIME_DIR={folder}", f"SYSTEMD_UNIT_PATH={folder}:"),
            *("sh", "-c", '"$@"; exit $?', "sh"),  # it would take itself for the system's own as the first process
            *(SYSTEMD, "--test", "--user", "--unit=x.service"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    own = (done.stdout + done.stderr).partition("-> Unit x.service:")[2]
    (said, *_) = re.findall(r"-> ExecStart:\n\s*Command Line: (.*)", own)
    return [_value(word) for word in re.findall(r'"(?:[^"\\]|\\.)*"|[^ ]+', said)]


def _value(word: str) -> str:
    """A word of systemd's own writing, in C's escapes; `$$` is one `$` when it is started."""
    if word.startswith('"'):
        raw = re.sub(rb"\\(x[0-9a-f]{2}|[0-7]{3}|.)", lambda found: _escaped(found[1]), word[1:-1].encode())
        word = raw.decode()
    return word.replace("$$", "$")


def _escaped(code: bytes) -> bytes:
    if len(code) > 1:
        return bytes([int(code[1:], 16) if code.startswith(b"x") else int(code, 8)])
    return {b"n": b"\n", b"t": b"\t"}.get(code, code)


def test_systemd_reads_each_word_as_it_is(folder: Path) -> None:
    text = unit.of_watch(PROGRAM, "/x").replace("watch /x", f"watch {unit.command('', HOSTILE).partition(' ')[2]}")
    assert text.count("\n") == unit.of_watch(PROGRAM).count("\n"), "a word became a line"
    assert read_by_systemd(text, folder) == [PROGRAM, "watch", *HOSTILE]


@pytest.mark.parametrize("path", ["/opt/a b/bridgekit", "/opt/100%/$x y/;/bridgekit", "/opt/是/bridgekit"])
def test_systemd_reads_the_programs_path_as_it_is(folder: Path, path: str) -> None:
    assert read_by_systemd(unit.of_watch(path), folder) == [path, "watch"]


@pytest.mark.parametrize("path", ['/opt/a"b/bridgekit', "/opt/it's/bridgekit", "/opt/back\\slash/bridgekit", "/a\nb"])
def test_a_program_that_systemd_would_not_start_is_refused(path: str) -> None:
    with pytest.raises(HostError, match="systemd"):
        unit.of_watch(path)


PLANS = [
    recipes.attach("web", "10.0.0.2/24", gateway="10.0.0.1"),
    recipes.attach("podman:pod", "fd00::2/64"),
    recipes.macvlan("netns:red", "192.168.1.20/24", parent="em1"),
    recipes.outbound("10.0.0.0/24"),
    recipes.wire("web", made_by="docker0 --icc false", publish=["8080:80"]),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_systemd_finds_no_fault_in_a_runs_unit(state: Path, folder: Path, plan: Plan) -> None:
    text = unit.of_run(in_force(state, plan), PROGRAM)
    _verify(text, folder)
    assert shlex.split(lines(text)["ExecStart"]) == [PROGRAM, *shlex.split(plan.command)[1:]]
    assert lines(text)["ExecStop"] == f"{PROGRAM} undo {plan.name}"
    assert (lines(text)["Type"], lines(text)["RemainAfterExit"]) == ("oneshot", "yes")


@pytest.mark.parametrize("file", [None, "/etc/bridgekit.runs", "/etc/a b/%n$x"])
def test_systemd_finds_no_fault_in_the_unit_of_watch(folder: Path, file: str | None) -> None:
    text = unit.of_watch(PROGRAM, file)
    _verify(text, folder)
    assert (lines(text)["Type"], lines(text)["Restart"]) == ("exec", "always")


def _verify(text: str, folder: Path) -> None:
    assert shutil.which("systemd-analyze"), "apt-get install systemd (scripts/test does)"
    path = folder / "bridgekit-x.service"
    path.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True)
    about = [line for line in done.stderr.splitlines() if "bridgekit-x" in line]
    assert (done.returncode, about) == (0, []), done


def test_a_fault_would_be_found(folder: Path) -> None:
    with pytest.raises(AssertionError):
        _verify(unit.of_watch("/nowhere/bridgekit"), folder)
    with pytest.raises(AssertionError):
        _verify(unit.of_watch(PROGRAM).replace("Type=exec", "Tpye=exec"), folder)


def test_what_it_waits_for(state: Path) -> None:
    def after(plan: Plan, order: int = 1) -> str:
        return lines(unit.of_run(in_force(state, plan, order), PROGRAM))["After"]

    web, pod, red, out, _ = PLANS
    assert after(web) == "network.target docker.service"
    assert (
        after(recipes.publish("web", ["8080:80"]), 2)
        == "network.target docker.service bridgekit-attach-web-eth0.service"
    )
    (state / web.name).unlink()
    assert after(pod) == "network.target podman-restart.service"
    assert after(red) == "network.target network-online.target"
    assert after(out, 9).startswith("network.target network-online.target bridgekit-attach-podman-pod-eth0.service")
    assert "PartOf" not in unit.of_run(red.name, PROGRAM)
    assert "WantedBy=multi-user.target podman-restart.service\n" in unit.of_run(pod.name, PROGRAM)


def test_the_runs_own_options_stay(state: Path) -> None:
    plan = recipes.bridge("br0").renamed("mine")
    text = unit.of_run(in_force(state, plan, typed=" --name mine --style batch --stay --lang zh"), PROGRAM)
    assert lines(text)["ExecStart"] == f"{PROGRAM} bridge br0 --name mine --style batch --stay --lang zh"


def test_nothing_gives_it_mounts_of_its_own() -> None:
    """The names that `ip netns` knows are mounts: made in there they would be seen by nobody else."""
    own = "Protect|Private|ReadOnly|ReadWrite|Inaccessible|Temporary|Bind|Root|Mount|DynamicUser|StateDir|Runtime"
    assert not [line for line in unit.of_watch(PROGRAM).splitlines() if re.match(own, line)]


def test_what_no_command_does_again_is_refused(state: Path) -> None:
    attach = PLANS[0]
    for told in (
        {"variables": "; GUEST=db"},
        {"command": "-"},
    ):
        in_force(state, attach, **told)
        with pytest.raises(HostError) as refusal:
            unit.of_run(attach.name, PROGRAM)
        assert "script" in str(refusal.value)
    (state / "odd").write_text("x")
    for name in ("nosuch", "odd"):
        with pytest.raises(HostError):
            unit.of_run(name, PROGRAM)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bridgekit"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    given = answer("unit", "watch", "runs.txt")
    assert f"ExecStart={program} watch {Path.cwd() / 'runs.txt'}\n" in given.out
    assert answer("unit", "watch", "-o", str(tmp_path / "w.service")).out == ""
    assert (tmp_path / "w.service").read_text() == unit.of_watch(str(program))
    assert answer("unit", "x", "file").code == 2
    assert answer("unit", "nosuch").code == 3
    assert answer("unit", "watch", "-o", str(tmp_path / "no/such/folder")).code == 2


def test_a_dash_is_the_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bridgekit").touch()  # the program that the unit starts
    assert answer("unit", "watch", "-o", "-").out == answer("unit", "watch").out != ""
    assert not Path("-").exists()
