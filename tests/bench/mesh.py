"""What a mesh of new namespaces costs, against the same commands typed:  python -m tests.bench mesh [N ...]

In a throw-away host.  The base is the plain text of the same plan, as the documents word it, under one bash.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bridgekit import recipes, render
from bridgekit.plan import Plan

TIMES = 5
STYLES = ("script", "batch")
# Of the plain build, by N: the most that the project promises.
LIMITS = {
    ("script", "up"): {10: 1.2, 100: 1.2, 500: 1.2},
    ("script", "down"): {10: 0.2, 100: 0.1, 500: 0.1},
    ("batch", "up"): {10: 0.25, 100: 0.12, 500: 0.2},
    ("batch", "down"): {10: 0.2, 100: 0.04, 500: 0.04},
}
STEP_GROWS = 1.2  # a step among 500 guests, against one among 10
Costs = dict[tuple[str, str], float]


def plan(count: int) -> Plan:
    """So many new namespaces on one bridge."""
    return recipes.mesh("br0", "10.0.0.0/16", count=count).without_probes()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bash(*words: str) -> None:
    """Run bash, quietly."""
    subprocess.run(["bash", *words], check=True, stdout=subprocess.DEVNULL)


def clear(count: int) -> None:
    """Take away what the plain text made, in the fastest way there is."""
    names = [f"br0-{number}" for number in range(1, count + 1)]
    links = subprocess.run(["ip", "-o", "link", "show", "type", "veth"], capture_output=True, text=True, check=True)
    mine = [line.split()[1].split("@")[0].rstrip(":") for line in links.stdout.splitlines() if " veth_" in line]
    lines = [*(f"link set {link} group 77" for link in mine), "link del group 77", "link del br0"]
    lines += [f"netns del {name}" for name in names]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
    bash("-c", "iptables -w -F FORWARD")


def once(count: int, files: dict[str, Path]) -> Costs:
    """One round: the plain text, then each style up and down."""
    found = {("plain", "up"): seconds(lambda: bash(str(files["plain"])))}
    clear(count)
    for style in STYLES:
        for mode in ("up", "down"):
            found[style, mode] = seconds(lambda file=files[style], mode=mode: bash(str(file), mode))  # type: ignore[misc]
    return found


def costs(count: int, times: int = TIMES) -> Costs:
    """The median of each, in seconds."""
    files = {}
    for style in ("plain", *STYLES):
        files[style] = Path("/run", f"{style}.sh")
        files[style].write_text(render.text(plan(count), style, "document" if style == "plain" else "modern"))
    rounds = [once(count, files) for _ in range(times)]
    return {each: median(one[each] for one in rounds) for each in rounds[0]}


def main(counts: list[int]) -> int:
    """Print the table; whether every limit held."""
    held, steps = True, {}
    for count in counts:
        found = costs(count)
        base = found["plain", "up"]
        steps[count] = found["script", "up"] / len(plan(count).steps)
        print(f"mesh of {count}: plain {base:.3f} s", flush=True)
        for (style, mode), limits in LIMITS.items():
            value, limit = found[style, mode] / base, limits.get(count)
            held &= limit is None or value <= limit
            told = f"limit {limit}" if limit else "no limit"
            print(f"{value:6.3f}  ({told})  {style} {mode}, {found[style, mode]:.3f} s", flush=True)
    if {10, 500} <= steps.keys():
        value = steps[500] / steps[10]
        held &= value <= STEP_GROWS
        print(f"{value:6.3f}  (limit {STEP_GROWS})  a step of script up: N=500 to N=10")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]] or [10, 100, 500]))
