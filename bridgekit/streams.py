"""The standard streams, fit for whatever there is to say."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from bridgekit.errors import OutputError
from bridgekit.translation import reason, told, tr

# What a terminal would obey.  Guests choose names of links, hosts and processes.
_OBEYED = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
_BREAKS = _OBEYED | {ord("\n"): "\\n", ord("\t"): "\\t"}
_PATIENCE = 2  # seconds
_DRAWN = str.maketrans("├└│─✓┌┐┘┼", "|`|-*..'+")  # for an encoding that has no letters to draw with
_NAMES = ("stdin", "stdout", "stderr")  # by their numbers


def one_line(text: str) -> str:
    """A text that stays within its line and its cell, and that no terminal obeys."""
    return text.translate(_BREAKS)


class Output(io.TextIOWrapper):
    """A stream for text: what its encoding has no letters for, and what a terminal would obey, is escaped."""

    def write(self, text: str) -> int:
        self.sign(_fitting(text, self.encoding).translate(_OBEYED))
        return len(text)

    def sign(self, text: str) -> None:
        """Write what a terminal shall obey."""
        try:
            super().write(text)
        except OSError as error:
            raise _failure(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _failure(error) from error


def _fitting(text: str, encoding: str) -> str:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_DRAWN)
    return text


def _failure(error: OSError) -> Exception:
    """Who hangs up has heard enough, and is not told more."""
    return (
        error if isinstance(error, BrokenPipeError) else OutputError(tr("cannot write the output: {0}", reason(error)))
    )


def prepare() -> None:
    """Make the standard streams fit; one that the caller closed stays so, but its number is taken."""
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            _take(number)
            # Where stdout is closed, whoever writes to it must learn that; what stderr would say, nobody wants.
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
    sys.stdout, sys.stderr = _output(sys.stdout), _output(sys.stderr)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _take(number: int) -> None:
    taken = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if taken == number:
        os.set_inheritable(taken, True)
    else:
        os.dup2(taken, number)
        os.close(taken)


def _output(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper) or isinstance(stream, Output):
        return stream  # a test's
    encoding, by_line = stream.encoding, stream.line_buffering
    return Output(stream.detach(), encoding, "backslashreplace", line_buffering=by_line)


def use_utf8() -> None:
    """From here on stdout is a script or data: the same bytes wherever it is written."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def sign(text: str) -> None:
    """Write to stdout what a terminal shall obey."""
    (sys.stdout.sign if isinstance(sys.stdout, Output) else sys.stdout.write)(text)


def complain(text: str) -> None:
    """Say something on stderr, if that can be."""
    from bridgekit.wide import prose

    with contextlib.suppress(OSError, OutputError):
        print(prose(text, sys.stderr), file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(template: str) -> Iterator[Callable[[int, int], None]]:
    """A function that tells how far something is, on a terminal, once it takes more than two seconds.

    template: what it says, of two numbers.
    """
    start, told = time.monotonic(), False

    def tell(count: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - start > _PATIENCE and sys.stderr.isatty():
            told = True
            _draw(f"\r{template.format(count, total)}")

    yield tell
    if told:
        _draw("\r\033[K")


def _draw(text: str) -> None:
    with contextlib.suppress(OSError, OutputError):
        (sys.stderr.sign if isinstance(sys.stderr, Output) else sys.stderr.write)(text)
        sys.stderr.flush()


def finish(code: int, lang: str = "en") -> int:
    """The exit code, when all has been written that can be.  lang: to say in that something could not."""
    try:
        sys.stdout.flush()
    except (OSError, OutputError) as error:
        if not code and not isinstance(error, BrokenPipeError):
            complain(f"bridgekit: {told(error, lang) if isinstance(error, OutputError) else error}")
        code = code or 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, OutputError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python itself will try once more
    return code
