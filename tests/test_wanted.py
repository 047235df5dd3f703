"""What shall be there: by labels, by a file, by the runs that are marked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bridgekit import journal
from bridgekit.cli.found import completed
from bridgekit.errors import HostError, InputError
from bridgekit.facts.containers import Container
from bridgekit.names import guest
from bridgekit.watching import wanted
from bridgekit.watching.serving import read
from bridgekit.watching.wanted import Wanted, of_file, of_labels, of_runs
from tests.test_cli import answer

ID = "198a2e3e62badbac35dd79bacfd161d1c7ae6e9e59f4cd01c564020a83d009fa"
WEB = Container("docker", ID, "web", 42, "2026-01-01T00:00:00.5Z", {})
POD = Container("podman", ID[::-1], "pod", 43, "2026-01-01T00:00:00.5Z", {})


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(journal, "STATE", tmp_path)
    return tmp_path


def labelled(container: Container = WEB, **labels: str) -> list[Wanted]:
    """What labels want; `__` in a name is a `.`."""
    named = {f"bridgekit.{key.replace('__', '.')}": text for key, text in labels.items()}
    return of_labels(replace(container, labels=named), completed)


# Labels


def test_a_label_is_a_recipe_for_its_own_container() -> None:
    (one,) = labelled(attach="10.0.0.2/24 --bridge br1 --gateway=10.0.0.1")
    assert one.plan is not None
    assert one.plan.command == "bridgekit attach web 10.0.0.2/24 --bridge br1 --gateway 10.0.0.1"
    assert (one.source, one.name, one.is_for(WEB), one.is_for(POD)) == (
        "bridgekit.attach",
        "attach-web-eth0",
        True,
        False,
    )
    (one,) = labelled(POD, publish="8080:80 8443:443")
    assert one.plan is not None
    assert one.plan.command == "bridgekit publish podman:pod 8080:80 8443:443"
    (one,) = labelled(attach="'10.0.0.2/24' --interface \"eth1\"")
    assert one.name == "attach-web-eth1"


def test_labels_are_taken_in_the_order_of_their_numbers() -> None:
    many = {f"attach__{number}": f"10.0.0.{number}/24 --interface eth{number}" for number in (10, 9, 2)}
    found = labelled(publish__3="80", attach="10.0.0.1/24", **many)
    assert [each.source.partition(".")[2] for each in found] == [
        "attach",
        "attach.2",
        "publish.3",
        "attach.9",
        "attach.10",
    ]


def test_other_labels_are_nothing_to_us() -> None:
    assert (
        of_labels(
            replace(WEB, labels={"com.docker.compose": "x", "bridgekit": "y", "xbridgekit.attach": "z"}), completed
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("br1 10.0.0.2/24@10.0.0.1", "br1 web 10.0.0.2/24@10.0.0.1"),
        ("br1 -i eth2 10.0.0.2/24", "br1 web -i eth2 10.0.0.2/24"),
        ("--direct-phys em1 dhcp", "--direct-phys em1 web dhcp"),
        ("-i eth2 br1 dhcp", "-i eth2 br1 web dhcp"),
        ("", "web"),
    ],
)
def test_pipeworks_words_get_their_guest(text: str, whole: str) -> None:
    assert wanted.after_first(text.split(), "web") == whole.split()


BAD_LABELS = [
    ("attach", ""),
    ("attach", "10.0.0.2"),
    ("attach", "10.0.0.2/24; touch x"),
    ("attach", "10.0.0.2/24 && id"),
    ("attach", "$(id)"),
    ("attach", "10.0.0.2/24 --bridge $(id)"),
    ("attach", "10.0.0.2/24 --bridge `id`"),
    ("attach", "10.0.0.2/24 | sh"),
    ("attach", "10.0.0.2/24 > /etc/passwd"),
    ("attach", "10.0.0.2/24\nid"),
    ("attach", "10.0.0.2/24 'open"),
    ("attach", "10.0.0.2/24 \\"),
    ("attach", "10.0.0.2/24 --netns ../../etc"),
    ("attach", "10.0.0.2/24 \x1b]0;x\x07"),
    ("attach", "web 10.0.0.2/24"),
    ("attach", "db 10.0.0.2/24"),
    ("attach", "--guest db 10.0.0.2/24"),
    *(("attach", f"10.0.0.2/24 {option}") for option in ("--output x", "-o x", "--name x", "--yes", "--json", "-n")),
    *(
        ("attach", f"10.0.0.2/24 {option}")
        for option in ("--stay", "--replace", "--sandbox", "--style plain", "--lang zh")
    ),
    ("p2p", "10.1.1.1 db 10.1.1.2"),
    ("link", "db --port 80"),
    ("wire", "--link db:db:80"),
    ("outbound", "10.0.0.0/24"),
    ("bridge", "br1"),
    ("cleanup", ""),
    ("install", "--distro debian"),
    ("undo", "--all"),
    ("learn", "mesh"),
    ("watch", ""),
    ("Attach", "10.0.0.2/24"),
    ("attach__x", "10.0.0.2/24"),
    ("attach__1__2", "10.0.0.2/24"),
    ("attach__-1", "10.0.0.2/24"),
    ("", "x"),
    ("__import__", "os"),
]


@pytest.mark.parametrize(("key", "text"), BAD_LABELS)
def test_what_is_no_such_label_is_refused(key: str, text: str) -> None:
    (one,) = labelled(**{key: text})
    assert one.plan is None
    assert isinstance(one.error, InputError)
    assert one.error.hint
    assert one.source == f"bridgekit.{key.replace('__', '.')}"


def test_one_bad_label_hides_no_other() -> None:
    assert [bool(each.error) for each in labelled(attach="x", publish="80")] == [True, False]


# A file

FILE = """\
# what is there
bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1   # the shop

publish web '8080:80' --stay
outbound 10.0.0.0/24 --yes
p2p web 10.1.1.1 podman:pod 10.1.1.2
"""


def test_a_file_of_command_lines() -> None:
    found = of_file(FILE, "runs", completed)
    assert [(each.source, each.name) for each in found] == [
        ("runs:2", "attach-web-eth0"),
        ("runs:4", "publish-web-8080-80"),
        ("runs:5", "outbound-10.0.0.0-24"),
        ("runs:6", "p2p-web-podman-pod"),
    ]
    assert [each.is_for(WEB) for each in found] == [True, True, False, True]
    assert [each.is_for(POD) for each in found] == [False, False, False, True]
    assert [list(map(str, each.guests)) for each in found[2:]] == [[], ["web", "podman:pod"]]


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf /",
        "bridgekit",
        "bridgekit undo --all",
        "bridgekit learn mesh",
        "sudo bridgekit attach web 10.0.0.2/24",
        "attach web",
        "attach web 10.0.0.2/24 -o /etc/passwd",
        "attach web 10.0.0.2/24 --name x",
        "attach web 10.0.0.2/24; id",
        "attach 'web 10.0.0.2/24",
        "attach web 10.0.0.2/24 $(id)",
    ],
)
def test_a_line_that_is_no_recipe_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    if line == "bridgekit":
        assert of_file(line, "x", completed) == []
        return
    (one,) = of_file(f"\n{line}\n", "x", completed)
    assert (one.source, one.plan, type(one.error)) == ("x:2", None, InputError)
    path = tmp_path / "runs"
    path.write_text(f"\n{line}\n")
    given = answer("watch", str(path))
    assert given.code == 2
    assert given.err.startswith("bridgekit: runs:2: ")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    os.mkfifo(tmp_path / "pipe")  # nobody may ever write to it, and it could not be read again
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(10**7)
    said = {"odd": "cannot read", "": "cannot read", "nowhere": "cannot read", "endless": "more than 1048576 bytes"}
    for name, why in (said | dict.fromkeys(("pipe", "/dev/zero"), "not a regular file")).items():
        given = answer("watch", str(tmp_path / name))
        assert (given.code, given.out) == (2, "")
        assert why in given.err


def test_a_byte_order_mark_is_no_word(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("\ufeffattach web 10.0.0.2/24\n", "utf-8")
    (one,) = read(tmp_path / "runs", completed)
    assert one.name == "attach-web-eth0"


# Runs


def note(folder: Path, name: str, command: str, more: str = "") -> None:
    told = (
        "started",
        "1",
        "4026",
        "attach",
        "1",
        "-",
        "2026-01-01T00:00:00.000Z",
        command,
        command.replace(" --stay", ""),
    )
    (folder / name).write_text("\t".join(told) + f"\n{more}finished\tnow\n")


def test_the_runs_that_are_marked(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal.Run, "elsewhere", property(lambda run: run.name == "other-host"))
    note(state, "attach-web-eth0", "bridgekit attach web 10.0.0.2/24 --stay")
    note(state, "later", "bridgekit attach web 10.0.0.3/24 --interface eth1", "stays\n")
    note(state, "gone", "bridgekit publish web 8080:80", "away\n")
    note(state, "plain", "bridgekit bridge br0")
    note(state, "other-host", "bridgekit bridge br1", "stays\n")
    note(state, "odd", "-", "stays\n")
    found = {each.name: each for each in of_runs()}
    assert set(found) == {"attach-web-eth0", "later", "gone", "odd"}
    assert found["attach-web-eth0"].is_for(WEB)
    assert isinstance(found["odd"].error, HostError)
    assert [run.name for run in journal.runs() if run.stays] == ["attach-web-eth0", "later", "odd", "other-host"]
    assert [run.name for run in journal.runs() if run.away] == ["gone"]


@pytest.mark.parametrize(
    ("text", "called"),
    [("web", True), (ID, True), (ID[:12], True), (ID[:4], True), (ID[:3], False), ("we", False), ("podman:web", False)],
)
def test_a_container_by_its_name_or_its_id(text: str, called: bool) -> None:
    assert WEB.is_called(guest(text)) is called
