"""What bridgekit itself costs, as ratios taken in one run:  python -m tests.bench

Each limit is what the project promises; the exit code says whether all held.  `mesh [N ...]` after it:
what building and undoing a mesh costs, see mesh.py; `mininet [N]`: the same against mininet, see mininet.py;
`many [RUNS]`: what many runs in force cost, see many.py; `trace [GUESTS]`: what a trace costs, see trace.py;
`lab [N ...]`: what whole labs cost, see lab.py.
"""

from __future__ import annotations

import compileall
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import bridgekit
from bridgekit import lessons, render, sandbox
from bridgekit.run import run
from tests.bench import mininet

PYTHON = sys.executable


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(work: Callable[[], object], base: Callable[[], object], times: int, after: Callable[[], object]) -> float:
    """The median ratio of pairs taken one right after the other, so that a noisy machine disturbs both alike."""
    ratios = []
    for _ in range(times):
        ours = seconds(work)
        after()
        theirs = seconds(base)
        after()
        ratios.append(ours / theirs)
    return median(ratios)


def quiet(*argv: str) -> Callable[[], object]:
    """A command, run without its output."""
    return lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def dry_run() -> float:
    """`attach --dry-run`, a whole process, to the two imports that it cannot do without."""
    compileall.compile_dir(Path(bridgekit.__file__).parent, quiet=1)  # as an installation does
    attach = quiet(str(Path(PYTHON).with_name("bridgekit")), "attach", "web", "10.0.0.2/24", "--dry-run")
    return ratio(attach, quiet(PYTHON, "-c", "import typer, jinja2"), 30, lambda: None)


def running() -> float:
    """The lesson through bridgekit to the same script through bash alone, both in one throw-away host."""
    words = sandbox.command([PYTHON, "-m", "tests.bench", "inside"], ids=("6414d7278905",))
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def inside() -> None:
    """In the throw-away host: print the ratio."""
    script = render.script(lessons.docker_by_hand().without_probes())
    file = Path("/run/lesson.sh")
    file.write_text(str(script), "utf-8")
    alone, down = quiet("bash", str(file)), quiet("bash", str(file), "down")
    print(ratio(lambda: run(script, listen=lambda _: None), alone, 10, down))


def main() -> int:
    """Print each ratio with its limit."""
    held = True
    for name, measure, limit in (
        ("attach --dry-run / python -c 'import typer, jinja2'", dry_run, 1.5),
        ("docker-by-hand, probes off / bash running its script", running, 1.3),
    ):
        value = measure()
        held &= value <= limit
        print(f"{value:5.2f}  (limit {limit})  {name}", flush=True)
    return 0 if held else 1


def table(name: str, *counts: str) -> int:
    """Another module's numbers, taken in a throw-away host."""
    return subprocess.run(sandbox.command([PYTHON, "-m", f"tests.bench.{name}", *counts])).returncode


if __name__ == "__main__":
    if sys.argv[1:2] in (["mesh"], ["many"], ["trace"], ["lab"]):
        sys.exit(table(*sys.argv[1:]))
    if sys.argv[1:2] == ["mininet"]:
        sys.exit(mininet.apart(*sys.argv[2:]))
    if sys.argv[1:] == ["inside"]:
        inside()
    else:
        sys.exit(main())
