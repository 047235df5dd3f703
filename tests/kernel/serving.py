"""The server of tests that are done in throw-away hosts.  man 2 setns, man 7 user_namespaces.

A question is a line: the host's command, which prints its environment and waits, the test's words, and whether the
host is for others too.  The answer is a line: what a test that failed said.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

from bridgekit import recipes, render
from tests.kernel import world

# Each user namespace gives the right to those that were made in it: its PID namespace is older than its last one.
_INNER = ("user", "ipc", "uts", "net", "mnt")
_READY = b"\0.\n"
_libc = ctypes.CDLL(None, use_errno=True)


class _Host:
    """A throw-away host that waits, and its namespaces."""

    def __init__(self, command: Sequence[str]) -> None:
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the host is there
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, cwd=world.ROOT
        )
        assert self.process.stdout is not None
        told = b""
        while not told.endswith(_READY) and (more := os.read(self.process.stdout.fileno(), 1 << 16)):
            told += more
        assert told.endswith(_READY), _text(self.said)
        self.environment = dict(
            line.split("=", 1) for line in os.fsdecode(told.removesuffix(_READY)).split("\0") if "=" in line
        )
        number = self.process.pid
        first = Path(f"/proc/{number}/task/{number}/children").read_text().split()[0]
        paths = [f"/proc/{number}/ns/user", f"/proc/{first}/ns/pid", *(f"/proc/{first}/ns/{kind}" for kind in _INNER)]
        self.namespaces = [os.open(path, os.O_RDONLY) for path in paths]

    def enter(self) -> None:
        """This process goes there; its children are in its PID namespace."""
        own = {path.stat().st_ino for path in Path("/proc/self/ns").iterdir()}
        for opened in self.namespaces:
            if os.fstat(opened).st_ino not in own and _libc.setns(opened, 0):
                raise OSError(ctypes.get_errno(), "setns")
        os.chdir(world.ROOT)
        os.environ.clear()
        os.environ.update(self.environment)

    def end(self, at_once: bool) -> None:
        if at_once:
            self.process.kill()  # its first process goes with it
        self.process.communicate()
        for opened in self.namespaces:
            os.close(opened)
        self.said.close()


def serve() -> None:
    """Answer until nobody asks."""
    hosts: dict[str, _Host] = {}
    for style in ("script", "batch"):  # templates and sentences are read once
        render.text(recipes.attach("web", "10.0.0.2/24"), style)
    for line in sys.stdin:
        command, words, again = json.loads(line)
        print(json.dumps(_answer(hosts, command, words, again)), flush=True)
    for host in hosts.values():
        host.end(at_once=False)


def _answer(hosts: dict[str, _Host], command: list[str], words: list[str], again: bool) -> str:
    """What a test that failed said; after one that failed nobody gets its host again."""
    try:
        importlib.import_module(words[0])
        host = (hosts.pop(str(command), None) if again else None) or _Host(command)
    except BaseException:
        return traceback.format_exc()
    answer = _done(host, words)
    if again and not answer:
        hosts[str(command)] = host
    else:
        host.end(at_once=bool(answer))
    return answer


def _done(host: _Host, words: list[str]) -> str:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            _do(host, words, said)
        _, status = os.waitpid(child, 0)
        return f"{_text(said)}{_text(host.said)}status {status}" if status else ""


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _do(host: _Host, words: list[str], said: BinaryIO) -> NoReturn:
    """One test, in a child of this process, which waits for it."""
    code = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # that of the server has been read from
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        host.enter()
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            os._exit(min(1, status))
        os.closerange(3, 1 << 10)
        tempfile.tempdir = None
        random.seed()
        world.do(*words)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
            shutil.rmtree("/run/trial", ignore_errors=True)
        os._exit(code)


if __name__ == "__main__":
    serve()
