"""What a program that we start gets of the caller's environment."""

from __future__ import annotations

import os

import pytest

from bridgekit import environment
from tests.plans import PLANS

VARIABLES = sorted({name for make in PLANS.values() for name in make().variables})
CODE = ["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "BASH_FUNC_ip%%", "EUID", "IFS", "PS4", "LD_PRELOAD", "PYTHONPATH"]


@pytest.mark.parametrize("name", [*VARIABLES, *CODE, "DOCKER_OPTS"])
def test_what_is_code_or_a_parameter_stays_outside(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "surprise")
    assert name not in environment.clean()


@pytest.mark.parametrize("name", ["HOME", "LC_ALL", "DOCKER_HOST", "DOCKER_CONTEXT", "XDG_RUNTIME_DIR", "https_proxy"])
def test_what_programs_need_they_get(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "needed")
    assert environment.clean()[name] == "needed"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (":/usr/bin::.:bin:/opt/my bin:", "/usr/bin:/opt/my bin:/usr/sbin:/sbin"),
        ("/sbin:/bin", "/sbin:/bin:/usr/sbin"),
        ("", "/usr/sbin:/sbin"),
        (None, f"{os.defpath}:/usr/sbin:/sbin"),
    ],
)
def test_no_folder_of_programs_depends_on_where_the_caller_is(
    given: str | None, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATH") if given is None else monkeypatch.setenv("PATH", given)
    assert environment.path() == environment.clean()["PATH"] == kept
