"""scripts/quickstart in a throw-away host: the links, what is another's, and that --remove leaves nothing.

scripts/prepare, which fetches packages, is a stand-in; CI itself runs the real one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit.lab.reading import shipped
from bridgekit.lessons import LESSONS
from tests.golden import rendered
from tests.kernel.world import ROOT, in_throwaway_host, shell

LINK = Path("/usr/local/bin/bridgekit")  # the throw-away host's own
BASH, ZSH, FISH = (
    Path("/usr/local/share", each)
    for each in (
        "bash-completion/completions/bridgekit",
        "zsh/site-functions/_bridgekit",
        "fish/vendor_completions.d/bridgekit.fish",
    )
)
HERE = Path("/tmp/test of quickstart")
# A .venv whose `bridgekit` is this one, with a completion of its own.
_PREPARE = f"""#!/bin/bash
cd "$(dirname "$0")/.." && mkdir -p .venv/bin bridgekit.egg-info && echo iptables >.venv/debian-packages
ln -sf {sys.executable} .venv/bin/python
cat >.venv/bin/bridgekit <<'COMMAND'
#!/bin/sh
case $1,$2 in
completion,fish) exit 2 ;;
completion,*) echo "complete $2" ;;
*) exec {sys.executable} -P -c "from bridgekit.__main__ import main; main()" "$@" ;;
esac
COMMAND
chmod +x .venv/bin/bridgekit
"""


def clone() -> Path:
    """A clone, as far as quickstart needs one."""
    folder = HERE / "bridgekit"
    for each in ("scripts", "bridgekit", "templates"):
        shutil.copytree(ROOT / each, folder / each, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "scripts/prepare").write_text(_PREPARE)
    return folder


def quickstart(folder: Path, *words: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "scripts/quickstart", *words],
        cwd=cwd,
        env=os.environ | {"PATH": f"/usr/local/bin:{os.environ['PATH']}", "CDPATH": str(HERE)},
        capture_output=True,
        text=True,
    )


def files() -> list[str]:
    of_python = re.compile("__pycache__|/[.]venv$|[.]egg-info$")
    found = (*HERE.rglob("*"), *Path("/usr/local").rglob("*"))
    return sorted(str(path) for path in found if not (path.is_dir() and of_python.search(str(path))))


@in_throwaway_host()
def test_it_can_be_run_again_and_taken_away_again() -> None:
    folder = clone()
    before = files()
    for _ in range(2):
        done = quickstart(folder)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "br666  10.0.0.1/24" in done.stdout
        assert "bridgekit is installed: /usr/local/bin/bridgekit." in done.stdout
        assert os.readlink(LINK) == f"{folder}/.venv/bin/bridgekit"
        assert shell("cd / && /usr/local/bin/bridgekit recipes").stdout.startswith("bridge ")
        assert BASH.read_text().startswith("complete bash\n")
        assert ZSH.read_text().startswith("complete zsh\n")
        assert not FISH.exists()
    for said in ("\n  apt-get remove iptables\n", ""):
        done = quickstart(folder, "--remove", cwd=str(folder / "scripts"))
        assert (done.returncode, done.stderr) == (0, ""), done
        assert done.stdout.endswith(said), done
        assert files() == before


@pytest.mark.parametrize("there", ["file", "link", "dangling", "other-clone"])
@in_throwaway_host()
def test_what_is_anothers_is_not_touched(there: str) -> None:
    folder, other = clone(), HERE / "other/.venv/bin/bridgekit"
    other.parent.mkdir(parents=True)
    target = {"link": "/bin/true", "dangling": "/opt/gone/bridgekit", "other-clone": str(other)}.get(there)
    LINK.symlink_to(target) if target else LINK.write_text("mine\n")
    BASH.parent.mkdir(parents=True)
    other.write_text("")
    before = files()
    refused = quickstart(folder)
    assert (refused.returncode, refused.stdout) == (3, ""), refused
    assert refused.stderr.startswith(f"{LINK} is not this clone's{f': it leads to {target}' if target else ''}\n")
    assert "--prefix FOLDER" in refused.stderr
    assert files() == before
    removed = quickstart(folder, "--remove")
    assert (removed.returncode, removed.stderr) == (0, ""), removed
    assert f"{LINK} is not this clone's, and stays\n" in removed.stdout
    assert files() == before


def test_it_installs_what_lessons_and_labs_need_that_need_no_engine() -> None:
    installed = set(
        re.findall(r"\b[\w-]+=([\w.-]+)", (ROOT / "scripts/quickstart").read_text().partition("scripts/prepare")[2])
    )
    there = {"bash", "coreutils", "diffutils", "findutils", "hostname", "mount", "util-linux", "python3"}
    stands_in = {"docker.io", "podman"}  # the throw-away host's own
    typed = [f"learn {name}" for name, each in LESSONS.items() if not each.engine]
    for each in (*typed, *(f"lab up {name}" for name in shipped())):
        script = rendered(f"{each} --dry-run --style script --lang en")
        named = re.findall(r"^NAME=.* NEEDS='(.*)'", script, re.M)[0].split()
        needed = {word.partition("=")[2] for word in named} | set(re.findall(r"apt-get install ([\w.-]+)'", script))
        assert needed - there - stands_in <= installed, each


@in_throwaway_host()
def test_anothers_completion_stays() -> None:
    folder = clone()
    BASH.parent.mkdir(parents=True, exist_ok=True)
    BASH.write_text("mine\n")
    for words in ((), ("--remove",)):
        done = quickstart(folder, *words)
        assert done.returncode == 0, done
        assert BASH.read_text() == "mine\n"
    assert not ZSH.exists()


@in_throwaway_host()
def test_a_clone_that_is_no_more_is_followed_by_another() -> None:
    LINK.symlink_to(f"{HERE}/gone/.venv/bin/bridgekit")
    folder = clone()
    assert quickstart(folder).returncode == 0
    assert os.readlink(LINK) == f"{folder}/.venv/bin/bridgekit"


@in_throwaway_host()
def test_another_folder() -> None:
    folder = clone()
    done = quickstart(folder, "--prefix", f"{HERE}/own")
    assert done.returncode == 0, done
    assert "another bridgekit comes first" in done.stdout or "is not on your PATH" in done.stdout, done
    assert os.readlink(HERE / "own/bin/bridgekit") == f"{folder}/.venv/bin/bridgekit"
    assert (HERE / "own/share/bash-completion/completions/bridgekit").exists()
    assert not LINK.is_symlink()


@in_throwaway_host()
def test_it_stays_where_networks_of_its_making_are() -> None:
    folder = clone()
    assert quickstart(folder).returncode == 0
    shell("bridgekit bridge br7 --yes")
    before = files()
    refused = quickstart(folder, "--remove")
    assert (refused.returncode, refused.stdout) == (3, ""), refused
    assert "undo --all" in refused.stderr
    assert files() == before


@pytest.mark.parametrize("words", [["--prefix"], ["--prefix", "here"], ["--prefix=here"], ["--help-me"], ["install"]])
def test_what_it_does_not_know_it_refuses(words: list[str]) -> None:
    done = subprocess.run([ROOT / "scripts/quickstart", *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.kernel
@pytest.mark.skipif(os.geteuid() != 0, reason="it is root who reads another's files")
def test_root_starts_a_throwaway_host_from_a_users_closed_home(tmp_path: Path) -> None:
    """As `sudo bridgekit` does, from a clone in a home that is closed to all others."""
    home = tmp_path / "home"
    for each in ("bridgekit", "templates"):
        shutil.copytree(ROOT / each, home / "bridgekit" / each, ignore=shutil.ignore_patterns("__pycache__"))
    shell(f"chown -R 65534:65534 {home} && chmod 700 {home}")
    start = f"import sys; sys.path.insert(0, '{home}/bridgekit'); from bridgekit.__main__ import main; main()"
    words = ("sandbox", "--", "sh", "-c", "pwd; bridgekit recipes | head -1")
    done = subprocess.run([sys.executable, "-P", "-c", start, *words], cwd=home, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.startswith(f"{home}\nbridge "), done
    assert home.stat().st_mode & 0o777 == 0o700
