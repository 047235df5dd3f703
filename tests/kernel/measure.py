"""What a law compares: the network, and what else of the host a script can touch."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from struct import unpack_from

from bridgekit import facts
from bridgekit.facts import netlink, spaces
from tests.kernel.world import shell

State = tuple[str, ...]
_CONTAINERS = Path("/run/host/containers")
_DEFAULTS = "/etc/default/docker"
_PARAMETERS = ("ipv4", "ipv6")
_GET_QDISC, _KIND, _OPTIONS = 38, 1, 2  # man 7 rtnetlink
_CLONE_NEWUTS = 0x4000000


def name_guests() -> None:
    """Give the namespace of every container a second name, so that what is done in it is measured too."""
    found = list(_CONTAINERS.rglob("name"))
    assert len(found) == 3, f"not the containers of this host: {found}"
    for file in found:
        name, pid = file.read_text().strip(), file.with_name("pid").read_text().strip()
        shell(f"[ -e /run/netns/zz-{name} ] || ip netns attach zz-{name} {pid}")


def state() -> State:
    """The host as text: the network with its MACs, every parameter, names, mounts, containers, journal."""
    return (
        *(line for line in facts.snapshot(macs=True) if not _kernels_own(line)),
        *_parameters(),
        *_qdiscs(),
        *_mounts(),
        *(f"container {name}" for name in _containers()),
        *(f"runs {line}" for line in _proxies()),
        *_engine(),
        *_files(),
        *sorted(f"journal {path}" for path in [*Path("/run").glob("bridgekit*"), *Path("/run/bridgekit").glob("*")]),
    )


def network() -> State:
    """The network without what is random or names the run: what two styles of one plan share."""
    return tuple(line for line in facts.snapshot() if not line.startswith("host file ") and not _kernels_own(line))


def same(before: Iterable[str], after: Iterable[str], what: object = "") -> None:
    """Assert that nothing changed; say what did."""
    found = facts.changes(list(before), list(after))
    assert not found, "\n".join([f"changed: {what}", *found])


def _kernels_own(line: str) -> bool:
    # The kernel gives `lo` this address when it first comes up, and leaves it there when it goes down.
    return line.endswith(" address lo 127.0.0.1/8 scope host")


def _containers() -> list[str]:
    return sorted(path.read_text().strip() for path in _CONTAINERS.rglob("name"))


def _proxies() -> list[str]:
    """What an engine starts for each published port."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            words = path.read_text().split("\0")
            if any(Path(word).name == "docker-proxy" for word in words[:2]):
                found.append(" ".join(words))
    return sorted(found)


def _engine() -> Iterator[str]:
    """Whether the engine runs, and the files that it reads: bytes and mode."""
    yield shell("service docker status", check=False).stdout.strip()
    for path in map(Path, ("/etc/docker", "/etc/docker/daemon.json", "/etc/docker/daemon.json.new", _DEFAULTS)):
        if path.exists():
            yield f"file {path} {path.stat().st_mode:o} {path.read_bytes()!r}" if path.is_file() else f"folder {path}"


def _files() -> Iterator[str]:
    """The files that name guests, byte for byte and each still the same file, and the containers' host names."""
    for folder in sorted(path.parent for path in _CONTAINERS.rglob("name")):
        for file in filter(Path.exists, (folder / name for name in ("hosts", "hostname", "resolv.conf"))):
            yield f"{file} {file.stat().st_ino} {file.read_bytes()!r}"
        yield f"host name {folder} {_host_name((folder / 'pid').read_text().strip())}"
    for path in sorted(Path("/etc/netns").rglob("*")):
        yield f"{path} {path.read_bytes()!r}" if path.is_file() else f"{path}"


def _host_name(pid: str) -> str:
    """That of a process's namespace; empty once it has ended."""

    def inside() -> str:  # in a thread, which may have one of its own
        with open(f"/proc/{pid}/ns/uts", "rb") as opened:
            assert ctypes.CDLL(None).setns(opened.fileno(), _CLONE_NEWUTS) == 0
        return os.uname().nodename

    with suppress(OSError), ThreadPoolExecutor(1) as thread:
        return thread.submit(inside).result()
    return ""


def _parameters() -> Iterator[str]:
    for family in _PARAMETERS:
        for path in sorted(Path("/proc/sys/net", family, "conf").glob("*/*")):
            try:
                yield f"{path} {path.read_text().strip()}"
            except OSError:  # stable_secret has no value yet
                continue


def _qdiscs() -> Iterator[str]:
    """The queue disciplines that are not the kernel's own, of named namespaces: those have a handle."""
    for space in spaces.named()[1:]:
        yield from (f"{space.names} {line}" for line in space.within(lambda: list(_inside())))


def _inside() -> Iterator[str]:
    for body in netlink.listed(_GET_QDISC, bytes(20)):
        index, handle, parent = unpack_from("=4xiII", body)
        if handle:
            found = netlink.attributes(body[20:])
            kind, options = found[_KIND], found.get(_OPTIONS, b"")
            yield f"qdisc {socket.if_indextoname(index)} {handle:x} {parent:x} {kind!r} {options.hex()}"


def _mounts() -> list[str]:
    """What is mounted in this host's own /run; what lies below it is the real host's."""
    own, points = set(), []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        number, parent, _, _, point, *_ = line.split()
        if point == "/run":
            own = {number}
        elif parent in own:
            own.add(number)
            points.append(f"mount {point}")
    return sorted(points)
