"""Network namespaces: the host's, those with a name, those of processes.  man 8 ip-netns, man 7 namespaces."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
NAMES = Path("/run/netns")
PROCESSES = Path("/proc")
NOWHERE = -1
_thread = threading.local()


@dataclass(frozen=True)
class Space:
    """A network namespace that can be opened.

    inode: the kernel's identity of it.
    path: where it can be opened; empty for the host's own.
    names: its names under /run/netns.
    pid: a process in it, where it has no name.
    """

    inode: int
    path: str = ""
    names: tuple[str, ...] = ()
    pid: int = 0

    @property
    def is_host(self) -> bool:
        """Whether this is the namespace that bridgekit itself is in."""
        return not self.path

    @cached_property
    def nsid(self) -> int | None:
        """The number by which the host's links refer to it; NOWHERE if none does, None if the kernel does not say."""
        return None if self.is_host else _nsid(self.path)

    def number_of(self, other: Space) -> int | None:
        """The number by which links in this namespace refer to another; NOWHERE and None as for `nsid`."""
        return other.nsid if self.is_host else _nsid(other.path or str(PROCESSES / "self/ns/net"), self.path)

    def ip(self, *words: str) -> tuple[str, ...]:
        """An `ip` command in it."""
        if self.is_host or not self.names:
            return self.inside("ip", *words)
        return ("ip", "-n", self.names[0], *words)

    def inside(self, *argv: str) -> tuple[str, ...]:
        """Any command in it; not `ip netns exec`, which would remount /sys."""
        return argv if self.is_host else ("nsenter", f"--net={self.path}", *argv)

    def within(self, do: Callable[[], T]) -> T:
        """What a function gives that is called in it: a socket stays there, /proc/sys/net is its own.

        Raises OSError if it is gone, or not ours to enter.
        """
        return within(self.path, do)


def names() -> tuple[str, ...]:
    """The names under /run/netns."""
    return tuple(sorted(path.name for path in _entries(NAMES)))


def here() -> Space:
    """The namespace that bridgekit itself is in."""
    return named()[0]


def named() -> list[Space]:
    """The host's namespace, then those with a name that can be opened, each once."""
    host = os.stat(PROCESSES / "self/ns/net")
    found: dict[int, list[str]] = {host.st_ino: []}
    for name in names():
        inode = _inode(NAMES / name)
        # A name whose mount is gone is a plain file on another device.
        if inode is not None and inode[0] == host.st_dev:
            found.setdefault(inode[1], []).append(name)
    own = Space(host.st_ino, names=tuple(found.pop(host.st_ino)))
    return [own, *(Space(inode, str(NAMES / known[0]), tuple(known)) for inode, known in found.items())]


def everywhere() -> list[Space]:
    """The host's namespace, those with a name, and those of processes, each once."""
    found = {space.inode: space for space in named()}
    for pid in _pids():
        inode = inode_of(pid)
        if inode is not None:
            found.setdefault(inode, Space(inode, str(_net(pid)), pid=pid))
    return list(found.values())


def inhabited() -> frozenset[int]:
    """The inodes of the namespaces that processes are in, as far as this user may see."""
    return frozenset(filter(None, map(inode_of, _pids())))


def inode_of(pid: int) -> int | None:
    """The namespace of a process; None if it is gone or not ours to see."""
    inode = _inode(_net(pid))
    return inode and inode[1]


def comm(pid: int) -> str:
    """The name of a process, empty if it is gone."""
    try:
        return (PROCESSES / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _net(pid: int) -> Path:
    return PROCESSES / str(pid) / "ns/net"


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _pids() -> Iterator[int]:
    return iter(sorted(int(path.name) for path in _entries(PROCESSES) if path.name.isdecimal()))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


_RTM_NEWNSID, _RTM_GETNSID, _NLM_F_REQUEST, _NETNSA_FD = 88, 90, 1, 3
_CLONE_NEWNET = 0x40000000


def _nsid(path: str, seen_from: str = "") -> int | None:
    # `ip netns list-id` tells it only of namespaces with a name; man 7 rtnetlink, linux/net_namespace.h.
    try:
        with open(path, "rb") as opened, within(seen_from, _kernel) as kernel:
            kernel.send(
                struct.pack("=IHHIIB3xHHI", 28, _RTM_GETNSID, _NLM_F_REQUEST, 0, 0, 0, 8, _NETNSA_FD, opened.fileno())
            )
            reply = kernel.recv(4096)
    except OSError:
        return None
    _, kind = struct.unpack_from("=IH", reply)
    number: int = struct.unpack_from("=i", reply, 24)[0]
    return number if kind == _RTM_NEWNSID else None


def _kernel() -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


def within(path: str, do: Callable[[], T]) -> T:
    """What a function gives inside a namespace; an empty path: this process's own.  Raises OSError, and as `do`.

    A socket stays in the namespace in which it was made.  What asks within what is there already asks at once.
    """
    if path == getattr(_thread, "entered", ""):
        return do()
    # A thread can be in a namespace of its own, and goes with it.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_entered, path, do).result()


def _entered(path: str, do: Callable[[], T]) -> T:
    import ctypes

    with open(path, "rb") as opened:
        if ctypes.CDLL(None, use_errno=True).setns(opened.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    _thread.entered = path
    return do()
