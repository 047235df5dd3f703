"""The folders of a throw-away host: of the machine's there is all to read, and nothing to change."""

import contextlib
import ctypes
import os
import re
import stat

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 8, 32, 4096, 16384
KEPT = MS_NOSUID | MS_NODEV | MS_NOEXEC  # with the numbers that statvfs has for them
MNT_DETACH = 2
BASE = "/run"  # new anyway: where the new root is made ready
NEW = f"{BASE}/new"
FRESH = ("/dev", "/proc", "/run", "/sys")
# What is root's on the machine an ordinary user cannot change, not even in an overlay: so these are new.
OWN_IN_ETC = ("default", "docker", "netns")

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> None:
    """A system call.  Raises OSError, which names it."""
    if getattr(libc, name)(*(os.fsencode(each) if isinstance(each, str) else each for each in arguments)) != 0:
        words = [each for each in arguments if isinstance(each, str) and each]
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), " ".join([name, *words]))


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    call("mount", source, target, kind, ctypes.c_ulong(flags), data)


def mount_points(below: str = "/") -> list[str]:
    """Where something is mounted, in and below a folder."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        points = [re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), line.split()[4]) for line in file]
    return sorted({each for each in points if each == below or each.startswith(f"{below.rstrip('/')}/")})


def bind(source: str, target: str) -> None:
    mount(source, target, flags=MS_BIND | MS_REC)


def read_only(target: str) -> None:
    """Let nobody write to a mount, nor to one in it; take it away where that is refused."""
    try:
        for each in mount_points(target):
            kept = os.statvfs(each).f_flag & KEPT
            mount("", each, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    except OSError:
        call("umount2", target, MNT_DETACH)
        raise


def show(source: str, target: str) -> None:
    """What can be read there, if the kernel lets it be read only; else nothing."""
    with contextlib.suppress(OSError):
        bind(source, target)
        read_only(target)


class Folders:
    """The folders of the machine, as they come into the new root.

    Those that anybody's commands write to have overlays of their own: of one that belongs to a user who is not known
    in this user namespace, the kernel copies no more than its files.
    """

    def __init__(self, *often: str) -> None:
        points = sorted({*mount_points(), *(each for each in often if os.path.isdir(each))})
        self.points = [each for each in points if not any(f"{each}/".startswith(f"{new}/") for new in FRESH)]
        self.count = 0

    def below(self, path: str) -> list[str]:
        """The mount points below a folder, without those that are below another of them."""
        found: list[str] = []
        for each in self.points:
            inner = each != path and each.startswith(f"{path.rstrip('/')}/")
            if inner and not any(each.startswith(f"{other}/") for other in found):
                found.append(each)
        return found

    def lay(self, path: str) -> None:
        """A folder and all that is mounted below it."""
        made_like(path, NEW + path)
        below = self.below(path)
        try:
            self.overlay(path)
        except OSError:
            # In a user namespace also for what is mounted below.
            if below or path == "/":
                self.piecewise(path)
            elif path == "/etc":
                copied(path)
            else:
                show(path, NEW + path)
            return
        for each in below:
            with contextlib.suppress(OSError):  # it is not this user's to look at
                self.lay(each)

    def overlay(self, path: str) -> None:
        self.count += 1
        upper, work = f"{BASE}/upper/{self.count}", f"{BASE}/work/{self.count}"
        os.makedirs(work)
        made_like(path, upper)
        if path in ("/", "/etc"):
            own_in_etc(upper if path == "/etc" else f"{upper}/etc")
        words = [re.sub(r"([\\,:])", r"\\\1", each) for each in (path, upper, work)]
        data = "lowerdir={},upperdir={},workdir={}".format(*words)
        try:
            mount("overlay", NEW + path, "overlay", 0, f"{data},userxattr" if not roots() else data)
        except OSError:
            mount("overlay", NEW + path, "overlay", 0, data)

    def piecewise(self, path: str) -> None:
        """What is in a folder, each for itself."""
        if path == "/":
            mount("tmpfs", NEW, "tmpfs", 0, "mode=755")
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if entry.path not in FRESH:
                    with contextlib.suppress(OSError):
                        self.piece(entry)
        for each in self.below(path):
            if not os.path.isdir(NEW + each):
                with contextlib.suppress(OSError):
                    self.lay(each)

    def piece(self, entry: "os.DirEntry[str]") -> None:
        target = NEW + entry.path
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), target)
        elif entry.is_dir():
            self.lay(entry.path)
        elif entry.is_file():
            with open(target, "xb"):
                pass
            show(entry.path, target)


def made_like(path: str, target: str) -> None:
    """A folder with the rights and, where that is allowed, the owner of another."""
    like = os.stat(path)
    os.makedirs(target, exist_ok=True)
    with contextlib.suppress(OSError):
        os.chown(target, like.st_uid, like.st_gid)
    with contextlib.suppress(OSError):  # it is the machine's: a folder below an overlay
        os.chmod(target, stat.S_IMODE(like.st_mode))


def own_in_etc(folder: str) -> None:
    for name in OWN_IN_ETC:
        os.makedirs(f"{folder}/{name}", exist_ok=True)


def copied(path: str) -> None:
    """A folder that must be written to, where there are no overlays; some of its files are not the user's to read."""
    import subprocess

    own_in_etc(NEW + path)
    subprocess.run(["cp", "-r", f"{path}/.", NEW + path], stderr=subprocess.DEVNULL)


def roots() -> bool:
    """Whether root's id in here is root's on the machine, too: what is checked by that id is then to be covered."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return file.read().split()[1] == "0"
