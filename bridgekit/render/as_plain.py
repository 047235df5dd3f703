"""Lines -> the bare commands, one a line, as the documents show them."""

from __future__ import annotations

import re

from bridgekit.compile import Compiled, Line
from bridgekit.render import vocabulary
from bridgekit.render.shell import bare, bare_pipe
from bridgekit.render.templates import template


def command(line: Line) -> str:
    """What a reader would type for one line; a probe that must fail has `!` before it."""
    if line.variable is not None:
        asked = bare_pipe(line.question)
        return asked if line.variable.example else f"{line.variable.name}=$({asked})"
    return f"! {bare(line.run)}" if line.refute else bare(line.run)


def render(compiled: Compiled) -> str:
    """The bare commands of a plan."""
    lines = [command(line) for line in compiled.numbered]
    return template("plain.sh.j2", compiled.lang).render(
        title=compiled.title,
        lines=lines,
        backticks=any("`" in line for line in lines),
        bare=any(re.search(r"[ /]\$\w", line) for line in lines),
        words=vocabulary.shown("\n".join(lines), compiled.lang),
    )
