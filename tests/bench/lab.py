"""What whole labs cost:  python -m tests.bench lab [N ...]

In a throw-away host.  For each N that many guests on bridges, with NAT and a published port each: the whole process of
`bridgekit lab up`, from typing to done, against the same commands typed one by one as the documents write them (a pair
that is made, moved, renamed).  Then `--dry-run` of a thousand with its memory, and the playground.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bridgekit.lab.reading import shipped

BRIDGEKIT = str(Path(sys.executable).with_name("bridgekit"))
TIMES, EACH = 5, 1000  # guests of a bridge
UP = {100: 0.12, 500: 0.2}  # of the plain commands
DRY_RUN, MEMORY, PLAYGROUND = 2.0, 150.0, 3.0  # seconds, MB, seconds


def topology(count: int) -> str:
    """A file of so many guests."""
    bridges = range(-(-count // EACH))
    lines = ["name: many", "subnets:"]
    lines += [f"  lan{b}: 10.{b}.0.0/16" for b in bridges]
    lines += ["topology:", "  nodes:"]
    lines += [f"    br{b}: {{kind: bridge, addresses: [10.{b}.0.1/16], masquerade: true}}" for b in bridges]
    for n in range(count):
        b = n // EACH
        lines.append(
            f"    c{n}: {{interfaces: {{eth0: {{addresses: [lan{b}]}}}}, routes: [{{to: default, via: 10.{b}.0.1}}],"
        )
        lines.append(f"      ports: ['{20000 + n}:80']}}")
    lines.append("  links:")
    lines += [f"    - endpoints: ['c{n}:eth0', 'br{n // EACH}:p{n}']" for n in range(count)]
    return "\n".join(lines) + "\n"


def plain(count: int) -> Iterator[str]:
    """The same as the documents would type it."""
    yield "set -e"
    for b in range(-(-count // EACH)):
        yield f"ip link add br{b} type bridge; ip addr add 10.{b}.0.1/16 dev br{b}; ip link set br{b} up"
        yield f"iptables -t nat -A POSTROUTING -s 10.{b}.0.0/16 ! -o br{b} -j MASQUERADE"
        yield f"iptables -A FORWARD -i br{b} -j ACCEPT; iptables -A FORWARD -o br{b} -j ACCEPT"
    yield "sysctl -qw net.ipv4.ip_forward=1"
    for n in range(count):
        b, inside = n // EACH, f"ip netns exec c{n} ip"
        address = f"10.{b}.{(n % EACH + 2) // 256}.{(n % EACH + 2) % 256}"
        yield f"ip netns add c{n}; ip link add v{n} type veth peer name p{n}; ip link set p{n} netns c{n}"
        yield f"{inside} link set p{n} name eth0; {inside} link set lo up; {inside} addr add {address}/16 dev eth0"
        yield f"{inside} link set eth0 up; ip link set v{n} master br{b}; ip link set v{n} up"
        yield f"bridge link set dev v{n} hairpin on"
        yield f"{inside} route add default via 10.{b}.0.1"
        to = f"-p tcp --dport {20000 + n} -m addrtype --dst-type LOCAL -j DNAT --to-destination {address}:80"
        yield f"iptables -t nat -A PREROUTING {to}; iptables -t nat -A OUTPUT {to}"
        yield f"iptables -A FORWARD -d {address} -o br{b} -p tcp --dport 80 -j ACCEPT"
        yield f"iptables -t nat -A POSTROUTING -s {address} -d {address} -p tcp --dport 80 -j MASQUERADE"


def clear(count: int) -> None:
    """Take away what the plain commands made."""
    lines = [*(f"link set v{n} group 77" for n in range(count)), "link del group 77"]
    lines += [f"netns del c{n}" for n in range(count)] + [f"link del br{b}" for b in range(-(-count // EACH))]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
    subprocess.run(["bash", "-c", "iptables -F; iptables -t nat -F"], check=True)


def seconds(*words: str) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def told(value: float, limit: float | None, what: str) -> bool:
    """Print a number with its limit; whether it holds."""
    shown = f"(limit {limit:g})" if limit is not None else ""
    print(f"{value:8.3f}  {shown:12}  {what}", flush=True)
    return limit is None or value <= limit


def many(count: int, times: int) -> bool:
    """So many guests, up and down."""
    file, typed = Path("/run/many.yaml"), Path("/run/plain.sh")
    file.write_text(topology(count), "utf-8")
    typed.write_text("\n".join(plain(count)), "utf-8")
    found: list[tuple[float, float, float]] = []
    for _ in range(times):
        base = seconds("bash", str(typed))
        clear(count)
        up = seconds(BRIDGEKIT, "lab", "up", str(file), "--yes")
        down = seconds(BRIDGEKIT, "lab", "down", "many")
        found.append((base, up, down))
    base, up, down = (median(each) for each in zip(*found, strict=True))
    ratio = median(up / base for base, up, _ in found)
    told(base, None, f"s, {count} guests as plain commands")
    told(down, None, f"s, {count} guests: lab down")
    told(up, None, f"s, {count} guests: lab up, the whole process")
    return told(ratio, UP.get(count), f"{count} guests: lab up / the plain commands")


def thousand() -> bool:
    """A dry run of a thousand guests, and its memory."""
    file = Path("/run/many.yaml")
    file.write_text(topology(1000), "utf-8")
    took = median(seconds(BRIDGEKIT, "lab", "up", str(file), "--dry-run") for _ in range(TIMES))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    held = told(took, DRY_RUN, "s, --dry-run of 1000 guests")
    return told(memory, MEMORY, "MB of the largest process so far") and held


def playground() -> bool:
    """The playground, up in this host with all its servers."""
    if "playground" not in shipped():
        return True
    found = []
    for _ in range(TIMES):
        found.append(seconds(BRIDGEKIT, "lab", "up", "playground", "--yes"))
        seconds(BRIDGEKIT, "lab", "down", "playground")
    return told(median(found), PLAYGROUND, "s, the playground up, its servers answering")


def main(counts: list[int]) -> int:
    """All numbers; whether all held."""
    held = [thousand(), playground(), *(many(count, TIMES if count <= 100 else 1) for count in counts)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or [10, 100, 500]))
