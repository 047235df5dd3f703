"""What a trace costs:  python -m tests.bench trace [GUESTS]

In a throw-away host with two guests and a router (five namespaces), then with many guests (default 100) on its bridge.
The whole command is timed, from its start to its end; the median of several.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

BRIDGEKIT = str(Path(sys.executable).with_name("bridgekit"))
TIMES = 7
NOBODY = "10.0.255.254"


def shell(script: str) -> None:
    """Run bash lines."""
    subprocess.run(["bash", "-ec", script], check=True)


def guests(first: int, last: int) -> None:
    """Guests on the bridge, from one number to before another."""
    links = [
        f"link add v{n} type veth peer name eth0 netns g{n}\nlink set v{n} master br0 up" for n in range(first, last)
    ]
    inside = [
        f"ip -n g{n} -batch - <<'G'\nlink set lo up\naddr add 10.0.{n >> 8}.{n & 255}/16 dev eth0\nlink set eth0 up\n"
        "route add default via 10.0.255.1\nG"
        for n in range(first, last)
    ]
    names = "\n".join(f"ip netns add g{n}" for n in range(first, last))
    lines = "\n".join(links)
    shell(f"{names}\nip -batch - <<'L'\n{lines}\nL\n" + "\n".join(inside))


def took(words: Sequence[str], answered: bool) -> float:
    """The median time of a trace, in seconds."""
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        done = subprocess.run([BRIDGEKIT, "trace", *words], stdout=subprocess.PIPE, text=True)
        times.append(time.perf_counter() - start)
        assert done.returncode == (0 if answered else 1), done.stdout
    return median(times)


def main(many: int) -> int:
    """Print each time with its limit; whether all held."""
    shell(
        "ip link add br0 address 02:42:0a:00:ff:01 type bridge; ip addr add 10.0.255.1/16 dev br0; ip link set br0 up; "
        "sysctl -qw net.ipv4.ip_forward=1; iptables -t nat -A POSTROUTING -s 10.0.0.0/16 -o em1 -j MASQUERADE"
    )
    guests(1, 4)  # with the host and outside: five namespaces
    found = [
        ("an answer, 5 namespaces", took(["netns:g1", "203.0.113.2"], True), 0.6),
        ("silence, 5 namespaces", took(["netns:g1", NOBODY], False), 2.2),
    ]
    guests(4, many + 1)
    found += [
        (f"an answer, {many} guests", took(["netns:g1", "203.0.113.2"], True), 3),
        (f"silence, {many} guests", took(["netns:g1", NOBODY], False), 3),
    ]
    for name, seconds, limit in found:
        print(f"{seconds:6.3f}  (limit {limit})  s, {name}", flush=True)
    return 0 if all(seconds <= limit for _, seconds, limit in found) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 100))
