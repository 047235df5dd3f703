"""Nothing of the caller's folder or environment is code, or a parameter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit import journal, recipes, render
from tests.kernel import measure
from tests.kernel.cases import written
from tests.kernel.world import in_throwaway_host, shell

COMMAND = [sys.executable, "-P", "-c", "from bridgekit.__main__ import main; main()"]  # as its console script does
ATTACH = ("attach", "web", "10.0.0.2/24", "--yes")
MARK = Path("/run/was_here")  # of the throw-away host: its /run is its own
_TOUCH = f"() {{ : >{MARK}; }}"


# Folders

_MODULE = 'raise SystemExit("a module of the caller\'s was imported: " + __name__)\n'


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["sh.py", "typer.py", "jinja2.py", "bridgekit/README.md"])
@pytest.mark.parametrize("way", ["", "PYTHONPATH", "within"])
def test_the_callers_folder_is_not_imported(name: str, way: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(_MODULE if name.endswith(".py") else "a clone of ours\n")
    environment = os.environ | ({"PYTHONPATH": str(tmp_path)} if way == "PYTHONPATH" else {})
    words = ("sandbox", "--", "bridgekit", "bridge", "br0", "--yes") if way == "within" else (*ATTACH, "--sandbox")
    if way == "PYTHONPATH" and "/" in name:
        pytest.skip("whoever names a folder with a `bridgekit` in it, means that one")
    done = subprocess.run([*COMMAND, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok 1/")


@pytest.mark.parametrize("words", [("-m", "bridgekit", "recipes"), ("-c", "from bridgekit import __version__")])
def test_a_clone_in_the_callers_folder_is_not_the_package(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "bridgekit").mkdir()  # as `git clone` makes it, beside what is installed from it
    done = subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# The environment of the command


@in_throwaway_host("web")
def test_bash_does_not_complain_of_a_locale_that_is_not_here() -> None:
    """As when it came along by ssh: it would stand before what a script says."""
    for how in ("", "--step --yes"):
        said = shell(f"env LC_ALL=xx_YY.UTF-8 bridgekit attach nobody 10.0.0.2/24 {how} </dev/null", check=False).stderr
        assert "nobody" in said
        assert "locale" not in said


STEPPED = ("BASH_ENV", "BASH_FUNC_ip%%", "PATH")  # of each kind: bash is started the same


@pytest.mark.parametrize(
    ("name", "value", "how"),
    [
        (name, value, how)
        for name, value in (
            ("GUEST", "db"),
            ("PID", "1"),
            ("BASH_ENV", "/run/surprise.sh"),
            ("ENV", "/run/surprise.sh"),
            ("BASH_FUNC_echo%%", _TOUCH),
            ("BASH_FUNC_ip%%", _TOUCH),
            ("SHELLOPTS", "noexec"),
            ("SHELLOPTS", "onecmd"),
            ("SHELLOPTS", "noglob"),
            ("SHELLOPTS", "noclobber"),
            ("BASHOPTS", "nocasematch"),
            ("EUID", "1000"),
            ("BRIDGEKIT_SHA256", "a\tb"),
            ("PATH", ".:{}:"),
        )
        for how in ([], *([["--step"]] if name in STEPPED else []))
    ],
)
@in_throwaway_host("web", "db")
def test_a_run_has_nothing_of_the_callers_environment(name: str, value: str, how: list[str]) -> None:
    Path("/run/surprise.sh").write_text(f": >{MARK}\n")
    os.chdir("/run")
    Path("bash").write_text(f"#!/bin/sh\n: >{MARK}\n")
    Path("bash").chmod(0o755)
    before = shell("ip -n db -br addr 2>/dev/null", check=False).stdout
    words = [*COMMAND, *ATTACH, *how]
    done = subprocess.run(
        words, env=os.environ | {name: value.replace("{}", os.environ["PATH"])}, capture_output=True, text=True
    )
    assert done.returncode == 0, done
    (run,) = journal.runs()
    assert run.finished
    assert run.sha256 == render.script(recipes.attach("web", "10.0.0.2/24")).sha256
    assert "10.0.0.2/24" in shell("docker exec web ip -br addr show dev eth0").stdout
    assert shell("ip -n db -br addr 2>/dev/null", check=False).stdout == before
    assert not MARK.exists()


# The environment of a script by itself


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASH_FUNC_echo%%", _TOUCH),
        ("BASH_FUNC_printf%%", _TOUCH),
        ("BASH_FUNC_ip%%", _TOUCH),
        ("BASH_FUNC_grep%%", _TOUCH),
        ("EUID", "1000"),
        ("POSIXLY_CORRECT", "1"),
        ("BRIDGEKIT_SHA256", "a\tb"),
    ],
)
@in_throwaway_host("web")
def test_a_script_guards_itself(name: str, value: str) -> None:
    plan = recipes.attach("web", "10.0.0.2/24")
    script = written(plan)
    before = measure.state()
    done = subprocess.run(["bash", str(script)], env=os.environ | {name: value}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [run.sha256 for run in journal.runs()] == [render.script(plan).sha256]
    assert not MARK.exists()
    shell(f"bash {script} down")
    measure.same(before, measure.state())


@pytest.mark.parametrize("way", [(), ("-s",)], ids=["file", "pipe"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("SHELLOPTS", "noglob"), ("SHELLOPTS", "noclobber"), ("BASHOPTS", "nocasematch")],
)
@in_throwaway_host()
def test_a_script_refuses_options_of_the_callers_shell(name: str, value: str, way: list[str]) -> None:
    script = written(recipes.bridge("br7"))
    before = measure.state()
    with script.open() as opened:
        words = ["bash", *(way or [str(script)])]
        done = subprocess.run(words, env=os.environ | {name: value}, stdin=opened, capture_output=True, text=True)
    assert done.returncode == 3, done
    assert name in done.stderr
    measure.same(before, measure.state())


@in_throwaway_host("web", "db")
def test_a_scripts_variables_are_its_users() -> None:
    script = written(recipes.attach("web", "10.0.0.2/24"))
    shell(f"GUEST=db bash {script}")
    assert "10.0.0.2/24" in shell("docker exec db ip -br addr show dev eth0").stdout
