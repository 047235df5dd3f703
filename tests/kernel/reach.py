"""What somebody in a throw-away host could change of the machine: a probe that changes nothing but by one mark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MARK = f"bridgekit-test-mark-{os.getpid()}"
# Settings of namespaces of one's own, which outside of /proc/sys/net only the owner of a user namespace may set.
_KERNEL = ("auto_msgmni", "msg", "ns_last_pid", "pid_max", "sem", "shm")
OWN_SETTINGS = ("fs/mqueue/", *(f"kernel/{each}" for each in _KERNEL), "user/")

# Its arguments: the mark, then folders to leave it in.
PROBE = r"""
import json, os, stat, subprocess, sys
mark, *folders = sys.argv[1:]

def can_open(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))  # which alone changes nothing
    except OSError:
        return False
    return True

def free():  # what root would try: all mounts away, or writable again
    points = [line.split()[4] for line in open("/proc/self/mountinfo")]
    for point in reversed(points):
        if point.startswith(("/dev/", "/proc/", "/sys", "/usr", "/etc", "/home")) and point != "/proc/sys/net":
            for words in (["mount", "-o", "remount,bind,rw", point], ["umount", "-l", point]):
                subprocess.run(words, stderr=subprocess.DEVNULL)

def marked(folder):
    try:
        open(os.path.join(folder, mark), "x").close()
    except OSError:
        return False
    return True

def settings():
    for top, names, files in os.walk("/proc"):
        if top == "/proc":
            names[:] = [each for each in names if not each.isdecimal() and each not in ("self", "thread-self")]
        elif top == "/proc/sys":
            names.remove("net")
        for each in files:
            path = os.path.join(top, each)
            if not os.path.islink(path) and os.stat(path).st_mode & 0o222 and can_open(path):
                yield path

descriptors = sorted(int(each) for each in os.listdir("/proc/self/fd"))[:-1]
written = [each for each in folders if marked(each)]
if "--free" in os.environ.get("PROBE", ""):
    free()
written += [each for each in folders if each not in written and marked(each)]
devices = []
for top, _, files in os.walk("/dev"):
    for each in files:
        path = os.path.join(top, each)
        if stat.S_ISCHR(os.lstat(path).st_mode) and "/pts/" not in path:
            try:
                os.chmod(path, os.stat(path).st_mode & 0o7777)
                devices.append(path)
            except OSError:
                pass
system = [path for top, _, files in os.walk("/sys") for each in files
          if not top.startswith("/sys/fs/cgroup") and can_open(path := os.path.join(top, each))]
groups = [path for top, _, files in os.walk("/sys/fs/cgroup") for each in files
          if can_open(path := os.path.join(top, each))]
print(json.dumps({
    "written": written, "settings": sorted(settings()), "descriptors": descriptors, "devices": devices,
    "system": system, "groups": groups,
}))
"""


def folders(*more: Path) -> list[str]:
    """The machine's folders that a mark is tried in."""
    tops = [str(path) for path in Path("/").iterdir() if path.is_dir() and not path.is_symlink()]
    return sorted({"/", *tops, "/dev/shm", "/var/tmp", "/etc/default", "/usr/bin", *map(str, more)})


@contextmanager
def unmarked(places: list[str]) -> Iterator[None]:
    """No mark is in one of these folders in the end; what was left there all the same is taken away."""
    yield
    left = [path for path in (Path(each, MARK) for each in places) if path.exists()]
    for path in left:
        path.unlink()
    assert not left


def foreign(found: dict[str, Any]) -> list[str]:
    """Of the settings that a probe could open those that are not of a namespace of its own."""
    own = ("/proc/pressure/", *(f"/proc/sys/{each}" for each in OWN_SETTINGS))  # whoever opens the first sets a watch
    return [each for each in found["settings"] if not each.startswith(own)]


def answer(said: str) -> dict[str, Any]:
    """What a probe found."""
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
