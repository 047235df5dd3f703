"""The rendered scripts: byte for byte, clean, deterministic, and the documents' own commands in order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

from bridgekit import lessons, render
from bridgekit.render import vocabulary
from tests.golden import EXAMPLES, EXAMPLES_HERE, GOLDEN, HERE, rendered
from tests.pictures import FOLDER as PICTURES, FORMATS, SCENES, file
from tests.plans import PLANS

ROOT = Path(__file__).resolve().parents[1]
WALK = "learn docker-by-hand --dry-run --style plain --dialect document"
SHELL = sorted(
    [
        *HERE.glob("*.plain*.sh"),
        HERE / "forwarding.document.script.zh.sh",
        *EXAMPLES_HERE.glob("*.sh"),
        *(ROOT / "templates/sandbox").glob("*.sh"),
    ]
    + [ROOT / "scripts" / name for name in ("prepare", "quickstart", "test", "lint")]
    + [ROOT / ".ci/run"]
)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    assert rendered(GOLDEN[name]) == (HERE / name).read_text("utf-8"), "python -m tests.golden, and read the diff"


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_current_and_executable(name: str) -> None:
    path = EXAMPLES_HERE / name
    assert rendered(EXAMPLES[name]) == path.read_text("utf-8"), "python -m tests.golden, and read the diff"
    assert os.access(path, os.X_OK)


def test_no_file_is_left_over() -> None:
    assert {path.name for path in HERE.iterdir() if path.suffix in (".sh", ".json")} == set(GOLDEN)
    assert {path.name for path in EXAMPLES_HERE.iterdir() if path.is_file()} == set(EXAMPLES)
    pictures = {file(scene, form).name for scene in SCENES for form in FORMATS}
    assert {path.name for path in PICTURES.iterdir()} == {*pictures, "internet.sh"}


@pytest.mark.slow
def test_shellcheck_is_silent() -> None:
    done = subprocess.run(["shellcheck", *map(str, SHELL)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


_WORD = re.compile(r"^\w+\(\) +\{(?:.*\}$|.*\n(?:(?!\}).*\n)*\}$)(?:\nexport -f \w+$)?", re.M)


_PLAIN_WORDS = re.compile(r"(?<![$\w{])[\w.,:/@%+=-]+(?: [\w.,:/@%+=-]+)*")


def _form(step: str) -> str:
    """A step without what no shell could take for code: its words' letters, but for the first two of a line."""
    lines = (re.fullmatch(r"( *\S* \S*)(.*)", line) or [line, line, ""] for line in step.splitlines())
    return "\n".join(line[1] + _PLAIN_WORDS.sub("w", line[2]) for line in lines)


def of_all_plans() -> str:
    """One script with the heads, steps and words of all plans' scripts, each form once, and the machinery of all."""
    heads: dict[str, None] = {}
    steps: dict[str, str] = {}
    words: dict[str, None] = {}
    for make, dialect in zip(PLANS.values(), cycle(["modern", "document"])):
        head, rest = str(render.script(make(), dialect)).split("<<'STEPS' ", 1)
        body, rest = rest.split("\nSTEPS\n\n{ # ---- ", 1)
        machinery, rest = rest.split("\n# ---- ", 1)
        phrases, _, rest = rest.partition("\n\n")
        heads |= dict.fromkeys(head.splitlines())
        own = (re.sub(r"^step \d+", "step 1", each) for each in body.split("\n\n")[1:])
        steps |= {_form(each): each for each in own}
        words |= dict.fromkeys(_WORD.findall(rest))
    start = 'main "${1:-up}" "${2:-}"; }\n'
    machinery = machinery.replace('steps() { eval "$steps"; }', "\n".join(["steps() {", *steps.values(), "}"]))
    return "\n".join([*heads, f"{{ # {machinery}", f"# {phrases}", *words, start])


@pytest.mark.slow
def test_shellcheck_is_silent_for_every_plans_script(tmp_path: Path) -> None:
    """What all share stands there once.  A word of several forms has each, of which only the last is called."""
    (tmp_path / "all.sh").write_text(of_all_plans(), "utf-8")
    done = subprocess.run(
        ["shellcheck", "--exclude=SC2317,SC2329", "all.sh"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_shellcheck_is_silent_for_every_plan_in_plain_style(tmp_path: Path) -> None:
    for (name, make), dialect in zip(PLANS.items(), cycle(["modern", "document"])):
        (tmp_path / name).write_text(render.text(make(), "plain", dialect), "utf-8")
    done = subprocess.run(["shellcheck", *PLANS], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_script_that_is_no_batch_has_none_of_a_batchs_words() -> None:
    """A name may stand in a script for something else: root would read what is never run."""
    words = {word for name in ("batch", "lists") for word in vocabulary._functions(name) if word}
    for path in sorted((ROOT / "tests/golden").glob("*.script.*.sh")):
        found = set(re.findall(r"^(\w+)\(\)", path.read_text("utf-8"), re.M))
        assert not words & found, path.name


def test_every_return_says_what_it_returns() -> None:
    """A bare one returns, wherever a trap is at work, what was true before the trap: a roll-back misses half."""
    bare = re.compile(r'\breturn\b(?! "?[$0-9])')
    for path in (ROOT / "templates/shell").iterdir():
        assert [line for line in path.read_text("utf-8").splitlines() if bare.search(line)] == [], path.name


@pytest.mark.slow
def test_same_input_same_bytes_in_another_process() -> None:
    """Whatever order a set has there."""
    code = "from tests.golden import GOLDEN, rendered; print(*map(rendered, GOLDEN.values()), sep='', end='')"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=-1, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert texts == {"".join(map(rendered, GOLDEN.values())).encode()}


def test_a_dry_run_prints_the_script_and_nothing_else() -> None:
    """In a process of its own, and the same that the library gives."""
    done = subprocess.run(
        [sys.executable, "-m", "bridgekit", *WALK.split()],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == render.text(lessons.docker_by_hand(), "plain", "document")
