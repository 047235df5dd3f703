"""A run, or the watch over runs, as a unit of systemd.  man 5 systemd.service, systemd.exec, systemd.unit."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from bridgekit import journal, names, upkeep
from bridgekit.errors import HostError
from bridgekit.journal import Run
from bridgekit.operations import Capture
from bridgekit.plan import Plan
from bridgekit.translation import tr

_PLAIN = re.compile(r"[\w@+=:,./-]+\Z", re.ASCII)
_SERVICES = {"docker": "docker.service", "podman": "podman-restart.service"}
_OUTWARD = ("parent", "uplink", "nic")  # parameters that name a card of the host
_ASKED_OUTWARD = ("Card", "Gateway", "Uplink")  # captures
# Not those that give it mounts of its own (ProtectSystem=, PrivateTmp= and the like): the names that `ip netns` knows
# are mounts, and would be seen by nobody else.
_CONFINED = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictRealtime=yes",
    "SystemCallArchitectures=native",
)


def of_watch(program: str, file: str | None = None) -> str:
    """The unit of `bridgekit watch`.

    program: bridgekit's absolute path.  file: the absolute path of what it shall read.  Raises HostError.
    """
    return _text(
        ("Description=Do bridgekit's runs again when their container starts", *_after(_SERVICES.values())),
        (
            "Type=exec",
            f"ExecStart={command(program, ['watch', *([file] if file else [])])}",
            "Restart=always",
            "RestartSec=1",
            "# What its runs have started goes on without it.",
            "KillMode=process",
            *_CONFINED,
        ),
        _SERVICES.values(),
    )


def of_run(name: str, program: str) -> str:
    """The unit of a run in force: it is done at the start, and taken back at the stop.

    program: bridgekit's absolute path.  Raises HostError and InputError.
    """
    (run,) = upkeep.chosen([name])
    plan = upkeep.plan_of(run)
    words = _words(run, plan)
    engines = [_SERVICES[kind] for kind in dict.fromkeys(guest.kind for guest in _guests(plan)) if kind in _SERVICES]
    online = ["network-online.target"] if _looks_outward(plan) else []
    return _text(
        (
            f"Description={escaped(f'bridgekit: the run {name}')}",
            *_after([*online, *engines, *(unit_name(each.name) for each in _before(run, plan))]),
            *(f"Wants={each}" for each in online),
            *(f"PartOf={each}" for each in engines),
        ),
        (
            "Type=oneshot",
            "RemainAfterExit=yes",
            f"ExecStart={command(program, words)}",
            f"ExecStop={command(program, ['undo', name])}",
            *_CONFINED,
        ),
        engines,
    )


def unit_name(name: str) -> str:
    """The file's name that a unit has: `bridgekit-RUN.service`."""
    return f"bridgekit-{name}.service"


def command(program: str, words: Sequence[str]) -> str:
    """A command line of a unit.  Raises HostError for a program that systemd would not start.

    In its path it looks for no variables, and wants no quotes and no backslash.
    """
    if re.search(r"[\"'\\\x00-\x1f\x7f]", program):
        raise HostError(tr("systemd starts no program of such a path: {0!r}", program), tr("install it elsewhere"))
    return " ".join((_word(program), *(_word(word).replace("$", "$$") for word in words)))


def _word(word: str) -> str:
    text = escaped(word)
    return text if _PLAIN.match(word) else f'"{text}"'


def escaped(text: str) -> str:
    """A text that systemd reads as it is: no specifier (%), no escape, and no second line."""
    told = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return "".join(char if char.isprintable() else _bytes(char) for char in told)


def _bytes(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode())


def _text(unit: Iterable[str], service: Iterable[str], wanted_by: Iterable[str]) -> str:
    install = f"WantedBy={' '.join(('multi-user.target', *wanted_by))}"
    sections = (("[Unit]", *unit), ("[Service]", *service), ("[Install]", install))
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _after(units: Iterable[str]) -> list[str]:
    return [f"After={' '.join(('network.target', *units))}"]


def _words(run: Run, plan: Plan) -> list[str]:
    """The command that does a run once more, without `bridgekit`.  Raises HostError where no command does."""
    words = shlex.split(run.command)
    own = {name: value for name, value in plan.variables.items() if value}
    if run.plan[1:2] == ("learn",) or words[:1] != ["bridgekit"]:
        raise HostError(tr("not a recipe's run: {0!r}", run.name), tr("a unit of your own can start its script"))
    if any(run.variables.get(name, value) != value for name, value in own.items()):
        raise HostError(
            tr("its script was started with variables: {0!r}", run.name), tr("a unit of your own can start its script")
        )
    return words[1:]


def _guests(plan: Plan) -> list[names.Guest]:
    return [names.guest(text.partition(",")[0]) for text in plan.guests]


def _looks_outward(plan: Plan) -> bool:
    """Whether it needs a card of the host, or the route through it."""
    given = any(plan.parameters.get(name) for name in _OUTWARD)
    return given or any(
        isinstance(step.operation, Capture) and step.operation.what in _ASKED_OUTWARD for step in plan.steps
    )


def _before(run: Run, plan: Plan) -> list[Run]:
    """The older runs in force that have a guest or a bridge in common with it: it may stand on them."""
    own = _shared(plan)
    return [each for each in journal.runs() if 0 < each.order < run.order and own & _shared_of(each)]


def _shared_of(run: Run) -> set[str]:
    try:
        return _shared(upkeep.plan_of(run))
    except HostError:
        return set()


def _shared(plan: Plan) -> set[str]:
    values = (plan.parameters.get(name) for name in ("bridge", "network"))
    return {f"guest {guest}" for guest in _guests(plan)} | {f"link {value}" for value in values if value}
