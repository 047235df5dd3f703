"""The engines' words, and what watch does and says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridgekit import journal
from bridgekit.cli.found import completed
from bridgekit.errors import HostError, InputError, RunError
from bridgekit.facts import containers, events
from bridgekit.facts.containers import Container
from bridgekit.watching import alone, doing, serving, wanted
from bridgekit.watching.report import Outcome, Report, refusal
from bridgekit.watching.serving import Watch
from bridgekit.watching.wanted import Wanted
from tests.test_cli import answer
from tests.test_wanted import FILE, ID, POD, WEB


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(journal, "STATE", tmp_path)
    return tmp_path


# What engines say

_DOCKER = {
    "Type": "container",
    "Action": "start",
    "Actor": {"ID": ID, "Attributes": {"name": "web"}},
    "timeNano": 15 * 10**8,
}
_PODMAN = {"ID": ID, "Name": "pod", "Status": "restart", "Type": "container", "Time": "2026-01-01T00:00:00+02:00"}


def test_the_words_of_engines() -> None:
    assert events.read("docker", json.dumps(_DOCKER)) == events.Event("docker", "start", ID, "web", 1.5)
    told = events.read("podman", json.dumps(_PODMAN))
    assert told is not None
    assert (told.what, told.id, told.name, told.time > 1.7e9) == ("start", ID, "pod", True)


@pytest.mark.parametrize(
    "line",
    ["", "x", "[]", "null", "3", '"start"', "{}", '{"Action": "start"}', '{"Action": "start", "Actor": 3}']
    + [json.dumps(_DOCKER | change) for change in ({"Action": "die"}, {"Actor": {"ID": 7}}, {"Actor": {"ID": ""}})],
)
def test_what_is_no_start_is_none(line: str) -> None:
    assert events.read("docker", line) is None


def test_what_they_are_asked_for() -> None:
    words = events.command("docker", 1.9)
    assert words[:4] == ["docker", "events", "--since", "1"]
    assert {"type=container", "event=start"} <= set(words)
    assert events.command("podman", 0)[4:6] == ["--format", "json"]


def test_a_running_container_as_its_engine_tells_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str | None] = {}

    def ask(*words: str) -> str | None:
        return told.get(" ".join(words[1:]).replace(containers._FORMAT, "FORMAT"))

    monkeypatch.setattr(containers, "ask", ask)
    late = json.dumps([ID, "/web", 42, "2026-01-01T00:00:02Z", None])
    soon = json.dumps(["b" * 64, "/db", 43, "2026-01-01T00:00:01Z", {"a": "b"}])
    told |= {"ps -q": "a b\n", "inspect -f FORMAT a b": f"{late}\n{soon}\n"}
    assert [(each.name, each.pid, each.labels) for each in containers.running("docker")] == [
        ("db", 43, {"a": "b"}),
        ("web", 42, {}),
    ]
    told |= {"inspect -f FORMAT a b": None, "inspect -f FORMAT b": soon}  # one has ended meanwhile
    assert [each.name for each in containers.running("docker")] == ["db"]
    told |= {"inspect -f FORMAT web": json.dumps([ID, "/web", 0, "", {}]), "inspect -f FORMAT odd": "x"}
    assert containers.look("docker", "web") is containers.look("docker", "odd") is None
    told.clear()
    assert containers.running("docker") == []


# What is done, once


class Host:
    """A host whose containers and deeds are made up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there = [WEB]
        self.done: list[str] = []
        self.told: list[Report] = []
        self.outcome = Outcome("", "applied")
        monkeypatch.setattr(containers, "look", self._look)
        monkeypatch.setattr(
            containers, "running", lambda engine: [each for each in self.there if each.engine == engine]
        )
        monkeypatch.setattr(doing, "ended", lambda *_: None)
        monkeypatch.setattr(doing, "done", self._do)

    def _look(self, engine: str, name: str) -> Container | None:
        return next((each for each in self.there if each.engine == engine and name in (each.id, each.name)), None)

    def _do(self, each: Wanted, *_: Any) -> Iterator[tuple[Wanted, Outcome]]:
        self.done.append(each.name)
        yield each, replace(self.outcome, run=each.name)

    def watch(self, tmp_path: Path, text: str = FILE) -> Watch:
        (tmp_path / "file").mkdir(exist_ok=True)
        (tmp_path / "file/runs").write_text(text)
        return Watch(tmp_path / "file/runs", "en", completed, self.told.append)

    def outcomes(self) -> list[tuple[str, str, str]]:
        return [(each.container, each.run, each.outcome) for each in self.told if each.run or each.container]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


START = events.Event("docker", "start", ID, "web", 0.0)
ANSWERS = events.Event("docker", "answers")
GONE = events.Event("docker", "gone")
OF_WEB = ["attach-web-eth0", "publish-web-8080-80"]


def test_once_for_each_start(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path)
    for event in (ANSWERS, START, START, ANSWERS):
        watch.hear(event)
    assert host.done == OF_WEB
    host.there = [replace(WEB, started="later")]
    for event in (START, START):
        watch.hear(event)
    assert host.done == OF_WEB * 2


def test_what_needs_two_is_done_when_both_are_there(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path)
    watch.hear(ANSWERS)
    assert host.outcomes()[-1] == ("web", "p2p-web-podman-pod", "skipped")
    assert "podman:pod" in host.told[-1].message
    host.there.append(POD)
    watch.hear(events.Event("podman", "start", POD.id, "pod"))
    watch.hear(events.Event("podman", "answers"))
    assert host.done == [*OF_WEB, "p2p-web-podman-pod"]
    later = host.watch(tmp_path)  # both are there from the beginning
    for engine in ("docker", "podman"):
        later.hear(events.Event(engine, "answers"))
    assert host.done.count("p2p-web-podman-pod") == 2


def test_the_hosts_own_is_done_at_the_beginning_and_when_an_engine_came_again(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path)
    watch.attend_host()
    assert host.done == ["outbound-10.0.0.0-24"]
    for event in (ANSWERS, GONE, ANSWERS):
        watch.hear(event)
    assert host.done.count("outbound-10.0.0.0-24") == 2
    assert [each.outcome for each in host.told if not each.run] == ["answers", "gone", "answers"]


def test_what_ended_before_it_was_looked_at_or_is_nobodys(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path, "")
    watch.hear(ANSWERS)
    assert host.outcomes() == [], "of each that was there before it would be said"
    host.there = [replace(WEB, started="later")]
    watch.hear(START)
    host.there = []
    watch.hear(START)
    assert host.outcomes() == [("web", "", "skipped"), ("web", "", "skipped")]
    assert host.done == []


def test_what_was_refused_since_another_run_was_under_way_is_tried_again(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = host.watch(tmp_path, "attach web 10.0.0.2/24")
    host.outcome = refusal("", HostError("another run is under way"), "another run")
    watch.hear(ANSWERS)
    due = watch.again()
    assert due is not None
    assert 0 < due <= 5
    host.outcome = Outcome("", "applied")
    monkeypatch.setattr(serving.time, "monotonic", lambda: 1e12)
    assert watch.again() is None
    assert [each[2] for each in host.outcomes()] == ["refused", "applied"]


def test_a_line_that_became_bad_is_told_and_hides_no_other(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path, "bad\nattach web 10.0.0.2/24\n")
    watch.attend_host()
    watch.hear(ANSWERS)
    assert host.done == ["attach-web-eth0"]
    assert [(each.source, each.outcome) for each in host.told][:1] == [("runs:1", "refused")]


def test_a_line_that_becomes_bad_while_it_runs_is_told_once(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path, "attach web 10.0.0.2/24\n")
    watch.attend_host()
    for text in ("bad\n", "bad\n", "attach web 10.0.0.2/24\n", "bad\n"):
        host.watch(tmp_path, text)
        host.there = [replace(host.there[0], started=f"{host.there[0].started}, later")]
        watch.hear(START)
    assert [each.outcome for each in host.told] == ["refused", "skipped", "applied", "refused"]


@pytest.mark.parametrize(
    ("error", "what"),
    [(InputError("x", "y"), "refused"), (HostError("x", "y"), "refused"), (RunError("x", "y"), "failed")],
)
def test_an_error_is_one_line(error: Any, what: str) -> None:
    found = refusal("run", error)
    assert (found.what, found.message, found.busy) == (what, "x; hint: y", False)


# The command


def test_a_line_and_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    from bridgekit.cli import watch

    report = Report("docker", "web", ID, "attach-web-eth0", "refused", 12, "bridgekit.attach", "a\nb\x1b[2J")
    watch._as_line(report)
    time, rest = capsys.readouterr().out.split("  ", 1)
    assert time.endswith("Z")
    assert rest == "web attach-web-eth0 refused  12 ms  bridgekit.attach  a\\nb\\x1b[2J\n"
    watch._as_data(report)
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["time", "engine", "container", "id", "run", "outcome", "ms", "source", "message"]
    assert told["message"] == report.message
    watch._as_line(Report("docker", "", "", "", "gone", 0, "", ""))
    assert capsys.readouterr().out.split("  ")[1] == "docker gone\n"


def test_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "LOCK", tmp_path / "lock")
    with alone.alone():
        with pytest.raises(HostError, match="another"), alone.alone():
            pass
        assert (tmp_path / "lock").exists()
    assert not (tmp_path / "lock").exists()
    (tmp_path / "lock").write_text("left by one that was killed")
    with alone.alone():
        pass
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"), alone.alone():
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_it_wants_root_and_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.os, "geteuid", lambda: 0)
    monkeypatch.setattr(containers, "present", lambda _: False)
    assert answer("watch").code == 3
    monkeypatch.setattr(serving.os, "geteuid", lambda: 1000)
    assert "root" in answer("watch").err


def test_the_mark_is_in_the_script_and_nowhere_else() -> None:
    plain, marked = (answer("bridge", "br0", "-n", *more).out for more in ((), ("--stay",)))
    assert set(marked.splitlines()) - set(plain.splitlines()) > {"  stays", "# Made by: bridgekit bridge br0 --stay"}
    assert "\nPLAN='bridgekit bridge br0'\n" in marked
    assert answer("learn", "mesh", "--stay").code == 2
    assert "\nstays()" not in plain
    assert "\nstays()" in marked
    assert wanted.STAY == "stay"
