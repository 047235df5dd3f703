"""What may stand next on a command line: for bash, zsh and fish."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from inspect import Parameter

from bridgekit.recipes import named

VARIABLE = "BRIDGEKIT_COMPLETE"  # is set where a shell asks
_PLAIN = re.compile(r"[\w.:-]+\Z", re.ASCII)  # no other name goes to a shell
_SECONDS = 1
_LINKS, _NETNS = "/sys/class/net", "/run/netns"


def answer(words: list[str]) -> None:
    """Print what the last word may become, a line each: the word, a tab, a sentence about it."""
    import typer
    from typer._click.shell_completion import CompletionItem, ShellComplete

    from bridgekit.cli import application
    from bridgekit.cli.spoken import locally

    class Words(ShellComplete):
        name = source_template = ""

        def get_completion_args(self) -> tuple[list[str], str]:
            return words[:-1], words[-1]

        def format_completion(self, item: CompletionItem) -> str:
            return f"{item.value}\t{locally(' '.join((item.help or '').split()))}"

        def source_vars(self) -> dict[str, object]:
            return {}

    with suppress(Exception):  # whatever it is, this is no place to hear of it
        command = typer.main.get_command(application(words[:-1]))
        print(Words(command, {}, "bridgekit", VARIABLE).complete())


def of_parameter(parameter: Parameter) -> Callable[[str], list[str]] | None:
    """What a recipe's parameter may be: one of its choices, or what is there now."""
    if offered := named.choices(parameter):
        return one_of(offered.values)
    if named.NAMESPACE in named.marks(parameter):
        return beginning(namespaces)
    if named.marks(parameter):
        return beginning(guests)
    if parameter.name == "bridge":
        return beginning(bridges)
    return beginning(links) if parameter.name in ("uplink", "parent", "nic", "interface") else None


def one_of(values: Iterable[str]) -> Callable[[str], list[str]]:
    """Complete one of these."""
    return beginning(lambda: values)


def beginning(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Complete what is known when it is asked."""

    def found(incomplete: str) -> list[str]:
        with suppress(Exception):
            return sorted({each for each in known() if each.startswith(incomplete) and _PLAIN.match(each)})
        return []

    return found


def guests() -> list[str]:
    """The running containers and the named namespaces."""
    from bridgekit.facts.ask import reply

    found = [f"netns:{name}" for name in namespaces()]
    for engine, prefix in (("docker", ""), ("podman", "podman:")):
        code, said = reply(engine, "ps", "--format", "{{.Names}}", seconds=_SECONDS) or (1, "")
        found += [f"{prefix}{name}" for name in said.split() if not code]
    return found


def namespaces() -> list[str]:
    """The named namespaces."""
    return os.listdir(_NETNS)


def links() -> list[str]:
    """The links of this host."""
    return os.listdir(_LINKS)


def bridges() -> list[str]:
    """The bridges of this host."""
    return [name for name in links() if os.path.isdir(f"{_LINKS}/{name}/bridge")]


def runs() -> list[str]:
    """The runs in force, as far as this user may see."""
    from bridgekit.journal import STATE

    return [name for name in os.listdir(STATE) if not name.startswith(".")]
