"""Plan -> the bare commands, one a line, as the documents show them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridgekit import explain
from bridgekit.dialects import Dialect
from bridgekit.operations import Capture
from bridgekit.plan import Plan, Step
from bridgekit.render.shell import bare, bare_pipe
from bridgekit.render.templates import template

# Words of the vocabulary that a reader has to be shown, since no program does it in one command.
CARRIED = ("move_over", "card_behind", "add_host", "append_host", "put_line", "set_lines", "keep_routers")
# Words that come together, each group in a template of its own.
_GROUPS = {
    "engine": re.compile(r"\b(engine_\w+|made_of|only_address)\b"),
    "addresses": re.compile(r"\b(on_bridge|port_of|host_gateway|bare_address|as_mac|free_address)\b"),
    "ports": re.compile(r"\b(free_port|start_proxy|un(published|bound) (tcp|udp))\b"),
}


def groups(text: str) -> list[str]:
    """The groups of the vocabulary that a text uses."""
    return [group for group, words in _GROUPS.items() if words.search(text)]


def command(step: Step, dialect: Dialect) -> str:
    """What a reader would type for one step; a probe that must fail has `!` before it."""
    pipeline = dialect.question(step.operation)
    if pipeline and isinstance(step.operation, Capture):
        asked = bare_pipe(pipeline)
        return asked if step.operation.variable.example else f"{step.operation.variable.name}=$({asked})"
    text = bare(dialect.command(step.operation, step.where))
    return f"! {text}" if step.expect and not step.expect.ok else text


def render(plan: Plan, dialect: Dialect, lang: str) -> str:
    """The bare commands of a plan."""
    lines = list(_lines(plan, dialect))
    return template("plain.sh.j2", lang).render(
        title=explain.title(plan, lang),
        lines=lines,
        backticks=any("`" in line for line in lines),
        bare=any(re.search(r"[ /]\$\w", line) for line in lines),
        used={word for word in CARRIED if any(re.search(rf"\b{word}\b", line) for line in lines)},
        groups=groups("\n".join(lines)),
        total=len(lines),
    )


def _lines(plan: Plan, dialect: Dialect) -> Iterator[str]:
    return (command(step, dialect) for step in plan.steps if not step.is_need)
