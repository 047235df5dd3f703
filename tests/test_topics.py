"""`bridgekit help`, and what its pages must name."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from bridgekit.cli.pages import laid_out
from bridgekit.cli.topics import TOPICS
from bridgekit.lessons import LESSONS
from bridgekit.recipes import RECIPES
from tests.golden import answer, rendered
from tests.readme import ROOT, pages

LANGUAGES = ("en", "zh")


def text(language: str, topic: str) -> str:
    return pages(language)[topic].read_text("utf-8")


def rows(page: str) -> list[str]:
    """The first cells of a page's tables."""
    return re.findall(r"^\| (.*?) \|", page, re.M)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_topic_is_there_with_a_sentence(language: str) -> None:
    folder = ROOT / "templates" / "help" / language
    assert sorted(path.stem for path in folder.iterdir()) == sorted(TOPICS)
    listed = rendered(f"help --lang {language}")
    for topic in TOPICS:
        page = rendered(f"help {topic} --lang {language}")
        assert page == text(language, topic)
        assert re.match(r"# .+\n\n[^#`|\n].+[.。]\n\n", page) or page.startswith("# "), topic
        assert f"- `{topic}`: {page.splitlines()[2]}\n" in listed


def test_the_locale_chooses_the_language() -> None:
    assert answer("help", "limits", locale="zh_CN.UTF-8").out == text("zh", "limits")
    assert answer("help", "limits", locale="en_GB.UTF-8").out == text("en", "limits")


@pytest.mark.parametrize("command", ["attach", "undo", "show peers", "learn mesh", "learn"])
def test_of_a_command_it_is_what_its_help_is(command: str) -> None:
    told = rendered(f"{command} --help").replace("python -m pytest.bridgekit", "bridgekit")
    assert rendered(f"help {command}") == told


def test_what_is_not_there_is_refused_with_what_is_near() -> None:
    code, out, err = answer("help", "dokcer")
    assert (code, out) == (2, "")
    assert "'dokcer'" in err
    assert "did you mean docker?" in err
    assert all(topic in err for topic in TOPICS)
    assert answer("help", "atach").err.count("did you mean attach?") == 1
    assert answer("help", "qqqq").code == 2
    assert answer("help", "limits", "--lang", "fr").code == 2


def on_a_terminal(*argv: str, columns: int = 80, code: int | None = 0, **variables: str) -> str:
    """What `bridgekit ARGV` writes to a terminal of that width, ending with that code."""
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8", "PAGER": "cat", **variables}
    words = [sys.executable, "-m", "bridgekit", *argv]
    with subprocess.Popen(words, stdin=below, stdout=below, stderr=below, env=env, cwd=ROOT) as process:
        os.close(below)
        written = b""
        while part := _read(above):
            written += part
    os.close(above)
    assert code in (None, process.returncode), written
    return written.decode("utf-8").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # where the other side is closed
        return b""


def bare(written: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", written)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_at_a_narrow_terminal_nothing_is_cut_off(topic: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("TERM", "xterm")
    written = laid_out(text(language, topic), 80)
    assert "\x1b[" in written
    lines = bare(written).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert "…" not in "".join(lines)
    assert not [line for line in lines if line.startswith(("```", "#"))]


def test_a_wide_terminal_is_not_filled() -> None:
    assert max(map(len, bare(on_a_terminal("help", "limits", columns=200)).splitlines())) == 100
    assert max(map(len, bare(on_a_terminal("help", columns=200)).splitlines())) <= 100


# The narrowest terminal that has room for it, and the exit code.
SAID_ON_A_TERMINAL = {
    "-h": (40, 0),
    "attach -h": (50, 0),
    "lab up -h": (50, 0),
    "learn": (60, 0),
    "recipes": (40, 0),
    "doctor": (80, None),
    "explain-option --icc=false": (64, 0),
    "publish web 80:80:80:80": (40, 2),
}


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("typed", SAID_ON_A_TERMINAL)
def test_lines_end_at_the_end_of_a_word(typed: str, locale: str) -> None:
    """No terminal has to break one, of whatever width it is; a wide one is not filled."""
    from rich.cells import cell_len

    narrowest, code = SAID_ON_A_TERMINAL[typed]
    for columns in (narrowest, 200):
        told = bare(on_a_terminal(*typed.split(), columns=columns, code=code, LC_ALL=locale))
        lines = re.split("Examples:|示例：", told)[0].splitlines()
        wide = [line for line in lines if cell_len(line) > min(columns, 100)]
        assert not [line for line in wide if " " in line.strip() or not line.isascii()]


def test_the_pager_gets_the_page(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged\nexec cat\n")
    pager.chmod(0o755)
    assert on_a_terminal("help", "limits", PAGER=str(pager)).startswith("paged\n")
    for without in ({"TERM": "dumb"}, {"PAGER": "/no/such/pager", "PATH": "/nowhere"}):
        assert bare(on_a_terminal("help", "limits", **without)).strip().startswith("Limits")


@pytest.mark.parametrize(
    "variables",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "TERM": ""}],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_terminal_there_is_a_page(variables: dict[str, str], language: str) -> None:
    written = on_a_terminal("help", "looking", "--lang", language, **variables)
    assert "bridgekit sandbox" in bare(written)
    assert "Traceback" not in written
    if {"NO_COLOR", "TERM"} & {*variables}:
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]", written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_name_all_there_is(language: str) -> None:
    named = {re.match(r"`([\w-]+)", cell)[1] for cell in rows(text(language, "recipes")) if cell.startswith("`")}  # type: ignore[index]
    assert set(RECIPES) <= named
    keys = set(re.findall(r"`(\w+)`", " ".join(rows(text(language, "json")))))
    assert set(json.loads(rendered("bridge br7 --json"))) <= keys
    lessons, readme = text(language, "lessons"), text(language, "README")
    assert all(re.search(rf"^{name} ", lessons, re.M) for name in LESSONS)
    assert re.findall(r"\b(\d\d) (?:recipes|个配方)", readme) == [str(len(RECIPES))]
    assert re.findall(r"\b(\d\d) (?:lessons|节课)", readme) == [str(len(LESSONS))]
    assert [cell for cell in rows(readme) if cell.startswith("[")] == [
        f"[{topic}](templates/help/{language}/{topic}.md)" for topic in TOPICS
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_readme_is_short_and_its_links_lead_somewhere(language: str) -> None:
    readme = text(language, "README")
    assert len(readme.splitlines()) <= 170
    headings = {re.sub(r"[^\w-]", "", each.lower().replace(" ", "-")) for each in re.findall(r"^#+ (.*)", readme, re.M)}
    for link in re.findall(r"\]\((.*?)\)", readme):
        assert link[1:] in headings if link.startswith("#") else (ROOT / link).is_file(), link


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_documented(language: str) -> None:
    from typer.main import get_command

    from bridgekit.cli import application

    told = "\n".join(path.read_text("utf-8") for path in pages(language).values())
    names = get_command(application([])).commands  # type: ignore[attr-defined]  # a group has them
    assert not [name for name in names if f"`{name}" not in told and f"bridgekit {name}" not in told]


def test_a_dry_run_loads_none_of_it() -> None:
    code = "import sys; from bridgekit.cli import application; application(['attach']); print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "False\n", done.stderr
