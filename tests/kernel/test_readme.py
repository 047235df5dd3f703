"""The READMEs: every command in them runs, and prints what they show."""

from __future__ import annotations

import re

import pytest

from tests.kernel.world import ROOT, in_throwaway_host
from tests.readme import blocks, matches, outputs

README, CHINESE = (ROOT / name for name in ("README.md", "README.zh.md"))


@pytest.mark.kernel
def test_console_blocks_print_what_is_shown() -> None:
    session = [pair for block in blocks(README.read_text("utf-8")) for pair in block]
    assert len(session) > 20
    printed = outputs([command for command, _ in session])
    wrong = [
        f"$ {command}\n--- shown\n{shown}--- printed\n{found}"
        for (command, shown), found in zip(session, printed, strict=True)
        if not matches(shown, found)
    ]
    assert not wrong, "\n".join(wrong)


@in_throwaway_host()
def test_python_blocks_run() -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    assert examples
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})


def test_chinese_readme_is_in_step() -> None:
    english, chinese = README.read_text("utf-8"), CHINESE.read_text("utf-8")
    for fence in ("console", "python"):
        pattern = re.compile(rf"```{fence}\n(.*?)```", re.S)
        assert pattern.findall(english) == pattern.findall(chinese)
    for shape in (r"^#+ ", r"^\|", r"^```"):
        counts = [len(re.findall(shape, text, re.M)) for text in (english, chinese)]
        assert counts[0] == counts[1], shape


def test_every_command_is_documented() -> None:
    from typer.main import get_command

    from bridgekit.cli import application

    text = README.read_text("utf-8")
    names = get_command(application([])).commands  # type: ignore[attr-defined]  # a group has them
    missing = [name for name in names if f"`{name}" not in text and f"bridgekit {name}" not in text]
    assert not missing
