"""The file system of a throw-away host: of the machine's there is all to read, and nothing to change.

root.py [--keep-ids] [--engine] [--writable=FOLDER]... COMMAND...

It is the first process of mount and PID namespaces of their own (with --keep-ids of all kinds but the user's), root
in them.  Every folder becomes an overlay, where the kernel refuses one a read-only mount, and where it refuses that,
empty; /dev, /proc, /run and /sys are new.  Then come the other namespaces, and COMMAND.  The user namespace is last:
what was mounted before it nobody in it can take away or make writable.  --keep-ids: without a user namespace;
capabilities go that reach beyond namespaces.  --engine: the control groups can be written.  --writable: this folder
is the machine's own.
"""

import contextlib
import os
import signal
import stat
import sys
from pathlib import Path
from typing import NoReturn

from folders import (
    BASE,
    FRESH,
    KEPT,
    MNT_DETACH,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    NEW,
    Folders,
    bind,
    call,
    mount,
    read_only,
    roots,
    show,
)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x4000000, 0x8000000, 1 << 28, 1 << 30
PR_CAPBSET_DROP = 24
# dac_read_search (files by their handles), linux_immutable, sys_module, sys_rawio, sys_pacct, sys_boot, sys_time,
# sys_tty_config, mac_override, mac_admin, syslog, wake_alarm, block_suspend, perfmon, bpf, checkpoint_restore
BEYOND = (2, 9, 16, 17, 20, 22, 25, 26, 32, 33, 34, 35, 36, 38, 39, 40)
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "net/tun")
STREAMS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}
SPARE_PROC = f"{NEW}/run/host/proc"
SPARE = "/run/host/tmp"  # where /tmp cannot be written to


class Refusal(Exception):
    """Why this host cannot be, in a sentence."""


def devices() -> None:
    mount("tmpfs", f"{NEW}/dev", "tmpfs", MS_NOSUID, "mode=755")
    for name in DEVICES:
        target = f"{NEW}/dev/{name}"
        if os.path.exists(f"/dev/{name}"):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "xb"):
                pass
            show(f"/dev/{name}", target)
    for name, number in STREAMS.items():
        os.symlink(f"/proc/self/fd{number}", f"{NEW}/dev/{name}")
    os.symlink("pts/ptmx", f"{NEW}/dev/ptmx")
    for name in ("pts", "shm"):
        os.mkdir(f"{NEW}/dev/{name}")
    mount("devpts", f"{NEW}/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=666,mode=620")
    mount("tmpfs", f"{NEW}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")


def processes() -> None:
    """The new /proc, of which root's id cannot change what is the machine's."""
    proc, net = f"{NEW}/proc", os.open("/proc/sys/net", os.O_PATH)
    if roots():
        # A throw-away host in this one gets a /proc like the freest that it sees, and sees none where all are covered.
        os.makedirs(SPARE_PROC)
        mount("proc", SPARE_PROC, "proc", KEPT | MS_RDONLY)
    try:
        mount("proc", proc, "proc", KEPT)
    except OSError:
        mount("proc", proc, "proc", KEPT | MS_RDONLY)
    if roots():
        for name in os.listdir(proc):
            about = os.lstat(f"{proc}/{name}")
            covered = stat.S_ISDIR(about.st_mode) or (stat.S_ISREG(about.st_mode) and about.st_mode & 0o222)
            if covered and not name.isdecimal():
                bind(f"{proc}/{name}", f"{proc}/{name}")
                read_only(f"{proc}/{name}")
        bind(f"/proc/self/fd/{net}", f"{proc}/sys/net")  # of the network namespace that one is in


def system(engine: bool) -> None:
    try:
        mount("sysfs", f"{NEW}/sys", "sysfs", KEPT | MS_RDONLY)
    except OSError:
        show("/sys", f"{NEW}/sys")  # the network is not this user's
    if engine and os.path.isdir("/sys/fs/cgroup"):
        bind("/sys/fs/cgroup", f"{NEW}/sys/fs/cgroup")


def enter_root() -> None:
    os.chdir(NEW)
    call("pivot_root", ".", ".")
    call("umount2", ".", MNT_DETACH)
    os.chdir("/")


def new_root(folder: str, engine: bool, writable: list[str]) -> None:
    """All of the new root, and go there."""
    sources = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in writable}
    mount("tmpfs", BASE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    os.mkdir(NEW)
    Folders("/tmp", "/var/tmp", os.path.realpath(os.environ.get("TMPDIR", "/tmp")), folder).lay("/")
    for name in ("dev", "proc", "run", "sys"):
        os.makedirs(f"{NEW}/{name}", exist_ok=True)
    mount("tmpfs", f"{NEW}/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    devices()
    system(engine)
    processes()
    for folder, source in sources.items():
        os.makedirs(NEW + folder, exist_ok=True)
        bind(f"/proc/self/fd/{source}", NEW + folder)
    enter_root()


def open_ways(ways: set[str], writable: list[str]) -> None:
    """Let root go to its program, and to where it begins: in a user namespace it has no rights over what is another's.

    A way may be the home of the user who typed `sudo`.  What is opened is its overlay, never the machine's own.
    """
    for path in ways:
        if not any(f"{path}/".startswith(f"{own}/") for own in writable):
            with contextlib.suppress(OSError):  # it is read only, or not there
                os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | 0o5)


def own_ids(me: int, limits: int) -> None:
    """The last namespaces, the user namespace among them: all mounts are locked from now on."""
    group = os.getegid()
    call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC)
    for name, text in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/fd/{me}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    # By a namespace of that kind it could mount the control group that it shares with who started it.
    with contextlib.suppress(OSError), open(f"/proc/self/fd/{limits}/max_cgroup_namespaces", "w") as file:
        file.write("0")
    # The devices of its own network.
    os.makedirs("/run/host/sys")
    with contextlib.suppress(OSError):
        mount("sysfs", "/run/host/sys", "sysfs", KEPT | MS_RDONLY)
        for name in ("class", "devices"):
            bind(f"/run/host/sys/{name}", f"/sys/{name}")
        call("umount2", "/run/host/sys", MNT_DETACH)
    os.rmdir("/run/host/sys")


def become(command: list[str], folder: str) -> NoReturn:
    """Leave what the command must not have, go to its folder, and run it."""
    for path in (os.environ["BRIDGEKIT_PYTHON"], command[1]):
        if not os.path.exists(path):
            new = path.startswith(tuple(f"{each}/" for each in FRESH))
            why = f"{', '.join(FRESH)} are new" if new else "root has no rights over the files of others"
            raise Refusal(f"{path} is not to be had in the throw-away host: there {why}")
    if not os.access("/tmp", os.W_OK):
        os.makedirs(SPARE)
        os.environ["TMPDIR"] = SPARE
    try:
        os.chdir(folder)
    except OSError:
        print(f"bridgekit: {folder} is not in the throw-away host: its command begins in /", file=sys.stderr)
    keep = int(os.environ.pop("BRIDGEKIT_ALIVE", "-1"))
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor != keep:
            with contextlib.suppress(OSError):  # by which this list was read
                os.close(descriptor)
    if keep >= 0:
        os.set_inheritable(keep, True)
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, which a command inherits
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvp(command[0], command)


def main(words: list[str]) -> None:
    options = [each for each in words[: words.index("bash")] if each.startswith("--")]
    command = words[len(options) :]
    writable = [each.partition("=")[2] for each in options if each.startswith("--writable=")]
    mask = os.umask(0o022)
    try:
        folder = os.getcwd()
    except OSError:
        folder = "/"  # it is no more
    me, limits = (os.open(path, os.O_PATH) for path in ("/proc/self", "/proc/sys/user"))  # by what can be written to
    keep_ids = "--keep-ids" in options
    python = os.environ["BRIDGEKIT_PYTHON"]
    begins = (os.path.dirname(python), os.path.dirname(os.path.realpath(python)), os.path.dirname(__file__), folder)
    ways = {way for path in map(os.path.realpath, begins) for way in (path, *map(str, Path(path).parents))}
    new_root(folder, "--engine" in options, writable)
    open_ways(ways, writable)
    if not keep_ids:
        own_ids(me, limits)
    else:
        for number in BEYOND:
            with contextlib.suppress(OSError):  # an older kernel does not know it
                call("prctl", PR_CAPBSET_DROP, number, 0, 0, 0)
    os.umask(mask)
    become(command, folder)


try:
    main(sys.argv[1:])
except Refusal as error:
    print(f"bridgekit: {error}", file=sys.stderr)
    sys.exit(3)
except OSError as error:
    print(f"bridgekit: the kernel gives no throw-away host: {error.filename}: {error.strerror}", file=sys.stderr)
    sys.exit(3)
