"""`install` with stand-ins for the package managers: what it installs, and that undo removes just that."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import trial
from tests.kernel.cases import DIALECTS, written
from tests.kernel.world import in_throwaway_host, shell

# A folder of packages, a file each, its state in it.  Every manager's own words for: install, remove, is it there.
_MANAGER = r"""#!/bin/sh
all=/run/packages name=${0##*/}
last() { for each; do :; done; printf '%s' "$each"; }
words() {
  for each; do
    case $each in -* | install | add | del) ;; *) echo "${each##*/}" ;; esac
  done
}
case "$name $*" in
'dpkg --print-architecture') echo amd64 ;;
'dpkg-query -W -f ${Status} '*) [ -e "$all/$4" ] && printf 'install ok %s' "$(cat "$all/$4")" ;;
'dpkg-query -W -f ${db:Status-Status} '*) cat "$all/$4" ;;
'apk info '* | 'rpm -q '* | 'pacman -Q '*) [ -e "$all/$(last "$@")" ] ;;
'apt-get update' | 'apt -y update' | 'apt -y upgrade' | 'apt-get upgrade -y') ;;
'apt '[!-]*) echo 'Do you want to continue? [Y/n] Abort.'; exit 1 ;;
'apk update' | 'dnf makecache' | 'pacman -Sy') ;;
'dpkg --remove '* | 'apk del '* | 'rpm -e '* | 'pacman -R '*)
  for each in $(words "$@"); do [ ! -e "$all/$each.needed" ] || { echo "$each is needed" >&2; exit 1; }; done
  for each in $(words "$@"); do rm "$all/$each" || exit; done ;;
'apt-get install '* | 'apt -y install '* | 'apk add '* | 'dnf install '* | 'pacman -S '*)
  for each in $(words "$@"); do
    [ ! -e /run/no-room ] || [ -e "$all/$each" ] || {
      case $name in apt*) printf unpacked >"$all/$each" ;; *) printf installed >"$all/$each" ;; esac
      echo 'no room'; exit 1
    }
    printf installed >"$all/$each"
  done ;;
'curl '*) case $(last "$@") in /*) echo key >"$(last "$@")" ;; *) echo key ;; esac ;;
'apt-key add '*) cat >/run/trusted-docker.com ;;
'apt-key list') ls /run/trusted-* 2>/dev/null ;;
'apt-key del '*) rm /run/trusted-docker.com ;;
'lsb_release '*) echo bookworm ;;
'add-apt-repository '*) echo "$*" >/etc/apt/sources.list.d/archive_uri-https_download_docker_com_linux-bookworm.list ;;
'service docker start' | 'systemctl start docker') : >/run/docker-runs ;;
'service docker stop' | 'systemctl stop docker') rm -f /run/docker-runs ;;
'service docker status' | 'systemctl -q is-active docker') [ -e /run/docker-runs ] ;;
*) echo "$name: what is $*?" >&2; exit 1 ;;
esac
"""
_NAMES = "apt-get apt dpkg dpkg-query apk rpm dnf pacman curl apt-key lsb_release add-apt-repository service systemctl"
DISTROS = ("debian", "ubuntu", "alpine", "fedora", "arch")


def lay_out(distro: str) -> None:
    """A host of this distribution with one of the packages."""
    Path("/run/packages").mkdir()
    for name in ("iptables", "iptables-nft"):
        Path("/run/packages", name).write_text("installed")
    for name in _NAMES.split():
        path = Path("/run/host/bin", name)
        path.write_text(_MANAGER)
        path.chmod(0o755)
    for folder in ("/etc/apt", "/etc/yum.repos.d"):
        shell(f"mkdir -p {folder} /run/own{folder} && mount --bind /run/own{folder} {folder}")
    Path("/etc/apt/sources.list.d").mkdir()
    shell("touch /run/os-release && mount --bind /run/os-release /etc/os-release")
    named(f"ID={distro}", "VERSION_CODENAME=bookworm")


def named(*lines: str) -> None:
    """The host's os-release says this."""
    Path("/run/os-release").write_text("\n".join(("NAME=x", *lines, "")))


def state() -> list[str]:
    """The packages, and the files that a repository takes."""
    kept = ("/run/packages", "/etc/apt", "/etc/yum.repos.d")
    found = [str(path) for folder in kept for path in sorted(Path(folder).rglob("*")) if not path.is_dir()]
    return [*found, *map(str, Path("/run").glob("trusted-*")), *map(str, Path("/run").glob("docker-runs"))]


def plan_of(distro: str) -> Plan:
    """The whole of it, without the probes that need a registry."""
    return recipes.install(distro=distro, upgrade=distro == "ubuntu").without_probes()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("distro", DISTROS)
@in_throwaway_host()
def test_it_installs_and_undo_removes_just_that(distro: str, dialect: str) -> None:
    lay_out(distro)
    plan, before = plan_of(distro), state()
    script = written(plan, dialect)
    first = trial.bash(script)
    assert first.code == 0, first
    up = state()
    assert {Path(each).name for each in up} > {"bridge-utils", "docker-runs"}
    second = trial.bash(script)
    assert second.code == 0, second
    assert second.words.count("ok") == (1 if distro == "ubuntu" else 0), second  # an upgrade is always tried
    assert state() == up
    down = trial.bash(script, "down")
    assert down.code == 0, down
    assert state() == before


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("distro", ["debian", "alpine"])
@in_throwaway_host()
def test_undo_restores_whatever_happened_at_any_step(distro: str, dialect: str) -> None:
    lay_out(distro)
    plan, before = plan_of(distro), state()
    script, targets = written(plan, dialect), trial.commands(plan, dialect)
    trial.prepare(targets)
    first = trial.bash(script)
    assert trial.bash(script, "down").code == 0
    for number, (word, target) in enumerate(zip(first.words, targets, strict=True)):
        if not target or word == "same":
            continue
        for how in trial.strikes(number, 5):
            result = trial.strike(script, target, how)
            assert trial.bash(script, "down").code == 0
            trial.landed()
            assert state() == before, f"{target} {how}\n{result}"


@in_throwaway_host()
def test_what_something_else_needs_by_now_stays() -> None:
    lay_out("alpine")
    script = written(plan_of("alpine"))
    assert trial.bash(script).code == 0
    Path("/run/packages/bridge-utils.needed").touch()
    down = trial.bash(script, "down")
    assert down.code == 1, down
    assert "bridge-utils is needed" in down.err
    assert Path("/run/packages/bridge-utils").exists()


@pytest.mark.parametrize("distro", DISTROS)
@in_throwaway_host()
def test_half_an_installation_is_taken_back(distro: str) -> None:
    lay_out(distro)
    before = state()
    Path("/run/no-room").touch()
    failed = trial.bash(written(plan_of(distro)))
    assert (failed.code, failed.err.count("no room")) == (1, 1), failed
    assert state() == before


@pytest.mark.parametrize("distro", DISTROS)
@in_throwaway_host()
def test_undo_also_where_the_user_has_removed_one_of_them(distro: str) -> None:
    lay_out(distro)
    script, before = written(plan_of(distro)), state()
    assert trial.bash(script).code == 0
    Path("/run/packages/bridge-utils").unlink()
    down = trial.bash(script, "down")
    assert (down.code, down.err) == (0, ""), down
    assert state() == before


@in_throwaway_host()
def test_sources_of_others_stay() -> None:
    lay_out("debian")
    url = "https://download.docker.com/linux"
    own = Path("/etc/apt/sources.list.d/docker.list")
    own.write_text(f"# deb {url}/debian bookworm stable\ndeb {url}/raspbian bookworm stable\n")
    before, text = state(), own.read_text()
    script = written(plan_of("debian"))
    assert trial.bash(script).code == 0
    made = [each for each in state() if each not in before and each.endswith(".list")]
    key = "/etc/apt/keyrings/docker.asc"
    assert [Path(each).read_text() for each in made] == [
        f"deb [arch=amd64 signed-by={key}] {url}/debian bookworm stable\n"
    ]
    assert trial.bash(script, "down").code == 0
    assert (state(), own.read_text()) == (before, text)


@in_throwaway_host()
def test_another_distribution_is_refused() -> None:
    lay_out("gentoo")
    for lines in (["ID=gentoo"], ["ID=ubuntu", "ID_LIKE=debian"], ["ID_LIKE='ubuntu debian'"], []):
        named(*lines)
        refused = trial.bash(written(plan_of("debian")))
        assert refused.code == 3, refused
        assert "--distro" in refused.err


@in_throwaway_host()
def test_a_derivative_gets_the_packages_of_what_it_is_made_of() -> None:
    lay_out("linuxmint")
    named("ID=linuxmint", "VERSION_CODENAME=virginia", 'ID_LIKE="ubuntu debian"', "UBUNTU_CODENAME=jammy")
    done = trial.bash(written(plan_of("ubuntu")))
    assert done.code == 0, done
    (source,) = Path("/etc/apt/sources.list.d").iterdir()
    assert "/linux/ubuntu jammy stable" in source.read_text()
