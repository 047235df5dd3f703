"""What the command says, wherever it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit.cli.trees import drawn, table
from bridgekit.streams import Output, one_line

ROOT = Path(__file__).resolve().parents[1]
ATTACH = "attach web 10.0.0.2/24 --dry-run --lang zh"


def said(line: str, **given: str) -> subprocess.CompletedProcess[bytes]:
    """What a line of a shell gives, in which `bridgekit` is ours."""
    shell = f'bridgekit() {{ "{sys.executable}" -m bridgekit "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", shell], cwd=ROOT, env=os.environ | given, capture_output=True)


@pytest.mark.parametrize("way", [">&-", ">/dev/full"])
@pytest.mark.parametrize("command", ["recipes", ATTACH, "attach web 10.0.0.2/24 --json", "--version", "attach --help"])
def test_an_output_that_takes_nothing(command: str, way: str) -> None:
    done = said(f"bridgekit {command} {way}")
    assert done.returncode == 1, done
    words = "无法写出输出：" if "zh" in command else "cannot write the output: "
    assert done.stderr.decode().startswith(f"bridgekit: {words}"), done
    assert done.stderr.count(b"\n") == 1, done


def test_a_reader_that_hung_up_is_told_nothing() -> None:
    done = said(f"bridgekit {ATTACH} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("way", ["2>&-", "2>/dev/full", ">&- 2>&- <&-"])
def test_a_refusal_that_nobody_hears(way: str) -> None:
    assert said(f"bridgekit undo a/b {way}").returncode == 2


@pytest.mark.parametrize("way", ["<&-", "2>&-"])
def test_streams_that_are_not_needed(way: str) -> None:
    assert said(f"bridgekit {ATTACH} {way}").stdout == said(f"bridgekit {ATTACH}").stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
@pytest.mark.parametrize("command", [ATTACH, "explain-option --icc=false --lang zh --json"])
def test_a_script_and_data_are_the_same_bytes_everywhere(command: str, encoding: str) -> None:
    usual, other = said(f"bridgekit {command}"), said(f"bridgekit {command}", PYTHONIOENCODING=encoding)
    assert (other.returncode, other.stdout, other.stderr) == (0, usual.stdout, b"")


def test_what_an_encoding_has_no_letters_for_is_escaped() -> None:
    done = said("bridgekit explain-option --icc=false --lang zh", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u" in done.stdout


def test_what_a_terminal_would_obey_is_escaped(tmp_path: Path) -> None:
    with Output((tmp_path / "said").open("wb"), "utf-8", "backslashreplace") as output:
        print("a\x1b[31m\x9b31m\r\x7f\udcff 网\tb", file=output)
        output.sign("\x1b[0m")
    assert (tmp_path / "said").read_text("utf-8") == "a\\x1b[31m\\x9b31m\\x0d\\x7f\\udcff 网\tb\n\x1b[0m"


def test_a_name_stays_within_its_line() -> None:
    assert one_line("a\nb\tc\x1b") == "a\\nb\\tc\\x1b"
    assert drawn([("names", [("a\nb", ())])]) == "names\n└─ a\\nb"
    assert table([("A", "B"), ("a\nb", "c")]) == "A     B\na\\nb  c"


def test_a_tree_is_drawn_with_what_letters_there_are() -> None:
    done = said("bridgekit show", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done
    assert b"\n`- " in done.stdout
    assert b"\\u" not in done.stdout
