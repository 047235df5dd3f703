"""vm: a stand-in for a virtual machine: a network of its own, and a cable to a tap device of this host, as qemu's.

vm run NAME --tap tap0 --address 203.0.113.50/24 [--gateway 203.0.113.2] [--mac 52:54:00:12:34:56]
vm exec NAME COMMAND...
vm stop NAME

Its network interface is `eth0`; it answers ping, and HTTP with the address that the client came from.
"""

import argparse
import contextlib
import ctypes
import errno
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from outside import serve_beside

ALL = Path("/run/host/vms")
TUN = "/dev/net/tun"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
CLONE_NEWUTS, CLONE_NEWNET = 0x04000000, 0x40000000
LONGEST_FRAME = 65536
SECONDS_TO_END = 10


class Refusal(Exception):
    """Why something cannot be, in a sentence."""


def open_tap(name: str) -> int:
    """The program's end of a tap device of this network namespace, which makes it if it is not there."""
    try:
        tap = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise Refusal(f"cannot open {TUN}: {error.strerror} (the machine's root can: chmod 666 {TUN})") from None
    try:
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    except OSError as error:
        why = {errno.EBUSY: "another program has it", errno.EINVAL: "it is no tap device"}
        raise Refusal(f"cannot use {name}: {why.get(error.errno or 0, error.strerror)}") from None
    return tap


def own_namespaces(name: str) -> None:
    """Leave this host's network and name for new ones."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUTS | CLONE_NEWNET) != 0:
        raise Refusal(f"no namespaces: {os.strerror(ctypes.get_errno())}")
    socket.sethostname(name)


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Refusal(f"ip {' '.join(words)}: {done.stderr.strip()}")


def boot(options: argparse.Namespace) -> int:
    """Set up the machine's own network; its end of the cable."""
    own_namespaces(options.name)
    eth0 = open_tap("eth0")
    ip("link", "set", "lo", "up")
    ip("link", "set", "eth0", "address", options.mac, "up")
    for address in options.address:
        # Whether an IPv6 address is free would be asked for a second, before it can be served.
        ip("addr", "add", address, "dev", "eth0", *(("nodad",) if ":" in address else ()))
    for gateway in options.gateway:
        ip("route", "add", "default", "via", gateway)
    serve_beside(80)
    return eth0


def carry(one: int, other: int) -> None:
    """Copy frames both ways, until one of the two devices is no more."""
    ends = {one: other, other: one}
    poll = select.poll()
    for end in ends:
        poll.register(end, select.POLLIN)
    while True:
        for end, _ in poll.poll():
            try:
                frame = os.read(end, LONGEST_FRAME)
            except BlockingIOError:
                continue
            except OSError:
                return
            with contextlib.suppress(OSError):  # that device is down: the frame is lost, as without a cable
                os.write(ends[end], frame)


def machine(options: argparse.Namespace, tap: int, report: int) -> None:
    """The whole life of the process that is the machine."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    try:
        eth0 = boot(options)
    except (Refusal, OSError) as error:
        os.write(report, f"{error}\n".encode())
        return
    os.write(report, b"ready\n")
    os.close(report)
    carry(tap, eth0)
    signal.pause()  # the machine lives on without its cable


def run(options: argparse.Namespace) -> None:
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # what is held for as long as it is open: a script's lock, say
    if alive(options.name):
        raise Refusal(f"{options.name} runs already")
    try:
        socket.if_nametoindex(options.tap)
    except OSError:
        raise Refusal(f"no device {options.tap}; first: ip tuntap add dev {options.tap} mode tap") from None
    tap = open_tap(options.tap)
    heard, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        machine(options, tap, report)
        os._exit(1)
    os.close(report)
    with os.fdopen(heard) as answer:
        said = answer.readline().strip()
    if said != "ready":
        os.waitpid(pid, 0)
        raise Refusal(said or "the machine ended")
    ALL.mkdir(parents=True, exist_ok=True)
    (ALL / options.name).write_text(f"{pid}\n")


def alive(name: str) -> int:
    """The process of a running machine; 0 if there is none of this name."""
    try:
        pid = int((ALL / name).read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return 0
    return pid


def running(name: str) -> int:
    if pid := alive(name):
        return pid
    raise Refusal(f"no machine {name} runs")


def execute(options: argparse.Namespace) -> NoReturn:
    words = ["nsenter", f"--target={running(options.name)}", "--net", "--uts", "--", *options.command]
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, which a command inherits
        signal.signal(number, signal.SIG_DFL)
    os.execvp(words[0], words)


def stop(options: argparse.Namespace) -> None:
    os.kill(running(options.name), signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END
    while alive(options.name):
        if time.monotonic() > deadline:
            raise Refusal(f"{options.name} does not end")
        time.sleep(0.01)
    (ALL / options.name).unlink()


def word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"not a name: {text!r}")
    return text


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vm", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = {}
    for name, do in (("run", run), ("exec", execute), ("stop", stop)):
        verb[name] = verbs.add_parser(name, allow_abbrev=False)
        verb[name].add_argument("name", type=word)
        verb[name].set_defaults(do=do)
    verb["run"].add_argument("--tap", type=word, required=True)
    verb["run"].add_argument("--address", action="append", required=True)
    verb["run"].add_argument("--gateway", action="append", default=[])
    verb["run"].add_argument("--mac", default="52:54:00:12:34:56")
    verb["exec"].add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    try:
        options.do(options)
    except (Refusal, OSError) as error:
        sys.exit(f"vm: {error}")


main()
