"""An ordinary user, without any right on this machine, has a throw-away host and no other."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bridgekit import sandbox
from bridgekit.errors import HostError
from bridgekit.facts import ask as asking
from tests.kernel.ordinary import DIALECTS, SECONDS_TO_GO, User, readable, user  # fixtures

__all__ = ["readable", "user"]


# What this user can do


@pytest.mark.kernel
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_lesson(user: User, dialect: str) -> None:
    said = user.bridgekit("learn", "docker-by-hand", "--yes", "--dialect", dialect)
    lines = [line.split() for line in said.splitlines()]
    total = len(lines)
    assert [words[1] for words in lines] == [f"{number}/{total}" for number in range(1, total + 1)], said
    assert {words[0] for words in lines} <= {"ok", "same"}, said
    assert total > 30


@pytest.mark.kernel
def test_the_lesson_step_by_step(user: User) -> None:
    said = user.bridgekit("learn", "docker-by-hand", "--yes", "--step")
    assert "FAILED" not in said, said


@pytest.mark.kernel
def test_a_command_in_a_throw_away_host(user: User) -> None:
    assert user.bridgekit("sandbox", "--", "id", "-u") == "0\n"
    assert user.bridgekit("sandbox", "--", "ip", "-br", "link", "show", "em1").startswith("em1")
    user.bridgekit("sandbox", "--", "ping", "-c", "1", "-w", "2", "203.0.113.2")
    user.bridgekit("sandbox", "--", "bash", "-c", "exit 7", code=7)
    for locale, said in (("C.UTF-8", "no such program in"), ("zh_CN.UTF-8", "没有这个程序：nosuch")):
        assert said in user.run(
            "env", f"LC_ALL={locale}", user.python, "-m", "bridgekit", "sandbox", "nosuch", code=127
        )


@pytest.mark.kernel
def test_names_are_asked_for_in_the_throw_away_host(user: User) -> None:
    """What the machine would ask is not reached from there: each name took 20 seconds."""
    asked = "getent hosts throw-away; getent hosts www.example.test; timeout 5 getent hosts elsewhere.example; echo $?"
    said = user.bridgekit("sandbox", "--", "bash", "-c", asked)
    assert [" ".join(line.split()) for line in said.splitlines()] == ["127.0.1.1 throw-away", "2"]


@pytest.mark.kernel
@pytest.mark.parametrize("guest", ["web", "podman:web"])
def test_a_guest_of_a_throw_away_host(user: User, guest: str) -> None:
    engine = "podman" if guest.startswith("podman") else "docker"
    words = f"""
    bridgekit attach {guest} 10.0.0.2/24 --gateway 10.0.0.1 --yes && bridgekit outbound 10.0.0.0/24 --yes &&
    {engine} exec web ping -c 1 -w 2 203.0.113.2 && bridgekit undo --all && bridgekit runs
    """
    said = user.bridgekit("sandbox", "--guest", guest, "--", "bash", "-c", words)
    assert "1 received" in said, said


@pytest.mark.kernel
def test_a_packet_is_traced(user: User) -> None:
    """In a throw-away host with its rules; on the machine itself not at all."""
    words = """
    bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes && bridgekit outbound 10.0.0.0/24 --yes &&
    bridgekit trace web 203.0.113.2 && iptables -I FORWARD -i br666 -j DROP && bridgekit trace web 203.0.113.2
    """
    said = user.bridgekit("sandbox", "--guest", "web", "--", "bash", "-c", words, code=1)
    assert "-t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE" in said
    assert "answered after " in said
    assert "not answered: dropped in host by: -t filter -A FORWARD -i br666 -j DROP" in said
    said = user.bridgekit("trace", "host", "127.0.0.1", code=3)
    assert said.startswith("bridgekit: needs root: reading a wire and asking for a trace are root's")


@pytest.mark.kernel
def test_a_recipe_in_a_throw_away_host(user: User) -> None:
    said = user.bridgekit("attach", "web", "10.0.0.2/24", "--yes", "--sandbox")
    assert said.startswith("ok 1/"), said


@pytest.mark.kernel
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_throw_away_host_that_is_killed(user: User, number: signal.Signals) -> None:
    process = user.start(user.python, "-m", "bridgekit", "sandbox", "--", "sleep", "1000")
    try:
        assert user.wait_until(lambda: any(line.startswith("sleep 1000") for line in user.traces()["processes"]))
        if number is signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, number)  # as a terminal does
        process.communicate(timeout=SECONDS_TO_GO)
    finally:
        process.kill()


# What this user cannot do


@pytest.mark.kernel
@pytest.mark.parametrize("words", ["attach web 10.0.0.2/24", "bridge br0", "outbound 10.0.0.0/24"])
def test_this_host_is_not_the_users(user: User, words: str) -> None:
    said = user.bridgekit(*words.split(), "--yes", code=3)
    assert said.startswith("bridgekit: "), said
    assert "sudo" in said
    assert "--sandbox" in said


@pytest.mark.kernel
def test_the_script_alone(user: User) -> None:
    script = user.bridgekit("bridge", "br0", "--dry-run")
    said = user.run("bash", "-c", script, code=3)
    assert "sudo" in said


def _forbid(monkeypatch: pytest.MonkeyPatch, folder: Path, uid: int, forbidden: str) -> None:
    """A host where one knob forbids user namespaces to its ordinary users."""
    knobs = []
    for path, forbids, allows in sandbox._KNOBS:
        knob = folder / Path(path).name
        knob.write_text(f"{forbids if path == forbidden else allows}\n")
        knobs.append((str(knob), forbids, allows))
    monkeypatch.setattr(sandbox, "_KNOBS", tuple(knobs))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(asking, "ask", lambda *_: None if forbidden else "")


_PATHS = [path for path, _, _ in sandbox._KNOBS]


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: Path(path).name)
def test_the_knob_that_forbids_it_is_named(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, 1000, path)
    with pytest.raises(HostError) as caught:
        sandbox.command(["true"])
    assert caught.value.exit_code == 3
    assert Path(path).name in caught.value.message
    assert "sudo" in caught.value.hint
    assert Path(path).name in caught.value.hint


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: Path(path).name)
def test_root_can_do_without_user_namespaces(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, 0, path)
    assert "--keep-ids" in sandbox.command(["true"])


@pytest.mark.parametrize("uid", [0, 1000])
def test_user_namespaces_where_no_knob_forbids_them(uid: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, tmp_path, uid, "")
    assert "--keep-ids" not in sandbox.command(["true"])


def test_a_host_without_any_knob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_KNOBS", ((str(tmp_path / "absent"), "0", "1"),))
    assert "--keep-ids" not in sandbox.command(["true"])
