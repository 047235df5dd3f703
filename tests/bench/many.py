"""What many runs in force cost, and a large mesh in memory:  python -m tests.bench many [RUNS]

In a throw-away host.  Each number at the full count is compared with the one at a third of it: a line, not a curve.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

BRIDGEKIT = (str(Path(sys.executable).with_name("bridgekit")),)
MEMORY = 100  # MB, of our process that runs a mesh of 1000
GROWS = 1.5  # a run's share, at the full count against a third


def seconds(*words: str) -> float:
    """How long a bridgekit command takes."""
    start = time.perf_counter()
    subprocess.run((*BRIDGEKIT, *words), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def up(first: int, last: int) -> float:
    """Bridges, each a run of its own; the time of each."""
    return sum(seconds("bridge", f"b{number}", "--yes") for number in range(first, last)) / (last - first)


def memory() -> float:
    """MB of the process that compiles and prints a mesh of 1000 in batch style."""
    words = (*BRIDGEKIT, "mesh", "br0", "10.0.0.0/16", "--count", "1000", "--style", "batch", "--dry-run")
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(runs: int) -> int:
    """Print each number with its limit; whether all held."""
    held = memory()
    print(f"{held:6.1f}  (limit {MEMORY})  MB, a mesh of 1000", flush=True)
    first, some = up(0, 5), runs // 3
    up(5, some)
    listed = seconds("runs")
    undone_some = seconds("undo", "--all") / some
    up(0, runs - 5)
    last = up(runs - 5, runs)
    found = {
        "bridge: the last run to the first": last / first,
        "runs: at all to at a third": seconds("runs") / listed / 3,
        "undo --all, each: at all to at a third": seconds("undo", "--all") / runs / undone_some,
    }
    for name, value in found.items():
        print(f"{value:6.3f}  (limit {GROWS})  {name}", flush=True)
    return 0 if held <= MEMORY and max(found.values()) <= GROWS else 1


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or ["300"])[0])))
