"""The distribution, from os-release."""

from __future__ import annotations

import platform
import re

import pytest

from bridgekit.errors import InputError
from bridgekit.facts.distro import distro
from bridgekit.recipes.distros import DISTROS
from tests.golden import answer, rendered

Said = dict[str, str]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"ID": "debian"}, "debian"),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, "ubuntu"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "ubuntu"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "fedora"),
        ({"ID": "alpine"}, "alpine"),
        ({"ID": "manjaro", "ID_LIKE": "arch"}, "arch"),
    ],
)
def test_the_command_line_names_this_hosts(monkeypatch: pytest.MonkeyPatch, said: Said, found: str) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: said)
    assert distro(DISTROS) == found
    assert rendered("install -n") == rendered(f"install --distro {found} -n")


@pytest.mark.parametrize("said", [{}, {"ID": "gentoo"}, {"ID": "x", "ID_LIKE": "y z"}])
def test_an_unknown_one_is_named(monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: said)
    with pytest.raises(InputError, match="--distro debian"):
        distro(DISTROS)
    assert answer("install", "-n").code == 2


@pytest.mark.parametrize("dialect", ["document", "modern"])
@pytest.mark.parametrize(
    ("distro", "manager"),
    [("debian", "apt-get"), ("ubuntu", "apt-get"), ("alpine", "apk"), ("fedora", "dnf"), ("arch", "pacman")],
)
def test_what_it_brings_need_not_be_there(distro: str, manager: str, dialect: str) -> None:
    needs = "" if (manager, dialect) == ("apt-get", "document") else manager  # `apt` comes with apt-get
    found = re.search("NEEDS='(.*)'$", rendered(f"install --distro {distro} --dialect {dialect} -n"), re.M)
    assert found
    assert [each.partition("=")[0] for each in found[1].split()] == needs.split()


def test_no_os_release(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Said:
        raise FileNotFoundError

    monkeypatch.setattr(platform, "freedesktop_os_release", refuse)
    with pytest.raises(InputError, match="no os-release"):
        distro(DISTROS)
