"""What a plan may not find out itself, because it never reads the machine; its command then says what was found."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from bridgekit.errors import HostError, InputError
from bridgekit.translation import tr

if TYPE_CHECKING:
    from bridgekit.facts.told import Told


def completed(arguments: dict[str, Any]) -> dict[str, Any]:
    """A procedure's arguments, those left open filled in from this host."""
    if "distro" in arguments and arguments["distro"] is None:
        from bridgekit.facts.distro import distro
        from bridgekit.recipes.distros import DISTROS

        arguments["distro"] = distro(DISTROS)
    if arguments.get("network") and arguments.get("made_by", "") is None:
        _find_network(arguments)
    if arguments.get("publish_all") and not arguments["expose"]:
        arguments["expose"] = _offered(arguments["guest"]) or None
    if "words" in arguments:
        arguments["words"] = _with_kind(arguments["words"])
    if isinstance(arguments.get("link"), list):  # of `leak` it is a subnet
        arguments["link"] = [_with_ports(text) for text in arguments["link"]]
    return arguments


def _with_kind(words: list[str]) -> list[str]:
    """pipework's words, with what its interface is where its name does not tell: a bridge, if the host says so."""
    from bridgekit.recipes.pipe_words import AND, VERBS

    if words[:1] and words[0] in VERBS:
        return words
    if AND in words:
        at = words.index(AND)
        return [*_with_kind(words[:at]), AND, *_with_kind(words[at + 1 :])]
    return _with_its_kind(words)


def _with_its_kind(words: list[str]) -> list[str]:
    """The same of one interface."""
    from bridgekit.recipes.pipe_words import read

    said = read(words)
    if said.kind:
        return words
    from bridgekit.facts.ask import objects  # a name that tells what it is need not wait for this

    found = next(objects("ip", "-j", "-d", "link", "show", "dev", said.link) or iter(()), {})
    kind = found.get("linkinfo", {}).get("info_kind", "")
    return ["--type", "bridge" if kind == "bridge" else "nic", *words] if found else words


def _find_network(arguments: dict[str, Any]) -> None:
    """What made a network: a run in force here, or else an engine, of whose own it is.

    Raises InputError for one on which nothing is put so.
    """
    from bridgekit.recipes.modes import is_mode
    from bridgekit.recipes.networks import usual

    name = arguments["network"]
    if is_mode(name):
        return
    words = usual(name).split()
    for command in _commands():
        if command[: len(words)] == words:
            arguments["made_by"] = shlex.join(command) if command != words else None
            return
    from bridgekit.facts.told import called

    guests = {str(arguments.get(key, "")).partition(":")[0] for key in ("guest", "guest_from", "guest_to")}
    # podman makes files of its own where it is asked for the first time: it is, where its containers are spoken of.
    told = called(name, ("podman", "docker") if "podman" in guests else ("docker",))
    if told is None or not told.bridge:
        return
    if told.engine == "podman":
        _use_bridge(arguments, told)
        return
    if "highest" in arguments and arguments["ip"] is None:
        arguments["highest"] = True
    made = _as_made(told, words)
    arguments["made_by"] = shlex.join(made) if made != words else None


def _use_bridge(arguments: dict[str, Any], told: Told) -> None:
    """podman's rules are none of Docker's: on its networks it is done as on a bridge."""
    if "bridge" not in arguments:
        raise InputError(
            tr("network {0!r} is podman's, whose rules are none of Docker's", told.name),
            f"bridgekit attach {arguments['guest']} ADDRESS --bridge {told.bridge}",
        )
    if "spec" in arguments:
        from bridgekit.recipes.networks import refuse_inside

        refuse_inside(told.internal, told.name)
    arguments.update(network=None, bridge=told.bridge)


def _as_made(told: Told, usual: list[str]) -> list[str]:
    """The command that makes the same network.  usual: its first words."""
    options = {"--icc": "" if told.icc else "false", "--ip-masq": "" if told.masquerade else "false"}
    if usual == ["docker0"]:
        options |= {"--mtu": str(told.mtu or ""), "--bridge": told.bridge if told.bridge != "docker0" else ""}
    else:
        ranges = {"--subnet": told.subnets, "--gateway": told.gateways, "--ip-range": told.pools}
        options |= {key: next((each for each in found if ":" not in each), "") for key, found in ranges.items()}
        options |= {"--bridge-name": told.bridge}
    words = [word for option, value in options.items() if value for word in (option, value)]
    return [*usual, *words, *(["--internal"] if told.internal else [])]


def _commands() -> list[list[str]]:
    """The commands of the runs in force, newest first, as words without those that every command may have."""
    from bridgekit import journal

    try:
        runs = journal.runs()
    except HostError:
        return []  # only root may read it; only root will run the script
    return [list(run.plan[1:]) for run in reversed(runs)]


def _with_ports(text: str) -> str:
    """A link with the ports that the other offers, if it names none."""
    from bridgekit.recipes.linking import links

    (link,) = links([text])
    ports = [] if link.ports else _offered(str(link.party.guest))
    return f"{link.party.guest}:{link.alias}:{','.join(ports)}" if ports else text


def _offered(guest: str) -> list[str]:
    """The ports that a guest offers: by the run that wired it, or by its engine."""
    from bridgekit.facts.guests import exposed
    from bridgekit.names import guest as checked
    from bridgekit.recipes import RECIPES, linking
    from bridgekit.recipes.reading import from_words

    for command in _commands():
        if command[:2] == ["wire", guest]:
            offered = linking.offered(from_words(RECIPES["wire"], command[1:]).parameters)
            if offered:
                return [str(port) for port in offered]
    return exposed(checked(guest))
