"""Lines -> the bare commands, one a line, as the documents show them."""

from __future__ import annotations

import re

from bridgekit.compile import Compiled, Line
from bridgekit.render.shell import bare, bare_pipe
from bridgekit.render.templates import template

# Words of the vocabulary that a reader has to be shown, since no program does it in one command.
CARRIED = ("move_over", "card_behind", "add_host", "append_host", "put_line", "set_lines")
# Words that come together, each group in a template of its own.
_GROUPS = {
    "engine": re.compile(r"\b(engine_\w+|made_of|only_address)\b"),
    "addresses": re.compile(r"\b(on_bridge|port_of|host_gateway|bare_address|as_mac|free_address)\b"),
    "ports": re.compile(r"\b(free_port|start_proxy|un(published|bound) (tcp|udp))\b"),
}


def groups(text: str) -> list[str]:
    """The groups of the vocabulary that a text uses."""
    return [group for group, words in _GROUPS.items() if words.search(text)]


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
        used={word for word in CARRIED if any(re.search(rf"\b{word}\b", line) for line in lines)},
        groups=groups("\n".join(lines)),
        total=len(lines),
    )
