"""However the script's text gets to bash and its words leave it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from bridgekit import journal, recipes, render, run
from tests.kernel import measure, trial
from tests.kernel.cases import (
    ALIKE,
    CASES,
    DB,
    DIALECTS,
    GATEWAY,
    GUESTS,
    IDS,
    SETTING,
    SUBNET,
    WEB,
    in_the_host,
    written,
)
from tests.kernel.world import ROOT, in_throwaway_host, shell

# Plain text has no guards: it is for a host where nothing of it is there, and these begin with some of it.
NOT_PLAIN = (
    "vrf-6",
    "own-bridge",
    "own-bridge-after-another",
    "dns-netns",
    "dns-netns-there",
    "wire-old",
    "attach-whole-4",
    "attach-whole-6",
)
NOT_PLAIN += ("route-add-4", "route-replace-6", "tc-add", "dhcp-dhclient-4", "lab")
both_dialects = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.mark.parametrize("case", [case for case in CASES if case not in ALIKE])
@in_throwaway_host(*GUESTS, ids=IDS)
def test_dialects_and_styles_end_alike(case: str) -> None:
    shell(SETTING.get(case, ""))
    measure.name_guests()
    others = DIALECTS if list(CASES).index(case) % 2 else DIALECTS[::-1]
    plain = () if case in NOT_PLAIN else ((others[1], "plain"),)  # comes last: nothing takes it back
    path, ends, before = Path("/run/styled.sh"), [], measure.state()
    for dialect, style in (*product(DIALECTS, ["script"]), (others[0], "batch"), *plain):
        path.write_text(render.text(CASES[case](), style, dialect))
        result = trial.ended(trial.start("bash", "-e", str(path)))
        assert result.code == 0, result
        ends.append(measure.network())
        if style != "plain":
            assert trial.bash(path, "down").code == 0
            measure.same(before, measure.state(), (case, dialect, style))
    assert len(ends[0]) > 20
    for end in ends[1:]:
        measure.same(ends[0], end, case)


@both_dialects
@in_the_host
def test_what_was_read_is_what_runs(dialect: str) -> None:
    words = [sys.executable, "-m", "bridgekit", "attach", "web", WEB[4], "--dialect", dialect]
    read = subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True, check=True).stdout
    digest = hashlib.sha256(read).hexdigest()
    script = render.script(recipes.attach("web", WEB[4]), dialect)
    run.run(script, listen=lambda _: None)
    by_us = [each.sha256 for each in journal.runs()]
    run.run(script, "down", listen=lambda _: None)
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    by_command = [each.sha256 for each in journal.runs()]
    run.run(script, "down", listen=lambda _: None)
    file = Path("/run/read.sh")
    file.write_bytes(read)
    shell(f"bash {file}")
    by_bash = [each.sha256 for each in journal.runs()]
    assert by_command == by_bash == [digest]
    assert by_us == [script.sha256]


@both_dialects
@pytest.mark.parametrize("way", ["bash -s <{}", "cat {} | bash", "bash -s up <{}"])
@in_the_host
def test_a_script_by_standard_input(way: str, dialect: str) -> None:
    script = written(CASES["attach-bind-4"](), dialect)
    before = measure.state()
    shell(way.format(script))
    assert measure.state() != before
    shell(f"bash -s down <{script}")
    measure.same(before, measure.state(), way)


@pytest.mark.parametrize(
    ("case", "dialect"),
    [("bridge-4", "document"), ("attach-bind-4", "modern")],
)
@in_the_host
def test_a_truncated_script_leaves_nothing(case: str, dialect: str) -> None:
    script = render.script(CASES[case]().without_probes(), dialect)
    measure.name_guests()
    before = measure.state()
    whole, at = str(script), len(script.prelude)
    cuts = [at]
    for piece in script.pieces:
        at += len(piece.body)
        # After the step, and after its last line but one: its undo is written down, its command is missing.
        cuts += [at - len(piece.body.rstrip().splitlines()[-1]) - 2, at]
    for cut in cuts:
        done = subprocess.run(["bash"], input=whole[:cut], capture_output=True, text=True)
        measure.same(before, measure.state(), (whole[:cut][-60:], done))
        assert done.returncode == 2, done


@both_dialects
@pytest.mark.parametrize("mode", ["up", "down"])
@in_the_host
def test_standard_output_closed_early(mode: str, dialect: str) -> None:
    script = written(recipes.attach("web", WEB[4], gateway=GATEWAY[4]), dialect)
    other = written(recipes.attach("db", DB[4], gateway=GATEWAY[4]), dialect)
    before = measure.state()
    if mode == "down":
        shell(f"bash {script}; bash {other}")
    # A reader that is gone before the first word.
    shell(f"set -o pipefail; bash {script} {mode} | true; : | bash {script} {mode} | head -1", check=False)
    if mode == "down":
        shell(f"bash {other} down")
    measure.same(before, measure.state(), mode)


@pytest.mark.parametrize("way", ["2>&1 | head -1", "2>&1 | true"])
@in_the_host
def test_both_outputs_closed_early(way: str) -> None:
    script = written(recipes.attach("web", WEB[4], gateway=GATEWAY[4]))
    before = measure.state()
    # 3, if it hears of it before it touched anything.
    assert shell(f"bash {script} up {way} >/dev/null; echo ${{PIPESTATUS[0]}}").stdout in ("1\n", "3\n")
    measure.same(before, measure.state(), way)


# What is wrong with the command's output; each makes no difference to what is done, or all is taken back.
OUTPUTS = {
    "closed": (">&-", 1),
    "full": (">/dev/full", 1),
    "hung up": ("| true", 1),
    "both full": (">/dev/full 2>&1", 1),
    "no input": ("<&-", 0),
    "none at all": ("<&- >&- 2>&-", 1),
}


@pytest.mark.parametrize("how", ["", "--step"])
@pytest.mark.parametrize("output", OUTPUTS)
@in_the_host
def test_a_command_without_an_output(output: str, how: str) -> None:
    way, code = OUTPUTS[output]
    before = measure.state()
    command = f"{sys.executable} -m bridgekit mesh br0 10.0.0.0/24 --count {3 if how else 9} {how} --yes {way}"
    done = shell(f"cd {ROOT}; {command}; exit ${{PIPESTATUS[0]}}", check=False)
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert done.stderr or not way.startswith(">") or "2>" in way
    shell("bridgekit undo --all" if not code else "")
    measure.same(before, measure.state(), output)


@pytest.mark.parametrize("way", [">&-", ">/dev/full", "| true"])
@in_the_host
def test_an_undo_that_nobody_hears_is_done(way: str) -> None:
    before = measure.state()
    shell("bridgekit bridge br7 --yes; bridgekit bridge br8 --yes")
    done = shell(f"bridgekit undo --all {way}; exit ${{PIPESTATUS[0]}}", check=False)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    measure.same(before, measure.state(), way)


@in_the_host
def test_an_output_that_knows_no_chinese() -> None:
    words = [sys.executable, "-m", "bridgekit", "mesh", "br0", "10.0.0.0/24", "--count", "4", "--yes", "--lang", "zh"]
    given = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, cwd=ROOT, env=given, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert done.stdout.startswith(b"ok 1/")


@both_dialects
@in_the_host
def test_two_scripts_at_once(dialect: str) -> None:
    plans = (
        recipes.attach("web", WEB[4], gateway=GATEWAY[4]),
        recipes.attach("db", DB[4], gateway=GATEWAY[4]),
        recipes.outbound(SUBNET[4]),
    )
    scripts = [written(plan, dialect) for plan in plans]
    measure.name_guests()
    before = measure.state()
    for mode in ("up", "down"):
        both = [subprocess.Popen(["bash", str(each), mode], stdout=subprocess.DEVNULL) for each in scripts]
        assert [each.wait(60) for each in both] == [0, 0, 0]
    measure.same(before, measure.state(), "by three at once")


@pytest.mark.parametrize("family", [4, 6])
def test_the_tables_are_always_waited_for(family: int) -> None:
    text = str(render.script(recipes.outbound(SUBNET[family]), "document"))
    assert 'tables -w "$@"' in text
