"""What a mesh costs against mininet:  python -m tests.bench mininet [N]

Both in one host of namespaces, one after the other: the same addresses, one bridge of Linux; a host of mininet's is a
shell besides.  It needs Debian's package mininet, which no test does, and root: mininet mounts a sysfs for each host,
which a throw-away host forbids.  Mininet's seconds are its own, so the start of its Python counts for neither side; and
the limits of the kernel that it would raise for the whole machine stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from bridgekit import render
from tests.bench.mesh import TIMES, bash, plan, seconds

LIMIT = 0.35  # batch up, of mininet's
HOST = 'mount -t tmpfs tmpfs /run && exec "$0" -m tests.bench.mininet "$@"'
THEIRS = """
import sys, time
import mininet.net
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
mininet.net.fixLimits = lambda: None
start = time.perf_counter()
net = Mininet(controller=None, switch=LinuxBridge, ipBase="10.0.0.0/16", waitConnected=False)
switch = net.addSwitch("s1")
for number in range(1, int(sys.argv[1]) + 1):
    host = net.addHost(f"h{number}", ip=f"10.0.{number // 256}.{number % 256}/16")
    net.addLink(host, switch)
net.start()
up = time.perf_counter()
net.stop()
print(up - start, time.perf_counter() - up)
"""


def theirs(count: int) -> tuple[float, float]:
    """Seconds up and down, as mininet's own process measures them."""
    words = [shutil.which("python3", path="/usr/bin:/bin") or "python3", "-c", THEIRS, str(count)]
    said = subprocess.run(words, check=True, capture_output=True, text=True, timeout=600).stdout.split()
    return float(said[-2]), float(said[-1])


def main(count: int) -> int:
    """Print the ratios; whether the limit held."""
    file = Path("/run/batch.sh")
    file.write_text(render.text(plan(count), "batch", "modern"))
    rounds = []
    for _ in range(TIMES):
        up, down = seconds(lambda: bash(str(file))), seconds(lambda: bash(str(file), "down"))
        rounds.append((up, down, *theirs(count)))
    ours_up, ours_down, up, down = (median(column) for column in zip(*rounds, strict=True))
    print(f"mesh of {count}: mininet up {up:.3f} s, down {down:.3f} s")
    print(f"{ours_up / up:6.3f}  (limit {LIMIT})  batch up, {ours_up:.3f} s")
    print(f"{ours_down / down:6.3f}  (no limit)  batch down, {ours_down:.3f} s")
    return 0 if ours_up / up <= LIMIT else 1


def apart(*counts: str) -> int:
    """Measure in namespaces of its own."""
    host = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", HOST]
    return subprocess.run([*host, sys.executable, *counts], timeout=1800).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 100))
