"""Teaching, driven through a real terminal."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSON = [sys.executable, "-m", "bridgekit", "learn", "docker-by-hand", "--lang", "en"]
pytestmark = pytest.mark.kernel


class Terminal:
    """A tmux server of its own with one wide window."""

    def __init__(self, *command: str) -> None:
        self._socket = f"bridgekit-{uuid.uuid4().hex[:8]}"
        shown = " ".join(command) + "; echo the-end=$?; exec cat"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "400", "-c", str(ROOT), shown)

    def _tmux(self, *words: str) -> str:
        return subprocess.run(["tmux", "-L", self._socket, *words], capture_output=True, text=True, check=True).stdout

    def type(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """All that is shown."""
        return self._tmux("capture-pane", "-p", "-J")

    def wait(self, text: str, times: int = 1, seconds: float = 30) -> str:
        """Wait until a text is shown so many times."""
        deadline = time.monotonic() + seconds
        while (shown := self.screen()).count(text) < times:
            assert time.monotonic() < deadline, f"{text!r} x {times} not in:\n{shown}"
            time.sleep(0.05)
        return shown

    def close(self) -> None:
        """End the server and what runs in it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    window = Terminal(*LESSON)
    yield window
    window.close()


def prompts(window: Terminal, count: int) -> str:
    """Wait for the prompt of the n-th question."""
    return window.wait("[?] more >", count)


def test_enter_runs_a_step_and_shows_what_changed(terminal: Terminal) -> None:
    shown = prompts(terminal, 1)
    assert "1/34  Start container 6414d7278905" in shown
    assert "$ docker run -d -t -i --net=none" in shown
    terminal.type("Enter")
    prompts(terminal, 2)
    terminal.type("y")
    terminal.type("Enter")
    shown = prompts(terminal, 3)
    assert "Right. It works." in shown
    terminal.type("Enter")  # the process id
    assert "pid=" in prompts(terminal, 4)
    terminal.type("y")
    terminal.type("Enter")
    assert "Not so. It fails, as it must. The container has no eth0, only lo." in prompts(terminal, 5)
    terminal.type("Enter")
    assert "+ host netns netns666" in prompts(terminal, 6)


def test_back_skip_more_and_quit(terminal: Terminal) -> None:
    prompts(terminal, 1)
    terminal.type("?", "Enter")
    assert "Docker gives every container namespaces" in prompts(terminal, 2)
    terminal.type("b", "Enter")
    assert "Nothing was done yet." in prompts(terminal, 3)
    terminal.type("Enter")
    prompts(terminal, 4)
    terminal.type("s", "Enter")
    assert "Skipped." in prompts(terminal, 5)
    terminal.type("s", "Enter")
    assert "cannot be skipped" in prompts(terminal, 6)
    terminal.type("b", "Enter")
    shown = prompts(terminal, 7)
    assert "Taken back." in shown
    assert shown.count("1/34  Start container") == 3
    terminal.type("q", "Enter")
    terminal.wait("Take everything back?")
    terminal.type("Enter")
    terminal.wait("the-end=0")


def test_ctrl_c_takes_everything_back(terminal: Terminal) -> None:
    prompts(terminal, 1)
    terminal.type("Enter")
    prompts(terminal, 2)
    terminal.type("C-c")
    shown = terminal.wait("the-end=1")
    assert "taken back" in shown
    assert "Traceback" not in shown


def test_ctrl_c_while_a_piece_runs_takes_that_back_too(tmp_path: Path) -> None:
    slow = tmp_path / "brctl"
    slow.write_text(f'#!/bin/sh\n{shutil.which("brctl")} "$@"; echo brctl-waits >/dev/tty; sleep 600\n')
    slow.chmod(0o755)
    lesson = "bridgekit learn four-steps --dialect document --lang en"
    then = 'ip link show docker0; ls -d /run/bridgekit; exit "$code"'
    inner = f"PATH={tmp_path}:$PATH; {lesson}; code=$?; {then}"
    window = Terminal(sys.executable, "-m", "bridgekit", "sandbox", "--", "bash", "-c", shlex.quote(inner))
    try:
        prompts(window, 1)
        window.type("Enter")
        window.wait("\nbrctl-waits")
        window.type("C-c")
        shown = window.wait("the-end=1")
    finally:
        window.close()
    assert "stopped; what was done is taken back" in shown
    assert 'docker0" does not exist' in shown
    assert "cannot access '/run/bridgekit'" in shown


@pytest.mark.parametrize("typed", ["x", "n", "help", "yesno", "１", "ß"])
def test_an_unknown_key_does_nothing(terminal: Terminal, typed: str) -> None:
    prompts(terminal, 1)
    terminal.type(typed, "Enter")
    shown = prompts(terminal, 2)
    assert "That is none of these keys" in shown
    assert "2/34" not in shown


def test_keys_in_words_and_in_full_width(terminal: Terminal) -> None:
    prompts(terminal, 1)
    terminal.type("？", "Enter")
    assert "Docker gives every container namespaces" in prompts(terminal, 2)
    terminal.type("跳过", "Enter")
    assert "Skipped." in prompts(terminal, 3)
    terminal.type("ｑ", "Enter")
    terminal.wait("Take everything back?")
    terminal.type("maybe", "Enter")
    assert "Taken back." not in terminal.wait("Take everything back?", 2)
    terminal.type("Y", "Enter")
    assert "Taken back." in terminal.wait("the-end=0")


def walk_to_25_without_24(window: Terminal) -> None:
    """Do what comes before probe 25 but step 24."""
    for number in range(1, 26):
        window.wait(f"\n{number}/34  ")
        window.type("s" if number == 24 else "", "Enter")
    window.wait("Step 24 was skipped")


def test_a_probe_that_fails_for_a_skipped_step_leads_back_to_it(terminal: Terminal) -> None:
    walk_to_25_without_24(terminal)
    assert "FAILED 25/34" in terminal.screen()
    terminal.type("x", "Enter")
    terminal.wait("That is none of these keys")
    terminal.type("g", "Enter")
    terminal.wait("\n24/34  ", 2)
    terminal.type("Enter")
    terminal.wait("\n25/34  ", 2)
    terminal.type("y", "Enter")
    terminal.wait("\n26/34  ")
    assert "Right. It works." in terminal.screen()
    terminal.type("q", "Enter")
    terminal.wait("Take everything back?")
    terminal.type("Enter")
    terminal.wait("the-end=0")


def test_a_probe_that_fails_can_be_passed(terminal: Terminal) -> None:
    walk_to_25_without_24(terminal)
    terminal.type("Enter")
    terminal.wait("\n26/34  ")
    terminal.type("Enter")  # it fails for the same reason
    terminal.wait("FAILED 26/34")
    terminal.wait("Step 24 was skipped", 2)
    terminal.type("b", "Enter")
    terminal.wait("\n26/34  ", 2)
    terminal.type("q", "Enter")
    terminal.wait("Take everything back?")
    terminal.type("Enter")
    terminal.wait("the-end=0")


def test_a_step_that_fails_is_no_end(terminal: Terminal) -> None:
    prompts(terminal, 1)
    terminal.type("s", "Enter")  # the container
    prompts(terminal, 2)
    terminal.type("s", "Enter")
    prompts(terminal, 3)
    terminal.type("Enter")  # its process id
    shown = terminal.wait("Step 1 was skipped")
    assert "FAILED 3/34" in shown
    terminal.type("g", "Enter")
    terminal.wait("1/34  Start container", 2)
    terminal.type("Enter")
    terminal.wait("\n2/34  ", 2)
    terminal.type("q", "Enter")
    terminal.wait("Take everything back?")
    terminal.type("Enter")
    terminal.wait("the-end=0")


def test_before_a_run_what_is_neither_yes_nor_no_does_nothing() -> None:
    inner = "env -u BRIDGEKIT_SANDBOX bridgekit bridge br9; code=$?; ip link show br9; exit $code"
    window = Terminal(sys.executable, "-m", "bridgekit", "sandbox", "--", "bash", "-c", shlex.quote(inner))
    try:
        for count, typed in enumerate(("x", "maybe", "ｙ", ""), start=1):
            window.wait("as root on this host?", count)
            window.type(typed, "Enter")
        shown = window.wait("the-end=1")
    finally:
        window.close()
    assert 'br9" does not exist' in shown
